import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import { ConfigError, fuse, middleware, requestContext, stepsOf } from '@hardening/core'
import { FakeClock, listen, until, type Listening } from '@hardening/test-utils'
import {
  accessLog,
  createLogger,
  upgradeLog,
  type AccessLogOptions,
  type CreateLoggerOptions,
  type Logger,
} from '../src/index.js'
import { Lines, versions } from './support.js'

const servers: Listening[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

/** What the server sends on a connection until it ends it. */
async function exchangeRaw(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1')
  let answer = ''
  socket.on('data', (chunk) => (answer += String(chunk)))
  socket.write(text)
  await once(socket, 'close')
  return answer
}

describe.each(versions)('accessLog on %s', (_name, express) => {
  async function setUp(own: Partial<AccessLogOptions> = {}, log: CreateLoggerOptions = {}) {
    const sink = new Lines()
    const logger = createLogger({ service: 'shop', sink, clock: new FakeClock(), ...log })
    const clock = new FakeClock()
    const app = express()
    const steps = [requestContext(), accessLog({ logger, ...own })].flatMap((part) => [...stepsOf(part)])
    app.use(fuse(steps, { clock }))
    app.get('/orders/:id', (req, res) => {
      logger.debug('asked', { id: req.params.id })
      res.send('order')
    })
    app.get('/fails', (_req, res) => {
      logger.debug('before it failed')
      res.status(503).send('no')
    })
    app.get('/slow', (_req, res) => {
      logger.debug('before it was slow')
      void clock.advance(1_500).then(() => res.send('late'))
    })
    app.get('/hangs', () => undefined)
    app.get('/runs-out', (_req, _res, next) => {
      setTimeout(() => next(Object.assign(new Error('out of time'), { status: 503 })), 5)
    })
    app.get('/stream', (_req, res) => void res.write('first'))
    const server = await listen(app)
    servers.push(server)
    return { sink, logger, server, clock }
  }

  it('[LO-3] one line a request: method, path, route, status, duration, address, bytes, ids', async () => {
    const { sink, server } = await setUp()
    const answer = await fetch(`${server.url}/orders/7?full=1`, { headers: { 'x-request-id': 'r-7' } })
    expect(await answer.text()).toBe('order')
    await until(() => sink.all.length > 0)
    expect(sink.json).toEqual([
      {
        timestamp: '2026-01-01T00:00:00.000Z',
        level: 'info',
        message: 'request',
        requestId: 'r-7',
        traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
        service: 'shop',
        method: 'GET',
        path: '/orders/7',
        route: '/orders/:id',
        status: 200,
        durationMs: 0,
        ip: '127.0.0.1',
        bytes: 5,
      },
    ])
  })

  it('[LO-3] E4 exactly one line for GET, HEAD, 404, a failure and a refusal', async () => {
    const { sink, server } = await setUp()
    for (const [method, path] of [
      ['GET', '/orders/1'],
      ['HEAD', '/orders/1'],
      ['POST', '/nowhere'],
      ['GET', '/fails'],
    ] as const) {
      await (await fetch(`${server.url}${path}`, { method })).text()
    }
    await until(() => sink.json.filter(({ message }) => message === 'request').length === 4)
    const lines = sink.json.filter(({ message }) => message === 'request')
    expect(lines.map(({ method, status, route, level }) => [method, status, route, level])).toEqual([
      ['GET', 200, '/orders/:id', 'info'],
      ['HEAD', 200, '/orders/:id', 'info'],
      ['POST', 404, 'unmatched', 'info'],
      ['GET', 503, '/fails', 'error'],
    ])
  })

  it.each([
    ['before any answer', '/hangs', 499],
    ['in the middle of one', '/stream', 200],
  ])('[LO-3] E4 one line for a client that goes %s', async (_when, path, status) => {
    const { sink, server } = await setUp()
    const socket = connect(server.port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
    if (path === '/stream') await once(socket, 'data')
    else await once(server.server, 'request')
    socket.destroy()
    await until(() => sink.all.length > 0)
    expect(sink.json).toMatchObject([{ level: 'warn', status, aborted: true, ip: '127.0.0.1' }])
  })

  it('[LO-3] E4 one line for a request for an upgrade that the application answers', async () => {
    const { sink, server } = await setUp()
    const reply = await exchangeRaw(
      server.port,
      'GET /orders/1 HTTP/1.1\r\nHost: a\r\nConnection: close, Upgrade\r\nUpgrade: h2c\r\n\r\n',
    )
    expect(reply).toContain('HTTP/1.1 200')
    await until(() => sink.all.length > 0)
    expect(sink.json).toMatchObject([{ status: 200, path: '/orders/1', route: '/orders/:id' }])
  })

  it('[LO-3] E4 one line for an upgrade that is served, refused, or given up', async () => {
    const { sink, server, logger } = await setUp()
    const stop = () => (server.server.removeAllListeners('upgrade'), end())
    server.server.on('upgrade', (req: { url: string }, socket: Socket) => {
      socket.on('error', () => undefined).on('end', () => socket.destroy())
      socket.resume()
      if (req.url.startsWith('/chat')) socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\r\n')
      else if (req.url === '/hangs') socket.destroy()
      else socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n')
      socket.write('more')
    })
    const end = upgradeLog(server.server, logger)
    for (const path of ['/chat?token=hunter2', '/other', '/hangs']) {
      const socket = connect(server.port, '127.0.0.1')
      socket.on('error', () => undefined)
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: a\r\nX-Request-Id: r-1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
      )
      const before = sink.all.length
      await until(() => sink.all.length > before)
      socket.destroy()
    }
    stop()
    const line = { message: 'request', method: 'GET', route: 'upgrade', ip: '127.0.0.1', requestId: 'r-1' }
    expect(sink.json).toMatchObject([
      { ...line, path: '/chat', status: 101, level: 'info' },
      { ...line, path: '/other', status: 401, level: 'info' },
      { ...line, path: '/hangs', status: 499, level: 'warn', aborted: true },
    ])
    expect(server.server.listenerCount('upgrade')).toBe(0)
    expect(() => upgradeLog(server.server, logger)).toThrow(ConfigError)
  })

  it('[LO-3] E4 one line for a request that a time-out answers, and for one whose connection runs out of time', async () => {
    const { sink, server } = await setUp()
    server.server.setTimeout(50)
    await expect(fetch(`${server.url}/hangs`)).rejects.toThrow()
    await until(() => sink.all.length > 0)
    expect(sink.json).toMatchObject([{ status: 499, aborted: true, route: '/hangs' }])
    server.server.setTimeout(0)
    const { status } = await fetch(`${server.url}/runs-out`)
    await until(() => sink.all.length > 1)
    expect(status).toBe(503)
    expect(sink.json.slice(1)).toMatchObject([{ status: 503, path: '/runs-out', level: 'error' }])
  })

  it('[LO-3] sends X-Process-Time and Server-Timing, unless told not to', async () => {
    const { server } = await setUp()
    const { headers } = await fetch(`${server.url}/orders/1`)
    expect(headers.get('x-process-time')).toMatch(/^\d+\.\d\d$/)
    expect(headers.get('server-timing')).toMatch(/^app;dur=\d+\.\d\d$/)
    const quiet = await setUp({ timing: false })
    const plain = await fetch(`${quiet.server.url}/orders/1`)
    expect([plain.headers.get('x-process-time'), plain.headers.get('server-timing')]).toEqual([null, null])
  })

  it('[LO-3] slow requests stand out', async () => {
    const { sink, server } = await setUp()
    await (await fetch(`${server.url}/slow`)).text()
    await until(() => sink.last['message'] === 'request')
    expect(sink.last).toMatchObject({ level: 'warn', slow: true, durationMs: 1_500 })
  })

  it('[LO-3] skip and sampling leave out what went well, never what failed', async () => {
    let chance = 0.5
    const { sink, server } = await setUp({ skip: (x) => x.path === '/nowhere', sample: 0.4, random: () => chance })
    const ask = async (path: string) => (await fetch(`${server.url}${path}`)).text()
    await ask('/nowhere')
    await ask('/orders/1')
    chance = 0.3
    await ask('/orders/2')
    chance = 0.9
    await ask('/fails')
    await until(() => sink.last['path'] === '/fails')
    const lines = sink.json.filter(({ message }) => message === 'request')
    expect(lines.map(({ path }) => path)).toEqual(['/orders/2', '/fails'])
  })

  it('[LO-4] debug lines are written before the line of a request that fails', async () => {
    const { sink, server } = await setUp()
    await (await fetch(`${server.url}/fails`, { headers: { 'x-request-id': 'r-1' } })).text()
    await until(() => sink.all.length > 1)
    expect(sink.json).toMatchObject([
      { level: 'debug', message: 'before it failed', requestId: 'r-1' },
      { level: 'error', message: 'request', requestId: 'r-1' },
    ])
  })

  it('[LO-4] and of one that is slow; of one that goes well they are not', async () => {
    const { sink, server } = await setUp()
    await (await fetch(`${server.url}/slow`)).text()
    await (await fetch(`${server.url}/orders/1`)).text()
    await until(() => sink.last['path'] === '/orders/1')
    expect(sink.json.map(({ message }) => message)).toEqual(['before it was slow', 'request', 'request'])
  })

  it('[LO-2] hides secrets in paths, and lets no path forge a line', async () => {
    const { sink, server } = await setUp()
    await fetch(`${server.url}/reset/AKIAIOSFODNN7EXAMPLE`)
    await until(() => sink.all.length === 1)
    expect(sink.all[0]).not.toContain('AKIAIOSFODNN7EXAMPLE')
    await fetch(`${server.url}/a%0d%0a%1b[31m"},{"x`)
    await until(() => sink.all.length === 2)
    expect(sink.json).toHaveLength(2)
  })

  it('[LO-1] E7 has the names of ECS and OpenTelemetry', async () => {
    const ecs = await setUp({}, { format: 'ecs' })
    await fetch(`${ecs.server.url}/orders/1`)
    await until(() => ecs.sink.all.length > 0)
    expect(ecs.sink.last).toMatchObject({
      'log.level': 'info',
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'url.path': '/orders/1',
      'client.ip': '127.0.0.1',
      'event.duration': 0,
      'event.outcome': 'success',
    })
    const otel = await setUp({}, { format: 'otel' })
    await fetch(`${otel.server.url}/orders/1`)
    await until(() => otel.sink.all.length > 0)
    expect(otel.sink.last['attributes']).toMatchObject({
      'http.request.method': 'GET',
      'http.route': '/orders/:id',
      'url.path': '/orders/1',
      'http.response.status_code': 200,
      'client.address': '127.0.0.1',
    })
  })

  it('[LO-3] the template says the same as the other way', async () => {
    const fast = await setUp()
    const { requestId: _id, ...wanted } = fast.sink.last
    await fetch(`${fast.server.url}/orders/1`)
    const plain = new Lines()
    const other = createLogger({ service: 'shop', sink: plain, clock: new FakeClock() })
    const foreign = {
      log: other.log.bind(other),
      info: other.info.bind(other),
      isLevelEnabled: () => true,
    } as never as Logger
    const slow = await setUp({ logger: foreign })
    await fetch(`${slow.server.url}/orders/1`)
    await until(() => fast.sink.all.length > 0 && plain.all.length > 0)
    expect(wanted).toEqual({})
    const same = ({
      message,
      method,
      path,
      route,
      status,
      durationMs,
      ip,
      bytes,
      service,
    }: Record<string, unknown>) => ({
      message,
      method,
      path,
      route,
      status,
      durationMs,
      ip,
      bytes,
      service,
    })
    expect(same(fast.sink.last)).toEqual(same(plain.last))
  })
})

describe('accessLog', () => {
  const logger = createLogger({ sink: new Lines() })

  it('[LO-3] is one step', () => {
    const step = accessLog({ logger })
    expect([stepsOf(step).map(({ name }) => name), step.name]).toEqual([['accessLog'], 'accessLogMiddleware'])
    expect(stepsOf(middleware({ name: 'x' }))).toHaveLength(1)
  })

  it.each<[string, unknown]>([
    ['logger', {}],
    ['option', { logger, format: 'x' }],
    ['skip', { logger, skip: true }],
    ['sample', { logger, sample: 2 }],
    ['slow', { logger, slow: 'never' }],
    ['timing', { logger, timing: 'yes' }],
    ['random', { logger, random: 1 }],
  ])('[LO-3] refuses a wrong %s', (_what, options) => {
    expect(() => accessLog(options as AccessLogOptions)).toThrow(ConfigError)
  })
})
