import { afterEach, describe, expect, it } from '@jest/globals'
import { ConfigError, middleware, stepsOf } from '@hardening/core'
import {
  asyncHandler,
  asyncParam,
  ConflictError,
  errorHandler,
  NotFoundError,
  notFound,
  wrapRouter,
} from '../src/index.js'
import { ask, closeServers, serve, versions } from './support.js'

afterEach(closeServers)

const reject = async (): Promise<never> => {
  await Promise.resolve()
  throw new ConflictError('rejected')
}

type Next = (error?: unknown) => void

describe.each(versions)('asynchronous handlers on %s', (_, express) => {
  const conflict = { status: 409, detail: 'rejected' }

  describe('asyncHandler', () => {
    it('[ER-3] D5 answers the rejection of a route', async () => {
      const app = express()
      app.get('/', asyncHandler(reject))
      app.use(errorHandler())
      expect((await ask(app, '/')).json).toMatchObject(conflict)
    })

    it('[ER-3] D5 answers the rejection of an error handler', async () => {
      const app = express()
      app.get('/', (_req, _res, next) => next(new Error('first')))
      app.use(asyncHandler(async (_error: unknown, _req: unknown, _res: unknown, _next: Next) => reject()))
      app.use(errorHandler())
      expect((await ask(app, '/')).json).toMatchObject(conflict)
    })

    it('[ER-3] D5 answers the rejection of a param handler', async () => {
      const app = express()
      app.param(
        'id',
        asyncParam(async (_req: unknown, _res: unknown, _next: Next, _id: string) => reject()),
      )
      app.get('/:id', (_req, res) => void res.send('never'))
      app.use(errorHandler())
      expect((await ask(app, '/7')).json).toMatchObject(conflict)
    })

    it('[ER-3] answers rejections with nothing, and with the words that Express takes for commands', async () => {
      for (const reason of [undefined, null, 0, '', false, 'route', 'router']) {
        const app = express()
        app.get(
          '/',
          asyncHandler(() => Promise.reject(reason)),
        )
        app.use((_req, res) => void res.send('fell through'))
        app.use(errorHandler())
        expect((await ask(app, '/')).status).toBe(500)
      }
    })

    it('[ER-3] lets a handler that fulfils alone', async () => {
      const app = express()
      app.use(asyncHandler(async (_req: unknown, _res: unknown, next: Next) => next()))
      app.get(
        '/',
        asyncHandler(async (_req: unknown, res: { send(text: string): void }) => res.send('fine')),
      )
      expect((await ask(app, '/')).text).toBe('fine')
    })

    it('[ER-3] answers what is thrown at once', async () => {
      const app = express()
      app.get(
        '/',
        asyncHandler(() => {
          throw new NotFoundError()
        }),
      )
      app.use(errorHandler())
      expect((await ask(app, '/')).status).toBe(404)
    })
  })

  describe('wrapRouter', () => {
    function wrapped(build: (app: ReturnType<typeof express>) => void) {
      const app = wrapRouter(express())
      build(app)
      app.use(errorHandler())
      return app
    }

    it('[ER-3] D5 answers rejections of routes, middleware and chains', async () => {
      const app = wrapped((app) => {
        app.get('/route', reject)
        app.use('/middleware', reject)
        app
          .route('/chain')
          .get((_req, _res, next) => next())
          .get(reject)
        app.all('/all', reject)
        app.post('/list', [(_req: unknown, _res: unknown, next: Next) => next(), reject])
      })
      const server = await serve(app)
      for (const path of ['/route', '/middleware', '/chain', '/all']) {
        expect((await ask(server, path)).json).toMatchObject(conflict)
      }
      expect((await ask(server, '/list', { method: 'POST' })).json).toMatchObject(conflict)
    })

    it('[ER-3] D5 answers rejections of params', async () => {
      const app = wrapped((app) => {
        app.param('id', async () => reject())
        app.get('/:id', (_req, res) => void res.send('never'))
      })
      expect((await ask(app, '/7')).json).toMatchObject(conflict)
    })

    it('[ER-3] D5 answers rejections of error handlers', async () => {
      const app = wrapped((app) => {
        app.get('/', () => {
          throw new Error('first')
        })
        app.use(async (_error: unknown, _req: unknown, _res: unknown, _next: Next) => reject())
      })
      expect((await ask(app, '/')).json).toMatchObject(conflict)
    })

    it('[ER-3] D5 answers rejections in nested routers, filled before and after they are mounted', async () => {
      const inner = express.Router()
      inner.get('/before', reject)
      const outer = express.Router()
      outer.use('/inner', inner)
      const app = wrapped((app) => app.use('/outer', outer))
      inner.get('/after', reject)
      outer.param('id', async () => reject())
      outer.get('/param/:id', (_req, res) => void res.send('never'))
      const server = await serve(app)
      for (const path of ['/outer/inner/before', '/outer/inner/after', '/outer/param/7']) {
        expect((await ask(server, path)).json).toMatchObject(conflict)
      }
    })

    it('[ER-3] D5 answers rejections in mounted applications', async () => {
      const sub = express()
      sub.get('/before', reject)
      const app = wrapped((app) => app.use('/sub', sub))
      sub.get('/after', reject)
      const server = await serve(app)
      for (const path of ['/sub/before', '/sub/after']) expect((await ask(server, path)).json).toMatchObject(conflict)
    })

    it('[ER-3] D5 takes a router and an application that are full already, and holds a second time', async () => {
      const router = express.Router()
      router.get('/router', reject)
      const app = express()
      app.get('/', reject)
      app.use(wrapRouter(router))
      app.use(errorHandler())
      expect(wrapRouter(wrapRouter(app))).toBe(app)
      const server = await serve(app)
      for (const path of ['/', '/router']) expect((await ask(server, path)).json).toMatchObject(conflict)
    })

    it('[ER-3] leaves settings alone that are made afterwards', async () => {
      const app = wrapRouter(express())
      app.set('case sensitive routing', true)
      app.get('/Path', (_req, res) => void res.send('found'))
      app.use(notFound(), errorHandler())
      const server = await serve(app)
      expect((await ask(server, '/Path')).text).toBe('found')
      expect((await ask(server, '/path')).status).toBe(404)
    })

    it('[ER-3] leaves what works: answers, next, next(route), the steps of the toolkit, 405', async () => {
      const step = middleware({ name: 'limits' })
      const app = wrapped((app) => {
        app.use(step)
        app.get('/', (_req, _res, next) => next('route'))
        app.get('/', async (_req, res) => void res.send('second'))
        app.use(notFound())
      })
      const server = await serve(app)
      expect((await ask(server, '/')).text).toBe('second')
      expect((await ask(server, '/', { method: 'PUT' })).headers.allow).toBe('GET, HEAD, OPTIONS')
      const { _router } = app as never as { _router?: { stack: { handle: unknown }[] } }
      const stack = _router?.stack ?? app.router.stack
      expect(stack.some(({ handle }) => handle === step && stepsOf(handle).length === 1)).toBe(true)
    })
  })
})

describe('asyncHandler itself', () => {
  it('[ER-3] keeps name, number of parameters and what was noted on the handler', () => {
    const noted = Symbol('noted')
    const handler = Object.assign(function list(_error: unknown, _req: unknown, _res: unknown, _next: unknown) {}, {
      [noted]: 1,
    })
    const wrapped = asyncHandler(handler)
    expect([wrapped.name, wrapped.length, wrapped[noted]]).toEqual(['list', 4, 1])
    expect(asyncHandler(wrapped)).toBe(wrapped)
  })

  it('[ER-3] refuses what is no function, no router', () => {
    expect(() => asyncHandler(undefined as never)).toThrow(ConfigError)
    expect(() => asyncParam(1 as never)).toThrow(ConfigError)
    expect(() => wrapRouter({})).toThrow(ConfigError)
    expect(() => wrapRouter(null as never)).toThrow(ConfigError)
  })
})
