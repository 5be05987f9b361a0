import { createServer as createHttpServer } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, expect, it, jest } from '@jest/globals'
import type { LogSink } from '@hardening/logging'
import { listen, until, type Listening } from '@hardening/test-utils'
import { harden, type HardenOptions, type Kit } from '../src/index.js'
import { Refusals } from '../src/refusals.js'
import { versions } from './apps.js'
import { answersIn, converse } from './converse.js'

let server: Listening | undefined
let kit: Kit | undefined
afterEach(async () => {
  await server?.close()
  await kit?.close()
})

describe.each(versions)('the gate on %s', (_, express) => {
  async function start(
    options: HardenOptions = {},
    settings: (app: ReturnType<typeof express>) => void = () => {},
  ): Promise<{ lines: Record<string, unknown>[]; entered(): number }> {
    const lines: Record<string, unknown>[] = []
    const sink: LogSink = {
      write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>),
      flush: () => Promise.resolve(),
      close: () => Promise.resolve(),
    }
    const app = express()
    settings(app)
    const policies = [{ name: 'few', limit: 2, window: '1m' as const }]
    kit = harden(app, { log: { sink }, rateLimit: { policies }, staticPaths: ['/assets'], ...options })
    app.use((_req, res) => void res.send('ok'))
    const made = kit.createServer()
    server = await listen(made)
    const entered = (): number => lines.filter(({ message }) => message === 'request').length
    return { lines, entered }
  }
  const get = (path = '/', init?: RequestInit): Promise<Response> => fetch(`${server?.url}${path}`, init)

  it('[KI-1] answers who is over the limit before the application sees it, with headers and problem', async () => {
    const { lines, entered } = await start()
    for (let at = 0; at < 3; at++) await get()
    const before = entered()
    const refused = await get()
    expect(refused.status).toBe(429)
    expect(refused.headers.get('content-type')).toBe('application/problem+json')
    expect(refused.headers.get('x-content-type-options')).toBe('nosniff')
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    expect(await refused.json()).toMatchObject({ status: 429, 'violated-policies': ['few'] })
    expect(entered()).toBe(before)
    expect(lines.find(({ message }) => String(message).includes('before the application'))).toBeDefined()
  })

  it('[KI-1] refuses bodies, HEAD and many at once on one connection', async () => {
    await start()
    for (let at = 0; at < 3; at++) await get()
    const posts = Array.from({ length: 20 }, () => get('/', { method: 'POST', body: 'x'.repeat(10_000) }))
    expect((await Promise.all(posts)).map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 429))
    const head = await get('/', { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([429, ''])
  })

  it('[KI-1] lets probes and static files pass', async () => {
    await start()
    for (let at = 0; at < 4; at++) await get()
    expect((await get('/health/liveness')).status).toBe(200)
    expect((await get('/assets/page.css')).status).toBe(200)
    expect((await get()).status).toBe(429)
  })

  it('[KI-1] can be left out', async () => {
    const { entered } = await start({ gate: false })
    for (let at = 0; at < 5; at++) expect((await get()).status).toBe(at < 2 ? 200 : 429)
    expect(entered()).toBe(5)
  })

  /** Sends one after the other on one connection, the last of them asking for its end. */
  const wire = (requests: readonly string[], bodiless: readonly number[] = []) =>
    converse((server as Listening).port, requests.join('')).then((text) => answersIn(text, bodiless))
  const line = (method: string, more = '', version = '1.1') => `${method} / HTTP/${version}\r\nHost: x\r\n${more}\r\n`
  const last = line('GET', 'Connection: close\r\n')
  const exhaust = async (times = 3): Promise<void> => {
    for (let at = 0; at < times; at++) await get()
  }

  it('[KI-1] tells what a refusal in the application tells: limits, request id, date, how long to keep the connection', async () => {
    await start()
    await exhaust()
    const own = await get('/', { headers: { 'x-request-id': 'mine-1' } })
    expect(own.headers.get('x-request-id')).toBe('mine-1')
    const { headers } = await get('/', { headers: { 'x-request-id': 'not valid' } })
    expect(headers.get('x-request-id')).toMatch(/^[A-Za-z0-9._-]{32}$/)
    expect(headers.get('ratelimit')).toMatch(/^"few";r=0;t=\d+$/)
    expect(headers.get('ratelimit-policy')).toBe('"few";q=2;w=60')
    expect(headers.get('keep-alive')).toMatch(/^timeout=\d+, max=1000$/)
    expect(Math.abs(Date.parse(headers.get('date') as string) - Date.now())).toBeLessThan(120_000)
  })

  it('[KI-1] has the header fields that the application gives the same refusal', async () => {
    const names = async (gate: boolean): Promise<string[]> => {
      await start({ gate, cors: { origins: ['https://a.example'] } })
      await exhaust()
      const { headers, status } = await get('/', { headers: { origin: 'https://a.example' } })
      expect(status).toBe(429)
      await server?.close()
      await kit?.close()
      // What the application alone has: its own measuring, and how its error handler would have answered others.
      const own = new Set(['etag', 'server-timing', 'x-process-time', 'content-language'])
      return [...headers.keys()].filter((name) => !own.has(name)).sort()
    }
    const [gate, without] = [await names(true), await names(false)]
    expect(gate).toEqual(without)
  })

  it('[KI-1] keeps the order of what is pipelined, between answers of the application', async () => {
    await start()
    await exhaust(1)
    const probe = 'GET /health/liveness HTTP/1.1\r\nHost: x\r\n\r\n'
    const answers = await wire([line('GET'), line('GET'), line('GET'), probe, line('GET'), probe, last])
    expect(answers.map(({ status }) => status)).toEqual([200, 429, 429, 200, 429, 200, 429])
    for (const { status, body } of answers)
      expect(status === 429 ? JSON.parse(body) : body).toEqual(status === 429 ? expect.anything() : expect.any(String))
  })

  it('[KI-1] a refused body is read past, so that the connection goes on behind it', async () => {
    await start()
    await exhaust()
    const body = 'x'.repeat(200_000)
    const chunked = line('POST', 'Transfer-Encoding: chunked\r\n') + `30d40\r\n${body}\r\n0\r\n\r\n`
    const known = line('POST', `Content-Length: ${body.length}\r\n`) + body
    const waiting = line('PUT', 'Content-Length: 3\r\nExpect: 100-continue\r\n') + 'abc'
    const answers = await wire([chunked, known, waiting, known, last])
    expect(answers.map(({ status }) => status)).toEqual([429, 429, 100, 429, 429, 429])
  })

  it('[KI-1] answers HEAD with the head of GET alone', async () => {
    await start()
    await exhaust()
    const answers = await wire([line('HEAD'), line('GET'), line('HEAD'), last], [0, 2])
    expect(answers.map(({ status }) => status)).toEqual([429, 429, 429, 429])
    const length = (head: string): string | undefined => /content-length: (\d+)/i.exec(head)?.[1]
    const lengths = answers.map(({ head }) => length(head))
    expect(lengths).toEqual(lengths.map(() => String(answers[1]?.body.length)))
  })

  it('[KI-1] ends the connection where the client or HTTP/1.0 wants it ended', async () => {
    await start()
    await exhaust()
    const [closed] = await wire([last])
    expect(closed?.head.toLowerCase()).toContain('\r\nconnection: close')
    const [old] = await wire([line('GET', '', '1.0')])
    expect(old?.status).toBe(429)
    const [kept, after] = await wire([line('GET', 'Connection: keep-alive\r\n', '1.0'), last])
    expect([kept?.status, after?.status]).toEqual([429, 429])
    expect(kept?.head.toLowerCase()).toContain('\r\nconnection: keep-alive')
  })

  it('[KI-1] says what a draining server says, and what somebody has put on the response before', async () => {
    await start()
    await exhaust()
    server?.server.prependListener('request', (_req, res) => void res.setHeader('Connection', 'close'))
    const [answer, ...others] = await wire([line('GET')])
    expect(others).toEqual([])
    expect(answer?.head.toLowerCase()).toContain('\r\nconnection: close')
    expect(JSON.parse(answer?.body as string)).toMatchObject({ status: 429 })
  })

  it('[KI-1] ends a connection after as many requests as the server allows', async () => {
    await start()
    await exhaust()
    ;(server as Listening).server.maxRequestsPerSocket = 2
    const answers = await wire([line('GET'), line('GET'), last])
    expect(answers.map(({ status }) => status)).toEqual([429, 429, 503])
    expect(answers[1]?.head.toLowerCase()).toContain('\r\nconnection: close')
  })

  it('[KI-1] survives clients that go at once', async () => {
    await start()
    await exhaust()
    for (let at = 0; at < 30; at++) {
      await new Promise<void>((resolve) => {
        const socket = connect((server as Listening).port, '127.0.0.1', () => {
          socket.write(line('POST', 'Content-Length: 100\r\n') + line('GET'))
          socket.resetAndDestroy()
        })
        socket.on('close', () => resolve())
      })
    }
    const open = (): Promise<number> =>
      new Promise((resolve) => server?.server.getConnections((_error, count) => resolve(count)))
    expect((await get()).status).toBe(429)
    // What is left is the one that fetch keeps.
    await until(async () => (await open()) <= 2)
  })

  it('[KI-1] lets a page of an allowed origin read the refusal, and no other', async () => {
    await start({ cors: { origins: ['https://a.example'], credentials: true } })
    await exhaust()
    const allowed = (origin: string) => get('/', { headers: { origin } }).then(({ headers }) => headers)
    const a = await allowed('https://a.example')
    expect(a.get('access-control-allow-origin')).toBe('https://a.example')
    expect(a.get('access-control-allow-credentials')).toBe('true')
    expect(a.get('access-control-expose-headers')).toContain('Retry-After')
    expect(a.get('vary')).toContain('Origin')
    const b = await allowed('https://b.example')
    expect([b.get('access-control-allow-origin'), b.get('vary')]).toEqual([null, expect.stringContaining('Origin')])
    for (let at = 0; at < 250; at++) await allowed(`https://${at}.example`)
    expect((await allowed('https://a.example')).get('access-control-allow-origin')).toBe('https://a.example')
  })

  it('[KI-1] leaves preflights, and origins that a function decides on, to the application', async () => {
    const first = await start({ cors: { origins: ['https://a.example'] } })
    await exhaust()
    const preflight = { origin: 'https://a.example', 'access-control-request-method': 'PUT' }
    expect((await get('/', { method: 'OPTIONS', headers: preflight })).status).toBe(204)
    const before = first.entered()
    expect((await get('/', { method: 'OPTIONS' })).status).toBe(429)
    expect(first.entered()).toBe(before)
    await server?.close()
    await kit?.close()
    const asked: string[] = []
    const { entered } = await start({ cors: { origins: (origin) => asked.push(origin) > 0 } })
    await exhaust()
    const unasked = entered()
    expect((await get()).status).toBe(429)
    expect(entered()).toBe(unasked)
    const { status, headers } = await get('/', { headers: { origin: 'https://c.example' } })
    expect([status, headers.get('access-control-allow-origin'), asked.at(-1)]).toEqual([
      429,
      'https://c.example',
      'https://c.example',
    ])
  })

  it('[KI-1] refuses preflights too where the kit does not answer any', async () => {
    const { entered } = await start({ cors: false })
    await exhaust()
    const before = entered()
    const headers = { origin: 'https://a.example', 'access-control-request-method': 'PUT' }
    expect((await get('/', { method: 'OPTIONS', headers })).status).toBe(429)
    expect(entered()).toBe(before)
  })

  it.each<[string, HardenOptions, string | null]>([
    ['that is made for each page', {}, "default-src 'none'; frame-ancestors 'none'"],
    [
      'that never changes',
      {
        headers: {
          contentSecurityPolicy: { directives: { defaultSrc: ["'self'"] }, useDefaults: false, nonce: false },
        },
      },
      "default-src 'self'",
    ],
    ['that is left out', { headers: false }, null],
  ])('[KI-1] has the policy of content %s, as far as a refusal needs it', async (_what, options, policy) => {
    const { entered } = await start(options)
    await exhaust()
    const before = entered()
    expect((await get()).headers.get('content-security-policy')).toBe(policy)
    expect(entered()).toBe(before)
  })

  it('[KI-1] tells how many it has refused, at once and then every ten seconds', async () => {
    const { lines } = await start()
    await exhaust()
    const told = (): unknown[] =>
      lines.filter(({ message }) => String(message).includes('before the application')).map((one) => one['refused'])
    const now = jest.spyOn(Date, 'now')
    const began = Date.now()
    try {
      for (const after of [0, 1, 9999, 10_000, 10_001, 20_000]) {
        now.mockReturnValue(began + after)
        await get()
      }
    } finally {
      now.mockRestore()
    }
    expect(told()).toEqual([1, 3, 2])
  })

  it('[KI-1] knows clients behind a proxy that the application trusts', async () => {
    const { entered } = await start({}, (app) => void app.set('trust proxy', 1))
    const from = (address: string) => get('/', { headers: { 'x-forwarded-for': address } })
    for (let at = 0; at < 3; at++) await from('192.0.2.1')
    const before = entered()
    expect((await from('192.0.2.1')).status).toBe(429)
    expect(entered()).toBe(before)
    expect((await from('192.0.2.2')).status).toBe(200)
  })

  it.each<[string, () => string]>([
    ['makes no request id that is one', () => 'not an id'],
    [
      'throws',
      () => {
        throw new Error('no id')
      },
    ],
  ])('[KI-1] leaves it to the application where something fails: what %s', async (_what, fail) => {
    let made = 0
    const { entered } = await start({ context: { generate: () => (++made === 5 ? fail() : `id-${made}`) } })
    await exhaust()
    const before = entered()
    expect((await get()).status).toBe(429)
    expect(entered()).toBe(before + 1)
  })
})

describe('refusals', () => {
  const refusal = {
    status: 429,
    retryAfter: 9,
    head: 'HTTP/1.1 429 Too Many Requests\r\nContent-Type: application/problem+json\r\nContent-Length: 2\r\nRetry-After: 9\r\n',
    body: Buffer.from('{}'),
  } as const

  it('[KI-1] say the same where Node does not let them be written whole', async () => {
    const said: string[] = []
    for (const whole of [true, false]) {
      const refusals = new Refusals(
        [
          ['X-Fixed', 'a'],
          ['Retry-After', 'left to the refusal'],
        ],
        () => [['Vary', 'Origin']],
        whole,
      )
      server = await listen(
        createHttpServer((req, res) => refusals.write(refusals.answerFor(refusal, req, 0), req, res, 'id-1')),
      )
      const text = await converse(
        server.port,
        'GET / HTTP/1.1\r\nHost: x\r\n\r\nHEAD / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      )
      await server.close()
      const sorted = answersIn(text, [1]).map(({ head, body }) => [
        ...head
          .replaceAll(/Date: [^\r]+/g, 'Date: x')
          .split('\r\n')
          .sort(),
        body,
      ])
      said.push(JSON.stringify(sorted, undefined, 1))
    }
    expect(said[0]).toContain('X-Fixed: a')
    expect(said[0]).not.toContain('left to the refusal')
    expect(said[0]).toBe(said[1])
  })
})
