import { connect } from 'node:net'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from '@jest/globals'
import { ConfigError, HttpError, middleware } from '@hardening/core'
import type { LogSink } from '@hardening/logging'
import { listen, startRedis, until, type Listening } from '@hardening/test-utils'
import { createRedisConnections, harden, order, type HardenOptions, type Kit } from '../src/index.js'
import { versions } from './apps.js'

let server: Listening | undefined
let kit: Kit | undefined
afterEach(async () => {
  await server?.close()
  await kit?.close()
})

/** Keeps lines, so that no test writes to the terminal. */
function memorySink(): LogSink & { lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = []
  return {
    lines,
    write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>),
    flush: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }
}

describe.each(versions)('harden on %s', (_, express) => {
  async function start(
    options: HardenOptions = {},
    routes?: (app: ReturnType<typeof express>, kit: Kit) => void,
  ): Promise<LogSink & { lines: Record<string, unknown>[] }> {
    const sink = memorySink()
    const app = express()
    kit = harden(app, { log: { sink }, ...options })
    app.get('/items/:id', (req, res) => void res.json({ id: req.params['id'] }))
    routes?.(app, kit)
    server = await listen(kit.createServer())
    return sink
  }
  const get = (path: string, init?: RequestInit): Promise<Response> => fetch(`${server?.url}${path}`, init)

  it('[KI-1] puts every part in front of the routes, with safe defaults', async () => {
    const sink = await start()
    const { status, headers } = await get('/items/1')
    expect(status).toBe(200)
    for (const name of [
      'x-request-id',
      'content-security-policy',
      'x-content-type-options',
      'referrer-policy',
      'ratelimit',
      'ratelimit-policy',
      'server-timing',
    ]) {
      expect([name, headers.get(name)]).toEqual([name, expect.stringMatching(/./)])
    }
    expect(headers.get('x-powered-by')).toBeNull()
    expect((await get('/health')).status).toBe(200)
    expect(await (await get('/metrics')).text()).toContain(
      'http_requests_total{method="GET",route="/items/:id",status="200"} 1',
    )
    await until(() => sink.lines.length >= 1)
    expect(sink.lines[0]).toMatchObject({ message: 'request', route: '/items/:id', status: 200 })
  })

  it('[KI-1] runs its steps in the documented order, whatever the order of the options', async () => {
    await start({ threats: {}, hosts: ['127.0.0.1'], addresses: { deny: ['192.0.2.1'] }, https: false })
    const ranks = (kit as Kit).steps.map((name) => (order as readonly string[]).indexOf(name))
    expect(ranks).toEqual([...ranks].sort((a, b) => a - b))
    expect((kit as Kit).steps[0]).toBe('requestContext')
    expect((kit as Kit).steps.indexOf('trustedHosts')).toBeLessThan((kit as Kit).steps.indexOf('rateLimit'))
  })

  it.each<[keyof HardenOptions, string]>([
    ['accessLog', 'accessLog'],
    ['metrics', 'httpMetrics'],
    ['metricsEndpoint', 'metricsEndpoint'],
    ['health', 'health'],
    ['headers', 'secureHeaders'],
    ['limits', 'requestLimits'],
    ['cors', 'corsPolicy'],
    ['rateLimit', 'rateLimit'],
    ['csrf', 'csrfGuard'],
    ['timeout', 'requestTimeout'],
    ['compress', 'compress'],
    ['threats', 'detectThreats'],
  ])('[KI-1] leaves %s out where it is false', async (option, step) => {
    await start()
    expect((kit as Kit).steps).toContain(step)
    await server?.close()
    await kit?.close()
    await start({ [option]: false })
    expect((kit as Kit).steps).not.toContain(step)
    expect((await get('/items/1')).status).toBe(200)
  })

  it('[KI-1] [ME-3] trackers share the registry and its prefix, and have requests where asked to', async () => {
    await start({ metrics: { prefix: 'shop_' }, trackers: { requests: true, window: '1m' } }, (app, { trackers }) => {
      app.get('/price', (_req, res) => {
        trackers?.count('price_shown')
        res.json(trackers?.trackQuery('price', () => 7))
      })
    })
    expect((kit as Kit).steps).toContain('trackRequests')
    await (await get('/price')).text()
    await until(() => (kit as Kit).trackers?.summary().operations.length === 2)
    const { operations, events, windowMs } = (kit as Kit).trackers!.summary()
    expect(operations.map(({ name }) => name).sort()).toEqual(['GET /price', 'price'])
    expect([events, windowMs]).toEqual([[{ event: 'price_shown', count: 1 }], 60_000])
    const text = await (await get('/metrics')).text()
    for (const name of ['http_requests_total', 'business_events_total', 'alerts_firing', 'threats_total']) {
      expect(text).toContain(`# TYPE shop_${name} `)
    }
  })

  it('[KI-1] [ME-5] alerts watch what the metrics count, and tell the log', async () => {
    const rule = { metric: 'http_requests_total', aggregate: 'max', op: '>', threshold: 0 } as const
    const sink = await start({ alerts: { rules: [{ ...rule, name: 'Busy', summary: 'Somebody came.' }] } })
    await (await get('/items/1')).text()
    await until(() => sink.lines.length > 0)
    await (kit as Kit).alerts!.evaluate()
    expect((kit as Kit).alerts!.states()).toMatchObject([{ alert: 'Busy', state: 'firing' }])
    expect(sink.lines.at(-1)).toMatchObject({ level: 'warn', message: 'Alert Busy is firing: Somebody came.' })
  })

  it('[KI-1] [LO-5] Sentry gets a 5xx once with the service it comes from, alerts too, and is ended with the kit', async () => {
    const calls: [what: string, ...rest: unknown[]][] = []
    const call =
      (what: string) =>
      (...rest: unknown[]) =>
        void calls.push([what, ...rest])
    const ended = () => (calls.push(['close']), Promise.resolve(true))
    const sentry = { init: call('init'), captureMessage: call('message'), flush: ended, close: ended }
    const captureException = (error: unknown) => (calls.push(['error', (error as Error).message]), 'id')
    const rule = { metric: 'http_requests_total', aggregate: 'max', op: '>', threshold: 0 } as const
    const sink = await start(
      {
        service: { name: 'shop', version: '1.2.3', environment: 'staging' },
        sentry: { sentry: { ...sentry, captureException }, dsn: 'http://pub@127.0.0.1:1/42' },
        alerts: { rules: [{ ...rule, name: 'Busy', summary: 'Somebody came.' }] },
      },
      (app) =>
        app.get('/fails', () => {
          throw new Error('it failed')
        }),
    )
    expect(calls).toEqual([['init', expect.objectContaining({ release: '1.2.3', environment: 'staging' })]])
    await (await get('/fails')).text()
    await (await get('/nowhere')).text()
    await until(() => sink.lines.length >= 3)
    await (kit as Kit).alerts!.evaluate()
    await (kit as Kit).close()
    expect(calls.slice(1).map(([what, told]) => [what, told])).toEqual([
      ['error', 'it failed'],
      ['message', 'Busy: Somebody came.'],
      ['close', undefined],
    ])
    expect((kit as Kit).steps).toContain('sentryReporter')
  })

  it('[KI-1] leaves trackers and alerts out with the metrics, or by themselves; Sentry is off', async () => {
    await start({ metrics: false })
    expect([kit?.trackers, kit?.alerts, kit?.sentry]).toEqual([undefined, undefined, undefined])
    await server?.close()
    await kit?.close()
    await start({ trackers: false, alerts: false })
    expect([kit?.trackers, kit?.alerts]).toEqual([undefined, undefined])
    expect((await get('/items/1')).status).toBe(200)
  })

  it('[KI-1] hands each part its own options', async () => {
    await start({
      headers: { contentSecurityPolicy: { directives: { imgSrc: ['https://img.example.com'] } } },
      cors: { origins: ['https://app.example.com'] },
      rateLimit: { policies: [{ name: 'few', limit: 2, window: '1m' }] },
    })
    const origin = { headers: { origin: 'https://app.example.com' } }
    const { headers } = await get('/items/1', origin)
    expect(headers.get('content-security-policy')).toContain('https://img.example.com')
    expect(headers.get('access-control-allow-origin')).toBe('https://app.example.com')
    await get('/items/1')
    const limited = await get('/items/1', origin)
    expect(limited.status).toBe(429)
    expect(limited.headers.get('access-control-allow-origin')).toBe('https://app.example.com')
    expect(limited.headers.get('content-security-policy')).toContain('https://img.example.com')
    expect(limited.headers.get('content-type')).toContain('application/problem+json')
  })

  it('[KI-1] lets the origins of CORS change things, and no others', async () => {
    await start({ cors: { origins: ['https://app.example.com'] } }, (app) => {
      app.post('/items', (_req, res) => void res.status(201).end())
    })
    const post = (origin: string): Promise<Response> =>
      get('/items', { method: 'POST', headers: { origin, 'sec-fetch-site': 'cross-site' } })
    expect((await post('https://app.example.com')).status).toBe(201)
    expect((await post('https://evil.example.com')).status).toBe(403)
  })

  it.each(['*', ['*']])('[KI-1] who lets every origin read lets none of them change things: %j', async (origins) => {
    await start({ cors: { origins: origins as '*' } }, (app) => {
      app.post('/items', (_req, res) => void res.status(201).end())
    })
    const headers = { origin: 'https://any.example.com', 'sec-fetch-site': 'cross-site' }
    expect((await get('/items/1', { headers })).headers.get('access-control-allow-origin')).toBe('*')
    expect((await get('/items', { method: 'POST', headers })).status).toBe(403)
  })

  it('[KI-1] makes servers with time-outs against slow clients', async () => {
    await start()
    const made = (kit as Kit).createServer()
    expect(made.headersTimeout).toBeGreaterThan(0)
    expect(made.headersTimeout).toBeLessThanOrEqual(60_000)
    expect(made.requestTimeout).toBeGreaterThan(0)
  })

  it('[KI-1] refuses an app on which something is mounted already', () => {
    const app = express()
    app.get('/early', (req, res) => void res.end())
    expect(() => harden(app)).toThrow(ConfigError)
    expect(() => harden(app)).toThrow('before app.use() and routes')
  })

  it('[KI-1] refuses to be called twice on one app', () => {
    const app = express()
    kit = harden(app, { log: { sink: memorySink() } })
    expect(() => harden(app)).toThrow('hardened once only')
  })

  it('[KI-1] refuses what is no option, or none of a part, at creation', () => {
    expect(() => harden(express(), { csfr: false } as never)).toThrow('csfr')
    expect(() => harden(express(), { log: { sink: memorySink() }, cors: { origins: '*', credentials: true } })).toThrow(
      ConfigError,
    )
  })

  it('[KI-1] names all that is wrong with any of its parts in one error', () => {
    const wrong = {
      log: { sink: memorySink() },
      timeout: { timeout: 'soon' },
      limits: { urlLength: -1 },
      cors: { nope: 1 },
    }
    expect(() => harden(express(), wrong as never)).toThrow(
      /requestLimits\.urlLength[^]*corsPolicy\.nope[^]*requestTimeout\.timeout/,
    )
  })

  it('[KI-1] answers errors and what nothing serves, though no handler was mounted', async () => {
    const sink = await start({}, (app) => {
      app.get('/teapot', () => {
        throw new HttpError(418, 'Short and stout', { code: 'ERR_TEAPOT' })
      })
      app.get('/broken', () => {
        throw new Error('canary')
      })
    })
    const teapot = await get('/teapot')
    expect(await teapot.json()).toMatchObject({
      status: 418,
      code: 'ERR_TEAPOT',
      requestId: teapot.headers.get('x-request-id'),
    })
    const broken = await get('/broken')
    expect(broken.status).toBe(500)
    expect(await broken.text()).not.toContain('canary')
    expect(sink.lines.find(({ message }) => message === 'A request failed')).toBeDefined()
    const missing = await get('/nothing')
    expect(await missing.json()).toMatchObject({ status: 404 })
  })

  it('[KI-1] lets the error handlers of the app go first', async () => {
    await start({}, (app) => {
      app.get('/broken', () => {
        throw new Error('x')
      })
      app.use(((error, req, res, _next) => void res.status(599).end()) as import('express').ErrorRequestHandler)
    })
    expect((await get('/broken')).status).toBe(599)
  })

  it('[KI-1] leaves errors to the outer app where it is mounted in one', async () => {
    const inner = express()
    kit = harden(inner, { log: { sink: memorySink() } })
    const outer = express()
    outer.use('/inner', inner)
    outer.use((req, res) => void res.status(404).end('outer'))
    server = await listen(outer)
    expect(await (await get('/inner/nothing')).text()).toBe('outer')
  })

  it('[KI-1] can be told to leave errors alone', async () => {
    await start({ errors: false })
    expect((await get('/nothing')).headers.get('content-type')).toContain('text/html')
  })

  it('[KI-1] parses bodies with limits and detection behind them', async () => {
    const sink = await start({ threats: { mode: 'block' } }, (app, { body }) => {
      app.use('/echo', body({ limit: 1000 }))
      app.post('/echo', (req, res) => void res.json(req.body))
    })
    const post = (body: string, type = 'application/json'): Promise<Response> =>
      get('/echo', { method: 'POST', headers: { 'content-type': type }, body })
    expect(await (await post('{"a":1}')).json()).toEqual({ a: 1 })
    expect(await (await post('a=1', 'application/x-www-form-urlencoded')).json()).toEqual({ a: '1' })
    expect((await post('{"a":')).status).toBe(400)
    expect((await post(JSON.stringify('x'.repeat(2000)))).status).toBe(413)
    expect((await post("{\"name\":\"1' OR '1'='1' -- \"}")).status).toBe(403)
    expect(sink.lines.length).toBeGreaterThan(0)
  })

  it('[KI-1] leaves a body that the app wants for itself alone', async () => {
    await start({}, (app) => {
      app.post('/raw', express.raw({ type: '*/*' }), (req, res) => void res.send(String((req.body as Buffer).length)))
    })
    const raw = await get('/raw', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"a" : 1}',
    })
    expect(await raw.text()).toBe('9')
  })

  it('[KI-1] does not count static files against a limit', async () => {
    const policies = [{ name: 'few', limit: 1, window: '1m' as const }]
    await start({ staticPaths: ['/assets'], rateLimit: { policies } }, (app) => {
      app.get('/assets/:file', (_req, res) => void res.send('file'))
    })
    for (let at = 0; at < 5; at++) expect((await get('/assets/a.css')).status).toBe(200)
    expect((await get('/items/1')).status).toBe(200)
    expect((await get('/items/1')).status).toBe(429)
    expect((await get('/assets/a.css')).status).toBe(200)
  })

  it('[KI-1] answers probes under any host', async () => {
    await start({ hosts: ['example.com'] })
    const refused = await get('/items/1')
    expect([refused.status, refused.headers.get('content-type')]).toEqual([
      400,
      expect.stringContaining('problem+json'),
    ])
    expect((await get('/health/liveness')).status).toBe(200)
  })

  it('[KI-1] runs steps of the user behind its own', async () => {
    let seen = ''
    const own = middleware({ name: 'own', request: (x) => void (seen = x.context.requestId) })
    await start({ steps: [own] })
    const { headers } = await get('/items/1')
    expect(seen).toBe(headers.get('x-request-id'))
    expect((kit as Kit).steps.at(-1)).toBe('own')
  })

  it('[KI-1] counts what the parts tell on their channels', async () => {
    await start({ rateLimit: { policies: [{ name: 'few', limit: 1, window: '1m' }] }, gate: false })
    await get('/items/1')
    await get('/items/1')
    const shown = await (await get('/metrics')).text()
    expect(shown).toMatch(/rate_?limit\w*\{[^}]*outcome="limited"[^}]*\} 1/)
  })

  it('[KI-1] keeps two apps apart', async () => {
    const policies = [{ name: 'few', limit: 1, window: '1m' as const }]
    await start({ rateLimit: { policies } })
    const first = { server, kit }
    expect((await get('/items/1')).status).toBe(200)
    await start({ rateLimit: { policies } })
    expect((await get('/items/1')).status).toBe(200)
    expect(await (await get('/metrics')).text()).toContain('route="/items/:id",status="200"} 1')
    await first.server?.close()
    await first.kit?.close()
  })

  it('[KI-1] survives clients that go at once, and pipelining', async () => {
    const sink = await start()
    const { port } = server as Listening
    for (let at = 0; at < 20; at++) {
      const socket = connect(port, '127.0.0.1')
      socket.write('GET /items/1 HTTP/1.1\r\nHost: x\r\n\r\n')
      socket.destroy()
    }
    const socket = connect(port, '127.0.0.1')
    socket.write(
      'GET /items/1 HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(5) +
        'GET /items/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    )
    let text = ''
    socket.on('data', (chunk) => (text += String(chunk)))
    await once(socket, 'close')
    expect(text.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(6)
    expect(sink.lines.length).toBeGreaterThanOrEqual(6)
  })
})

describe('harden with Redis', () => {
  it('[KI-1] shares limits between processes, and goes on alone while Redis is away', async () => {
    const redis = await startRedis()
    const connections = createRedisConnections({ url: redis.url })
    const { guard } = connections.get('requests')
    await until(() => guard.available)
    const policies = [{ name: 'few', limit: 3, window: '1m' as const }]
    const [, express] = versions[0]!
    const made = [1, 2].map(() => {
      const app = express()
      const own = harden(app, { redis: guard, rateLimit: { policies }, log: { sink: memorySink() } })
      app.get('/', (req, res) => void res.end())
      return { app, own }
    })
    const servers = await Promise.all(made.map(({ app }) => listen(app)))
    try {
      const statuses: number[] = []
      for (let at = 0; at < 4; at++) statuses.push((await fetch(servers[at % 2]!.url)).status)
      expect(statuses).toEqual([200, 200, 200, 429])
      await redis.kill()
      await until(() => !guard.available)
      expect((await fetch(servers[0]!.url)).status).toBeLessThan(500)
    } finally {
      await Promise.all(servers.map((one) => one.close()))
      await Promise.all(made.map(({ own }) => own.close()))
      connections.close()
      await redis.stop()
    }
  })
})
