import { createServer as createHttpServer, IncomingMessage, ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { afterEach, describe, expect, it } from '@jest/globals'
import { listen, type Listening } from '@hardening/test-utils'
import { adoptListen, createServer, serverOptions } from '../src/server.js'
import { versions } from './apps.js'

let server: Listening | undefined
afterEach(() => server?.close())

describe.each(versions)('the server of %s', (_, express) => {
  it('[KI-1] makes requests and responses that Express need not change', async () => {
    const app = express()
    const server_ = createServer(app)
    let before: object[] = []
    let after: object[] = []
    server_.prependListener('request', (req, res) => {
      before = [Object.getPrototypeOf(req), Object.getPrototypeOf(res)]
    })
    app.get('/', (req, res) => {
      after = [Object.getPrototypeOf(req), Object.getPrototypeOf(res)]
      res.end()
    })
    server = await listen(server_)
    await fetch(server.url)
    expect(after[0]).toBe(before[0])
    expect(after[1]).toBe(before[1])
    expect(after).toEqual([app.request, app.response])
  })

  it('[KI-1] leaves all that an application can see as it is', async () => {
    const app = express()
    app.set('json spaces', 2)
    Object.assign(app.request, { early: 'early' })
    const server_ = createServer(app)
    Object.assign(app.response, { late: 'late' })
    const sub = express()
    sub.get('/', (req, res) => {
      res.json({
        sub: req.app === sub,
        parent: (sub as unknown as { parent: unknown }).parent === app,
        late: (res as unknown as { late: string }).late,
      })
    })
    app.use('/sub', sub)
    app.get('/', (req, res) => {
      res.json({
        instances: [req instanceof IncomingMessage, res instanceof ServerResponse],
        app: [req.app === app, res.app === app],
        each: [req.res === res, res.req === req],
        early: (req as unknown as { early: string }).early,
        late: (res as unknown as { late: string }).late,
        ip: req.ip,
        accepts: req.accepts('json'),
        own: Object.getPrototypeOf(req) === app.request,
      })
    })
    app.get('/error', () => {
      throw Object.assign(new Error('x'), { status: 418 })
    })
    app.set('env', 'test')
    server = await listen(server_)
    const body = await (await fetch(server.url)).text()
    expect(body.startsWith('{\n  "')).toBe(true)
    expect(JSON.parse(body)).toEqual({
      instances: [true, true],
      app: [true, true],
      each: [true, true],
      early: 'early',
      late: 'late',
      ip: '127.0.0.1',
      accepts: 'json',
      own: true,
    })
    expect(await (await fetch(`${server.url}/sub`)).json()).toEqual({ sub: true, parent: true, late: 'late' })
    expect((await fetch(`${server.url}/error`)).status).toBe(418)
    expect((await fetch(`${server.url}/nothing`)).status).toBe(404)
  })

  it('[KI-1] is what app.listen uses, with callback and port as ever', async () => {
    const app = express()
    adoptListen(app)
    let own = false
    app.get('/', (req, res) => {
      own = Object.getPrototypeOf(Object.getPrototypeOf(req)) !== null && req.constructor.name === 'ExpressRequest'
      res.end('ok')
    })
    const listening = await new Promise<ReturnType<typeof app.listen>>((resolve) => {
      const made = app.listen(0, '127.0.0.1', () => resolve(made))
    })
    const { port } = listening.address() as { port: number }
    expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe('ok')
    expect(own).toBe(true)
    listening.close()
    listening.closeAllConnections()
  })

  it('[KI-1] lets a server of the user own serve the same application', async () => {
    const app = express()
    serverOptions(app)
    app.get('/', (req, res) => void res.json({ ip: req.ip }))
    server = await listen(createHttpServer(app))
    expect(await (await fetch(server.url)).json()).toEqual({ ip: '127.0.0.1' })
  })

  it('[KI-1] gives the same options every time', () => {
    const app = express()
    expect(serverOptions(app)).toBe(serverOptions(app))
  })

  it('[KI-1] fits https', () => {
    const app = express()
    expect(() => createHttpsServer({ ...serverOptions(app) }, app)).not.toThrow()
  })
})

it('[KI-1] app.listen of Express 5 hands a taken port to its callback', async () => {
  const [, express] = versions[0]!
  server = await listen(createHttpServer())
  const app = express()
  adoptListen(app)
  const error = await new Promise<Error | undefined>((resolve) => {
    app.listen((server as Listening).port, '127.0.0.1', resolve)
  })
  expect(error).toMatchObject({ code: 'EADDRINUSE' })
})
