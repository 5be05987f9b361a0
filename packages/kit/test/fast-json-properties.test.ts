import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { listen, type Listening } from '@hardening/test-utils'
import type { Response as ExpressResponse } from 'express'
import fc from 'fast-check'
import { installFastJson } from '../src/fast-json.js'
import { createServer as createKitServer } from '../src/server.js'
import { versions } from './apps.js'
import { converse } from './converse.js'

/** One answer, as a route makes it. */
interface Act {
  readonly value: unknown
  readonly status: number
  readonly headers: readonly (readonly [string, string | string[]])[]
  readonly settings: Readonly<Record<string, unknown>>
}

/** Settings as Express has them by default, to go back to. */
const usual = { 'json spaces': undefined, 'json replacer': undefined, 'json escape': undefined, etag: 'weak' }

const ownTag = (body: Buffer): string => `"own-${createHash('md5').update(body).digest('hex')}"`
const dropNumbers = (_key: string, value: unknown): unknown => (typeof value === 'number' ? undefined : value)

class Money {
  readonly amount: unknown
  constructor(amount: unknown) {
    this.amount = amount
  }
  toJSON(key: string): unknown {
    return { key, amount: this.amount }
  }
}

const text = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }))
/** What JSON cannot say as it is: it is left out, or becomes null or text, or cannot be said at all. */
const odd = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    Number.NaN,
    -0,
    Infinity,
    Symbol('s'),
    () => 1,
    new Date(0),
    new Date(Number.NaN),
  ),
  fc.constantFrom<unknown>(
    new Map([[1, 2]]),
    new Set([1]),
    /x/,
    Buffer.from('bytes'),
    new Error('e'),
    10n,
    Object(10n),
  ),
  fc.constantFrom<unknown>(
    '\ud800',
    '\udc00x',
    'a\ud83d',
    '\u2028\u2029',
    '</script>&',
    '\u0000\u001f"\\',
    '😀',
    'é'.repeat(700),
  ),
  text.map((amount) => new Money(amount)),
  fc.constantFrom<unknown>({ toJSON: () => undefined }, { toJSON: () => 'text' }, Object.create(null)),
  fc.constant(null).map(() => {
    const cycle: Record<string, unknown> = {}
    cycle['self'] = { cycle }
    return cycle
  }),
)
const value = fc.oneof(
  { weight: 4, arbitrary: fc.jsonValue() },
  { weight: 2, arbitrary: odd },
  { weight: 2, arbitrary: text },
  { weight: 2, arbitrary: fc.dictionary(text, odd) },
  { weight: 1, arbitrary: fc.array(odd) },
)
const settings = fc.record(
  {
    'json spaces': fc.constantFrom<unknown>(0, 2, '\t', 20),
    'json replacer': fc.constantFrom<unknown>(['a', 'b'], dropNumbers),
    'json escape': fc.boolean(),
    etag: fc.constantFrom<unknown>('weak', 'strong', true, false, ownTag),
  },
  { requiredKeys: [] },
)
const headers = fc.subarray<readonly [string, string | string[]]>([
  ['Content-Type', 'application/vnd.api+json'],
  ['content-type', 'text/plain'],
  ['ETag', '"preset"'],
  ['ETag', 'W/"preset"'],
  ['Last-Modified', 'Sat, 21 Nov 2026 00:00:00 GMT'],
  ['Content-Length', '3'],
  ['Transfer-Encoding', 'chunked'],
  ['Cache-Control', 'no-store'],
  ['Set-Cookie', ['a=1', 'b=2']],
  ['Connection', 'close'],
  ['Date', 'Sat, 21 Nov 2026 00:00:00 GMT'],
])
const act: fc.Arbitrary<Act> = fc.record({
  value,
  status: fc.oneof({ weight: 4, arbitrary: fc.constant(200) }, fc.constantFrom(201, 204, 205, 206, 304, 404, 500)),
  headers: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, headers),
  settings: fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, settings),
})
const method = fc.constantFrom('GET', 'GET', 'HEAD', 'POST', 'DELETE')
const asked = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  fc.constantFrom(
    'If-None-Match: *\r\n',
    'If-None-Match: "preset"\r\n',
    'If-None-Match: W/"preset", "x"\r\n',
    'If-None-Match: MATCHING\r\n',
    'If-None-Match: MATCHING\r\nCache-Control: no-cache\r\n',
    'If-Modified-Since: Sat, 21 Nov 2026 00:00:00 GMT\r\n',
    'If-Match: "preset"\r\n',
    'Range: bytes=0-1\r\n',
    'Accept-Encoding: gzip\r\n',
  ),
)

describe.each(versions)('the fast res.json on %s', (_, express) => {
  let servers: Listening[] = []
  let now: Act
  let apps: ReturnType<typeof express>[] = []

  beforeEach(async () => {
    apps = []
    const send = (res: ExpressResponse): void => {
      res.status(now.status)
      for (const [name, header] of now.headers) res.setHeader(name, header)
      try {
        res.json(now.value)
      } catch (error) {
        if (!res.headersSent) res.status(500)
        for (const name of res.getHeaderNames()) res.removeHeader(name)
        res.end(`${(error as Error).name}: ${(error as Error).message}`)
      }
    }
    // Express as it is; with the fast way on a plain server, and on the kit's.
    servers = await Promise.all(
      [false, true, true].map((fast, at) => {
        const app = express()
        if (fast) installFastJson(app)
        app.use((_req, res) => send(res))
        apps.push(app)
        return listen(at === 2 ? createKitServer(app) : createServer(app))
      }),
    )
    for (const { server } of servers) server.maxRequestsPerSocket = 0
  })
  afterEach(() => Promise.all(servers.map((server) => server.close())))

  async function answers(request: string): Promise<string[]> {
    const texts = await Promise.all(servers.map(({ port }) => converse(port, request)))
    return texts.map((answer) => answer.replace(/Date: [^\r]+/, 'Date: x'))
  }

  it('[KI-1] sends the same bytes for any value, status, setting, header and condition', async () => {
    await fc.assert(
      fc.asyncProperty(act, method, asked, async (one, verb, more) => {
        now = one
        for (const app of apps)
          for (const [name, set] of Object.entries({ ...usual, ...one.settings })) app.set(name, set)
        const request = (lines: string): string =>
          `${verb} /path HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n${lines}\r\n`
        const first = await answers(request(''))
        const tag = /\r\nETag: ([^\r]+)/i.exec(first[0] as string)?.[1] ?? 'W/"0"'
        const second = more === '' ? first : await answers(request(more.replace('MATCHING', tag)))
        expect(first.slice(1)).toEqual([first[0], first[0]])
        expect(second.slice(1)).toEqual([second[0], second[0]])
      }),
      { numRuns: 150 },
    )
  })

  it('[KI-1] and for many answers one after the other on a connection', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue(), { minLength: 2, maxLength: 6 }), async (values) => {
        for (const app of apps) for (const [name, set] of Object.entries(usual)) app.set(name, set)
        now = { value: values, status: 200, headers: [], settings: {} }
        const each = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'
        const request = each.repeat(values.length) + each.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')
        const found = (await Promise.all(servers.map(({ port }) => converse(port, request)))).map((answer) =>
          answer.replaceAll(/(?:Date|Keep-Alive): [^\r]+/g, ''),
        )
        expect(found.slice(1)).toEqual([found[0], found[0]])
      }),
      { numRuns: 30 },
    )
  })

  it('[KI-1] asks a value for its JSON as often as Express does', async () => {
    for (const body of [{ a: 1 }, { a: [1, 2] }]) {
      const asks: number[] = []
      for (const { port } of servers) {
        let count = 0
        now = {
          value: { ...body, toJSON: () => (count++, body) },
          status: 200,
          headers: [],
          settings: {},
        }
        await converse(port, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
        asks.push(count)
      }
      expect(asks).toEqual([1, 1, 1])
    }
  })
})
