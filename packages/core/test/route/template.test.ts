import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, it } from '@jest/globals'
import type { NextFunction, Request, RequestHandler, Response } from 'express'
import { captureRoute, routeTemplate } from '../../src/route/index.js'
import { askAll, dialects, labelOf, labelsOf, observe, requestsOf, type Application } from './labels.js'

const answer = (_: Request, res: Response): void => void res.end('ok')
const pass = (_: Request, _res: Response, next: NextFunction): void => next()
const failWith =
  (status: number) =>
  (_: Request, _res: Response, next: NextFunction): void =>
    next(Object.assign(new Error('no'), { status }))

describe.each(dialects)('the route template on %s', (_, dialect) => {
  const { express } = dialect
  const labels = (build: (app: Application) => void, ...asks: string[]): Promise<string[]> =>
    labelsOf(dialect, build, ...asks)

  /** `/api/:tenant/v/:ver/users/:id`, over three routers. */
  function nested(app: Application, ...handlers: RequestHandler[]): void {
    const users = express.Router()
    users.get('/:id', ...handlers)
    const version = express.Router()
    version.use('/users', users)
    const tenant = express.Router()
    tenant.use('/v/:ver', version)
    app.use('/api/:tenant', tenant)
  }

  describe('of a mounted router', () => {
    it('[CO-3] names every param of the mounts and of the route', async () => {
      expect(await labels((app) => nested(app, answer), '/api/acme/v/2/users/7')).toEqual([
        '/api/:tenant/v/:ver/users/:id',
      ])
    })

    it('[CO-3] is one label whatever the values', async () => {
      const asks = [
        '/api/acme/v/1/users/1',
        '/api/ACME/v/2/users/2?x=1',
        '/API/v/v/v/USERS/users',
        '/api/a/v/b/users/c/',
      ]
      expect(new Set(await labels((app) => nested(app, answer), ...asks))).toEqual(
        new Set(['/api/:tenant/v/:ver/users/:id']),
      )
    })

    it('[CO-3] tells a value from the literal that it equals', async () => {
      const got = await labels(
        (app) => {
          const first = express.Router()
          first.get('/x', answer)
          const second = express.Router()
          second.get('/y', answer)
          app.use('/wildcard/:x', first)
          app.use('/:y/wildcard', second)
        },
        '/wildcard/wildcard/x',
        '/wildcard/wildcard/y',
      )
      expect(got).toEqual(['/wildcard/:x/x', '/:y/wildcard/y'])
    })

    it('[CO-3] is right for encoded values', async () => {
      const got = await labels((app) => nested(app, answer), '/api/a%20b%2Fc/v/%E2%82%AC/users/%41')
      expect(got).toEqual(['/api/:tenant/v/:ver/users/:id'])
    })

    it('[CO-3] gives one router mounted at two places both templates', async () => {
      const got = await labels(
        (app) => {
          const shared = express.Router()
          shared.get('/:id', answer)
          app.use('/users', shared)
          app.use('/tenants/:tenant/users', shared)
          const outer = express.Router()
          outer.use('/inner/:deep', shared)
          app.use('/outer', outer)
        },
        '/users/1',
        '/tenants/users/users/1',
        '/outer/inner/users/1',
        '/users/2',
      )
      expect(got).toEqual(['/users/:id', '/tenants/:tenant/users/:id', '/outer/inner/:deep/:id', '/users/:id'])
    })

    it('[CO-3] goes through mounts without a path, with a slash at the end, and with middleware beside', async () => {
      const got = await labels((app) => {
        const inner = express.Router()
        inner.get('/users/:id', answer)
        const bare = express.Router()
        bare.use(pass, inner)
        app.use('/v1/', pass, [pass, bare])
      }, '/v1/users/3')
      expect(got).toEqual(['/v1/users/:id'])
    })

    it('[CO-3] leaves out the slash of a router’s own root', async () => {
      const got = await labels(
        (app) => {
          const users = express.Router()
          users.get('/', answer)
          app.use('/users', users)
          app.get('/', answer)
        },
        '/users',
        '/users/',
        '/',
      )
      expect(got).toEqual(['/users', '/users', '/'])
    })

    it('[CO-3] is right with mergeParams and router.param, whatever they change', async () => {
      const got = await labels((app) => {
        const inner = express.Router({ mergeParams: true })
        inner.param('id', (req, _res, next) => {
          req.params['id'] = 'changed'
          req.params['tenant'] = 'changed'
          next()
        })
        inner.get('/:id', answer)
        app.use('/t/:tenant', inner)
      }, '/t/acme/9')
      expect(got).toEqual(['/t/:tenant/:id'])
    })

    it('[CO-3] keeps the case of a case-sensitive router', async () => {
      const got = await labels((app) => {
        const outer = express.Router({ caseSensitive: true, strict: true })
        const inner = express.Router({ caseSensitive: true, strict: true })
        inner.get('/List', answer)
        outer.use('/Users/:id', inner)
        app.use('/', outer)
      }, '/Users/Users/List')
      expect(got).toEqual(['/Users/:id/List'])
    })

    it('[CO-3] knows several params in one segment', async () => {
      const got = await labels(
        (app) => {
          const flights = express.Router()
          flights.get('/seats', answer)
          app.use('/flights/:from-:to', flights)
        },
        '/flights/from-to/seats',
        '/flights/a-a/seats',
      )
      expect(got).toEqual(['/flights/:from-:to/seats', '/flights/:from-:to/seats'])
    })

    it('[CO-3] shows no value of a param that a mount has twice', async () => {
      const got = await labels((app) => {
        const router = express.Router()
        router.get('/end', answer)
        app.use('/:a/x/:a', router)
      }, '/one/x/two/end')
      // Where Express keeps the last value alone, nothing tells what the first segment is.
      expect(got).toEqual([dialect.name.includes('5.2') ? '/*/end' : '/:a/x/:a/end'])
    })

    it('[CO-3] shows optional and wildcard mounts', async () => {
      const lang = dialect.optional('lang')
      const got = await labels(
        (app) => {
          const pages = express.Router()
          pages.get('/about', answer)
          app.use(`/p${lang}/pages`, pages)
          app.use(`/files/${dialect.splat('rest')}`, answer)
        },
        '/p/en/pages/about',
        '/p/pages/about',
        '/files/a/b/c.txt',
      )
      const without = dialect.name.includes('5.2')
        ? ['/p/:lang/pages', '/p/pages']
        : [`/p${lang}/pages`, `/p${lang}/pages`]
      expect(got).toEqual([...without.map((mount) => `${mount}/about`), `/files/${dialect.splat('rest')}`])
    })

    it('[CO-3] takes the member that matched of a mount with several paths', async () => {
      const got = await labels(
        (app) => {
          const router = express.Router()
          router.get('/x', answer)
          app.use(['/a/:first', '/b', '/:c/d'], router)
        },
        '/a/b/x',
        '/b/x',
        '/b2/d/x',
      )
      expect(got).toEqual(['/a/:first/x', '/b/x', '/:c/d/x'])
    })

    it('[CO-3] shows a mount by expression in its source form, or as a wildcard where Express has forgotten it', async () => {
      const got = await labels(
        (app) => {
          const router = express.Router()
          router.get('/x', answer)
          app.use(/^\/r(\d+)/, router)
        },
        '/r1/x',
        '/r22/x',
      )
      const label = dialect.name.includes('5.2') ? '/*/x' : '/^\\/r(\\d+)//x'
      expect(got).toEqual([label, label])
    })
  })

  describe('of a route', () => {
    it('[CO-3] is its path as written', async () => {
      const splat = `/files/${dialect.splat('rest')}`
      const optional = `/o${dialect.optional('x')}`
      const got = await labels(
        (app) => {
          app.get('/plain/', answer)
          app.get(splat, answer)
          app.get(optional, answer)
          app.route('/users/:id').post(answer)
        },
        '/plain',
        '/files/a/b',
        '/o',
        '/o/1',
        'POST /users/7',
      )
      expect(got).toEqual(['/plain/', splat, optional, optional, '/users/:id'])
    })

    it('[CO-3] is the source of an expression', async () => {
      const got = await labels(
        (app) => {
          const router = express.Router()
          router.get(/^\/ab+c$/, answer)
          app.get(/^\/ab+c$/, answer)
          app.use('/api/:x', router)
        },
        '/abbbc',
        '/api/1/abc',
      )
      expect(got).toEqual(['/^\\/ab+c$/', '/api/:x/^\\/ab+c$/'])
    })

    it('[CO-3] is the member that matched of several paths', async () => {
      const got = await labels(
        (app) => {
          const router = express.Router()
          router.get(['/one/:a', /^\/tw(o+)$/, ['/three', '/:four/end']] as string[], answer)
          app.use('/m/:tenant', router)
        },
        '/m/t/one/1?x',
        '/m/t/twooo',
        '/m/t/three',
        '/m/three/three/end',
      )
      expect(got).toEqual(['/m/:tenant/one/:a', '/m/:tenant/^\\/tw(o+)$/', '/m/:tenant/three', '/m/:tenant/:four/end'])
    })

    it('[CO-3] stays the route that matched when it passes on and nothing else answers', async () => {
      expect(await labels((app) => void app.get('/users/:id', pass), '/users/1')).toEqual(['/users/:id'])
    })

    it('[CO-3] gives way to a mount that answers after the route passed on', async () => {
      const got = await labels((app) => {
        app.get(/.*/, pass)
        app.use('/static', answer)
      }, '/static/a.css')
      expect(got).toEqual(['/static'])
    })
  })

  describe('on errors', () => {
    const boom = (): never => {
      throw new Error('boom')
    }

    it.each([
      ['throws', boom],
      ['calls next with the error', failWith(418)],
      [
        'fails later',
        (_req: Request, _res: Response, next: NextFunction) => void setImmediate(() => next(new Error('late'))),
      ],
    ])('[CO-3] is the same when the handler %s', async (__, handler) => {
      expect(await labels((app) => nested(app, handler as RequestHandler), '/api/api/v/v/users/users')).toEqual([
        '/api/:tenant/v/:ver/users/:id',
      ])
    })

    it('[CO-3] is the same when an error handler answers, mounted anywhere, or a later mount is passed by', async () => {
      const got = await labels((app) => {
        nested(app, boom)
        app.use('/api/acme/v', pass)
        app.use('/api', (error: Error, _: Request, res: Response, _next: NextFunction) => {
          res.status(500).end(error.message)
        })
      }, '/api/acme/v/2/users/7')
      expect(got).toEqual(['/api/:tenant/v/:ver/users/:id'])
    })

    it('[CO-3] is the same when the answer is a redirect', async () => {
      const got = await labels((app) => {
        nested(app, boom)
        app.use((_error: Error, _: Request, res: Response, _next: NextFunction) => res.redirect('/login'))
      }, '/api/acme/v/2/users/7')
      expect(got).toEqual(['/api/:tenant/v/:ver/users/:id'])
    })

    it('[CO-3] is the mount whose middleware failed', async () => {
      const got = await labels(
        (app) => {
          app.use('/api', pass)
          app.use('/api/:tenant', failWith(401))
          nested(app, answer)
        },
        '/api/acme/v/2/users/7',
        '/api/api',
      )
      expect(got).toEqual(['/api/:tenant', '/api/:tenant'])
    })

    it('[CO-3] is the mount whose nested middleware failed', async () => {
      const got = await labels((app) => {
        const tenant = express.Router()
        tenant.use('/v/:ver', failWith(403))
        app.use('/api/:tenant', tenant)
      }, '/api/v/v/v/users')
      expect(got).toEqual(['/api/:tenant/v/:ver'])
    })

    it('[CO-3] survives a path that cannot be decoded', async () => {
      expect(await labels((app) => nested(app, answer), '/api/%E0%A4%A/v/2/users/7')).toEqual(['unmatched'])
    })
  })

  describe('where no route matched', () => {
    it('[CO-3] is the mount that answered', async () => {
      const got = await labels(
        (app) => {
          app.use('/static', express.static(__dirname))
          app.use('/t/:tenant/assets', answer)
          app.use('/', pass)
        },
        '/static/template.test.ts',
        '/t/assets/assets/x',
        '/t/a/assets',
      )
      expect(got).toEqual(['/static', '/t/:tenant/assets', '/t/:tenant/assets'])
    })

    it('[CO-3] is `unmatched` for what fell through', async () => {
      const got = await labels(
        (app) => {
          nested(app, answer)
          app.use('/static', express.static(__dirname))
          app.use('/api', pass)
        },
        '/nothing',
        '/static/nothing',
        '/api/acme',
        '/api/acme/v/2/users',
        'POST /api/acme/v/2/users/7',
        '/',
      )
      expect(new Set(got)).toEqual(new Set(['unmatched']))
    })

    it('[CO-3] is `unmatched` for a 404 that a mounted handler answers', async () => {
      const got = await labels((app) => {
        app.use('/api/:tenant', (_: Request, res: Response) => void res.status(404).end())
      }, '/api/acme')
      expect(got).toEqual(['unmatched'])
    })

    it('[CO-3] is `unmatched` where middleware of the root answers', async () => {
      const got = await labels(
        (app) => {
          app.use('/api', pass)
          app.use(answer)
        },
        '/',
        '/api/users',
      )
      expect(got).toEqual(['unmatched', 'unmatched'])
    })

    it('[CO-3] is `unmatched` in an application without routes', async () => {
      expect(await labels(() => {}, '/')).toEqual(['unmatched'])
    })

    it('[CO-3] is the mount for the answer to OPTIONS that Express makes', async () => {
      expect(await labels((app) => nested(app, answer), 'OPTIONS /api/acme/v/2/users/7')).toHaveLength(1)
    })
  })

  describe('of mounted applications', () => {
    it('[CO-3] goes through applications in applications', async () => {
      const got = await labels(
        (app) => {
          const inner = express()
          inner.get('/users/:id', answer)
          inner.get('/fail/:id', failWith(500))
          inner.use('/m/:x', failWith(402))
          const outer = express()
          const router = express.Router()
          router.get('/r/:r', failWith(500))
          outer.use('/o/:b', inner)
          outer.use('/q', router)
          app.use('/other/:x', express())
          app.use('/sub/:a', outer)
          inner.set('env', 'test')
        },
        '/sub/sub/o/o/users/7',
        '/sub/1/o/2/fail/3',
        '/sub/1/o/2/m/3',
        '/sub/1/q/r/r',
        '/sub/1/none',
      )
      expect(got).toEqual([
        '/sub/:a/o/:b/users/:id',
        '/sub/:a/o/:b/fail/:id',
        // Which application it was in that failed before any route, Express does not tell.
        '/sub/:a',
        '/sub/:a/q/r/:r',
        'unmatched',
      ])
    })

    it('[CO-3] names the params of the right one of two applications that could both have been', async () => {
      const got = await labels(
        (app) => {
          const [first, second] = [express(), express()]
          first.get('/one', answer)
          second.get('/two', answer)
          app.use('/:first', first)
          app.use('/:second', second)
        },
        '/x/one',
        '/x/two',
      )
      expect(got[0]).toBe('/:first/one')
      // Express before 5.3 keeps nothing by which the two could be told apart.
      expect(got[1]).toBe(dialect.name.includes('5.2') ? '/:first/two' : '/:second/two')
    })

    it('[CO-3] sees an application that stands in a router, on errors too', async () => {
      const got = await labels(
        (app) => {
          const sub = express()
          sub.get('/users/:id', answer)
          sub.get('/fail/:id', failWith(500))
          const router = express.Router()
          router.use('/x/:y', sub)
          app.use('/r', router)
        },
        '/r/x/x/users/7',
        '/r/x/x/fail/7',
      )
      expect(got).toEqual(['/r/x/:y/users/:id', '/r/x/:y/fail/:id'])
    })

    it('[CO-3] sees the whole way where it is asked from inside a mounted application', async () => {
      const got: string[] = []
      const [app, sub] = [express(), express()]
      observe(sub, got, () => app)
      const users = express.Router()
      users.get('/:id', failWith(500))
      sub.use('/users', users)
      app.use('/t/:tenant', sub)
      dialect.finish(app)
      app.set('env', 'test')
      await askAll(app, ['/t/t/users/1', '/t/x/users/2'], got)
      expect(got).toEqual(['/t/:tenant/users/:id', '/t/:tenant/users/:id'])
    })
  })

  describe('of a router called from inside a function', () => {
    it('[CO-3] is right where only the routes stand in it', async () => {
      const got = await labels((app) => {
        const users = express.Router()
        users.get('/users/:id', failWith(500))
        app.use('/api/:tenant', (req, res, next) => users(req, res, next))
      }, '/api/api/users/users')
      expect(got).toEqual(['/api/:tenant/users/:id'])
    })

    it('[CO-3] maps params by their position, and never shows a value', async () => {
      const got = await labels(
        (app) => {
          const users = express.Router({ mergeParams: true })
          users.get('/:id', failWith(500))
          const version = express.Router({ mergeParams: true })
          version.use('/v/:ver/:rest', users)
          app.use('/api/:tenant', (req, res, next) => version(req, res, next))
        },
        '/api/acme/v/2/x%20y/7',
        '/api/api/v/v/v/v',
        '/api/x/v/1/2/1',
      )
      expect(new Set(got)).toEqual(new Set(['/api/:tenant/*/:ver/:rest/:id']))
    })

    it('[CO-3] shows wildcards for what no param explains, however long', async () => {
      const got = await labels(
        (app) => {
          const users = express.Router()
          users.get(['/a/:id', '/b/:id'], answer)
          const outer = express.Router()
          outer.use(['/t/:tenant', '/:x/:y/:z'], users)
          app.use((req, res, next) => outer(req, res, next))
        },
        '/t/acme/a/1',
        '/1/2/3/b/1',
      )
      expect(got).toEqual(['/*/a/:id|/b/:id', '/*/a/:id|/b/:id'])
    })

    it('[CO-3] gives 500 values one label', async () => {
      const app = express()
      captureRoute(requestsOf(app))
      const users = express.Router()
      users.get('/:id', answer)
      const outer = express.Router()
      outer.use('/:tenant', users)
      app.use((req, res, next) => outer(req, res, next))
      const got = new Set<string>()
      for (let at = 0; at < 500; at++) got.add(await labelOf(app, `/t${at}/${at}`))
      expect(got).toEqual(new Set(['/*/:id']))
    })
  })

  describe('as a whole', () => {
    it('[CO-3] gives 10,000 random paths one label', async () => {
      const app = express()
      captureRoute(requestsOf(app))
      nested(app, answer)
      const got = new Set<string>()
      for (let at = 0; at < 10_000; at++) {
        const req = Object.assign(new IncomingMessage(new Socket()), {
          url: `/${at.toString(36)}/${at}`,
          method: 'GET',
        })
        const res: unknown = { setHeader: () => {}, statusCode: 404 }
        await new Promise((resolve) => app(req as Request, res as Response, resolve))
        got.add(routeTemplate(req, app))
      }
      expect(got).toEqual(new Set(['unmatched']))
    })

    it('[CO-3] keeps two applications that share a router apart', async () => {
      const shared = express.Router()
      shared.get('/:id', answer)
      const build = (path: string) => (app: Application) => void app.use(path, shared)
      expect(await labels(build('/:tenant'), '/acme/1')).toEqual(['/:tenant/:id'])
      expect(await labels(build('/acme'), '/acme/1')).toEqual(['/acme/:id'])
      expect(await labels(build('/:other'), '/acme/1')).toEqual(['/:other/:id'])
    })

    it('[CO-3] sees what is mounted while the application runs', async () => {
      const shared = express.Router()
      shared.get('/:id', answer)
      const got = await labels(
        (app) => {
          app.use('/one', shared)
          app.get('/add', (_req, res) => {
            app.use('/two/two', pass)
            app.use('/two/:x', shared)
            dialect.finish(app)
            res.end()
          })
        },
        '/one/1',
        '/add',
        '/two/two/2',
      )
      expect(got).toEqual(['/one/:id', '/add', '/two/:x/:id'])
    })

    it('[CO-3] sees an application that ran on its own before it was mounted', async () => {
      const sub = express()
      captureRoute(requestsOf(sub))
      sub.get('/users/:id', answer)
      expect(await labelOf(sub, '/users/1')).toBe('/users/:id')
      const app = express()
      captureRoute(requestsOf(app))
      app.use('/t/:tenant', sub)
      dialect.finish(app)
      expect(await labelOf(app, '/t/t/users/1')).toBe('/t/:tenant/users/:id')
    })

    it('[CO-3] sees what is mounted in the place of something else', async () => {
      const router = express.Router()
      const mount = (path: string): void => {
        const inner = express.Router()
        inner.get('/x', answer)
        router.use(path, inner)
      }
      mount('/old/:a')
      const got = await labels(
        (app) => {
          app.use(router)
          app.get('/swap', (_req, res) => {
            router.stack.pop()
            mount('/new/:b')
            dialect.finish(app)
            res.end()
          })
        },
        '/old/1/x',
        '/swap',
        '/new/1/x',
        '/old/1/x',
      )
      expect(got).toEqual(['/old/:a/x', '/swap', '/new/:b/x', 'unmatched'])
    })

    it('[CO-3] is `unmatched` for a request that Express never had', () => {
      const req = new IncomingMessage(new Socket())
      expect(routeTemplate(req, undefined)).toBe('unmatched')
      expect(routeTemplate(req, express())).toBe('unmatched')
      expect(routeTemplate(req, {})).toBe('unmatched')
      expect(routeTemplate(req, 7)).toBe('unmatched')
    })

    it('[CO-3] never throws, whatever a request holds', () => {
      const app = express()
      const odd: object[] = [
        { route: { path: 7 } },
        { route: { path: [[], {}] }, baseUrl: 7 },
        { route: {}, baseUrl: '/x' },
        { route: 'x' },
        {
          get route(): never {
            throw new Error('mine')
          },
        },
        Object.freeze({}),
        new Proxy({}, { get: () => new Proxy({}, {}) }),
      ]
      for (const req of odd) expect(typeof routeTemplate(req, app)).toBe('string')
      expect(routeTemplate(undefined as never, app)).toBe('unmatched')
      expect(odd.slice(3).map((req) => routeTemplate(req, app))[1]).toBe('unmatched')
    })

    it('[CO-3] does not make the router of an application that has none', () => {
      const app = express()
      captureRoute(requestsOf(app))
      routeTemplate(new IncomingMessage(new Socket()), app)
      app.enable('case sensitive routing')
      app.get('/A', answer)
      const { router, _router } = (dialect.is4 ? { _router: (app as { _router?: unknown })._router } : app) as {
        router?: { caseSensitive: boolean }
        _router?: { caseSensitive: boolean }
      }
      expect((router ?? _router)?.caseSensitive).toBe(true)
    })
  })
})
