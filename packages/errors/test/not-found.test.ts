import { afterEach, describe, expect, it } from '@jest/globals'
import { stepsOf } from '@hardening/core'
import { errorHandler, notFound } from '../src/index.js'
import { ask, closeServers, serve, versions } from './support.js'

afterEach(closeServers)

describe.each(versions)('notFound on %s', (_, express) => {
  const ok = (_req: unknown, res: { send(text: string): unknown }): void => void res.send('ok')

  it('[ER-2] answers what matched nothing with 404', async () => {
    const app = express()
    app.get('/orders', ok)
    app.use(notFound(), errorHandler())
    const { status, json } = await ask(app, '/nothing')
    expect(status).toBe(404)
    expect(json).toMatchObject({ code: 'ERR_HTTP_NOT_FOUND', instance: '/nothing' })
    expect((await ask(app, '/orders')).text).toBe('ok')
  })

  it('[ER-2] answers 405 with Allow where the path has routes for other methods', async () => {
    const app = express()
    app.get('/orders/:id', ok)
    app.put('/orders/:id', ok)
    app.use(notFound(), errorHandler())
    const { status, headers, json } = await ask(app, '/orders/7', { method: 'DELETE' })
    expect(status).toBe(405)
    expect(headers.allow).toBe('GET, HEAD, OPTIONS, PUT')
    expect(json.code).toBe('ERR_HTTP_METHOD_NOT_ALLOWED')
  })

  it('[ER-2] looks into routers in routers, mounted with params, and at all paths of a route', async () => {
    const inner = express.Router()
    inner.post(['/lines', '/rows'], ok)
    const outer = express.Router()
    outer.use('/orders/:id', inner)
    const app = express()
    app.use('/api', outer)
    app.use(notFound(), errorHandler())
    const server = await serve(app)
    for (const path of ['/api/orders/7/lines', '/api/orders/8/rows?x=/']) {
      const { status, headers } = await ask(server, path, { method: 'PATCH' })
      expect([status, headers.allow]).toEqual([405, 'OPTIONS, POST'])
    }
    for (const path of ['/api/orders/7', '/orders/7/lines', '/apiorders/7/lines', '/api/orders/7/linesx']) {
      expect((await ask(server, path, { method: 'PATCH' })).status).toBe(404)
    }
  })

  it('[ER-2] answers 404 where a route of the method has passed the request on', async () => {
    const app = express()
    app.get('/orders', (_req, _res, next) => next())
    app.post('/orders', ok)
    app.all('/all', (_req, _res, next) => next())
    app.route('/chain').all((_req, _res, next) => next())
    app.use(notFound(), errorHandler())
    const server = await serve(app)
    expect((await ask(server, '/orders')).status).toBe(404)
    expect((await ask(server, '/orders', { method: 'HEAD' })).status).toBe(404)
    expect((await ask(server, '/all')).status).toBe(404)
    expect((await ask(server, '/chain')).status).toBe(404)
  })

  it('[ER-2] answers 400 where an escape in the path cannot be decoded', async () => {
    const app = express()
    app.post('/orders/:id', ok)
    app.use(notFound(), errorHandler())
    expect((await ask(app, '/orders/%zz', { method: 'POST' })).status).toBe(400)
  })

  it('[ER-2] works inside a mounted application', async () => {
    const sub = express()
    sub.get('/orders', ok)
    sub.use(notFound(), errorHandler())
    const app = express()
    app.use('/shop', sub)
    const server = await serve(app)
    expect((await ask(server, '/shop/orders', { method: 'PUT' })).status).toBe(405)
    expect((await ask(server, '/shop/nothing')).status).toBe(404)
  })

  it('[ER-2] works mounted at a path', async () => {
    const app = express()
    app.get('/api/orders', ok)
    app.use('/api', notFound())
    app.use(errorHandler())
    const server = await serve(app)
    expect((await ask(server, '/api/orders', { method: 'PUT' })).status).toBe(405)
    expect((await ask(server, '/api/x')).status).toBe(404)
  })

  it('[ER-2] does not look for other methods where methodNotAllowed is false', async () => {
    const app = express()
    app.get('/orders', ok)
    app.use(notFound({ methodNotAllowed: false }), errorHandler())
    expect((await ask(app, '/orders', { method: 'PUT' })).status).toBe(404)
  })

  it('[ER-2] disturbs no other request that is in the same layers', async () => {
    const app = express()
    app.post('/orders/:id', (req, res) => {
      setImmediate(() => res.send(req.params['id']))
    })
    app.use(notFound(), errorHandler())
    const server = await serve(app)
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_value, at) =>
        ask(server, `/orders/${at}`, { method: at % 2 === 0 ? 'POST' : 'PUT' }).then(({ status, text }) =>
          status === 200 ? text === String(at) : status === 405,
        ),
      ),
    )
    expect(answers.every(Boolean)).toBe(true)
  })
})

it('[ER-2] notFound is a step, named after its factory', () => {
  expect(notFound().name).toBe('notFoundMiddleware')
  expect(stepsOf(notFound())).toHaveLength(1)
})
