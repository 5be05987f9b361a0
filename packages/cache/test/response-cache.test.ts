import { request as httpRequest, type IncomingMessage } from 'node:http'
import { brotliDecompressSync } from 'node:zlib'
import { afterEach, describe, expect, it } from '@jest/globals'
import { channels, type CacheLookupMessage } from '@hardening/core'
import { FakeClock, listen, until, type Listening } from '@hardening/test-utils'
import type { Request, Response } from 'express'
import { compress, responseCache, type ResponseCacheMiddleware, type ResponseCacheOptions } from '../src/index.js'
import { versions, type Express } from './apps.js'

type Headers = Record<string, string>
interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: string
  readonly bytes: Buffer
}

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

function send(server: Listening, path: string, headers: Headers = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const req = httpRequest({ port: server.port, path, method, headers, agent: false }, (res) => {
      const chunks: Buffer[] = []
      res.on('data', (chunk: Buffer) => chunks.push(chunk))
      res.on('end', () => {
        const bytes = Buffer.concat(chunks)
        resolve({ status: res.statusCode ?? 0, headers: res.headers, body: bytes.toString(), bytes })
      })
      res.on('error', reject)
    })
    req.on('error', reject)
    req.end()
  })
}

describe.each(versions)('%s', (_name, express: Express) => {
  let calls: Request[] = []
  let clock: FakeClock
  let server: Listening
  let cache: ResponseCacheMiddleware

  /** An application whose only route does what the test says. */
  async function serve(
    route: (req: Request, res: Response) => unknown,
    options: ResponseCacheOptions = {},
  ): Promise<void> {
    calls = []
    clock = new FakeClock()
    cache = responseCache({ clock, ...options })
    const app = express()
    app.use(compress())
    app.use(cache)
    app.use((req, res, next) => {
      calls.push(req)
      Promise.resolve(route(req, res)).catch(next)
    })
    app.use((_error: unknown, _req: Request, res: Response, _next: unknown) => void res.status(500).send('broken'))
    server = await listen(app)
    // This one, not the one that a later call puts in its place.
    const [ownServer, ownCache] = [server, cache]
    open.push(() => ownServer.close())
    open.push(() => ownCache.close())
  }

  const ask = (path = '/', headers: Headers = {}, method = 'GET'): Promise<Answer> =>
    send(server, path, headers, method)

  /** A route that counts, with these headers. */
  const counted =
    (headers: Headers, status = 200) =>
    (_req: Request, res: Response): unknown =>
      res.status(status).set(headers).send(`body ${calls.length}`)

  /** How often the route ran for two equal requests. */
  async function runsFor(
    response: Headers,
    request: Headers = {},
    status = 200,
    options: ResponseCacheOptions = {},
  ): Promise<number> {
    await serve(counted(response, status), options)
    await ask('/', request)
    await ask('/', request)
    return calls.length
  }

  describe('storing (RFC 9111 section 3)', () => {
    it.each<[string, Headers, number]>([
      ['max-age', { 'Cache-Control': 'max-age=60' }, 1],
      ['s-maxage', { 'Cache-Control': 's-maxage=60' }, 1],
      ['s-maxage before max-age', { 'Cache-Control': 's-maxage=60, max-age=0' }, 1],
      ['s-maxage=0 before max-age', { 'Cache-Control': 's-maxage=0, max-age=60' }, 2],
      ['capitals', { 'Cache-Control': 'MAX-AGE=60' }, 1],
      ['a quoted value', { 'Cache-Control': 'max-age="60"' }, 1],
      ['a directive inside a quoted value', { 'Cache-Control': 'x="no-store, a", max-age=60' }, 1],
      ['a huge value', { 'Cache-Control': 'max-age=99999999999999999999' }, 1],
      ['a negative value', { 'Cache-Control': 'max-age=-5' }, 2],
      ['a fraction', { 'Cache-Control': 'max-age=5.5' }, 2],
      ['no number', { 'Cache-Control': 'max-age=soon' }, 2],
      ['the first of two', { 'Cache-Control': 'max-age=0, max-age=60' }, 2],
      ['Expires', { Expires: 'Thu, 01 Jan 2026 01:00:00 GMT' }, 1],
      ['Expires in the past', { Expires: 'Wed, 31 Dec 2025 01:00:00 GMT' }, 2],
      ['Expires: 0', { Expires: '0' }, 2],
      ['max-age before Expires', { 'Cache-Control': 'max-age=60', Expires: '0' }, 1],
      ['max-age=0 before Expires', { 'Cache-Control': 'max-age=0', Expires: 'Thu, 01 Jan 2026 01:00:00 GMT' }, 2],
      ['no-store', { 'Cache-Control': 'no-store, max-age=60' }, 2],
      ['no-store in capitals', { 'Cache-Control': 'No-Store, max-age=60' }, 2],
      ['private', { 'Cache-Control': 'private, max-age=60' }, 2],
      ['private for a field: the rest', { 'Cache-Control': 'private="x", max-age=60' }, 1],
      ['private for what is no field', { 'Cache-Control': 'private="a b", max-age=60' }, 2],
      ['no-cache', { 'Cache-Control': 'no-cache, max-age=60' }, 2],
      ['Set-Cookie, even public', { 'Cache-Control': 'public, max-age=60', 'Set-Cookie': 'a=1' }, 2],
      ['Vary: *', { 'Cache-Control': 'max-age=60', Vary: '*' }, 2],
      ['nothing at all', {}, 2],
      ['Last-Modified alone: a tenth of its age', { 'Last-Modified': 'Wed, 31 Dec 2025 00:00:00 GMT' }, 1],
      ['Pragma of a response means nothing', { Pragma: 'no-cache', 'Cache-Control': 'max-age=60' }, 1],
      ['must-understand with a known status', { 'Cache-Control': 'must-understand, no-store, max-age=60' }, 1],
      ['an Age beyond max-age', { 'Cache-Control': 'max-age=60', Age: '61' }, 2],
      ['an Age that is no number', { 'Cache-Control': 'max-age=60', Age: 'old' }, 1],
      ['a Date long ago', { 'Cache-Control': 'max-age=60', Date: 'Wed, 31 Dec 2025 00:00:00 GMT' }, 2],
      ['a nonce in a page', { 'Cache-Control': 'max-age=60', 'Content-Security-Policy': "script-src 'nonce-abc'" }, 2],
    ])('[CA-5] 2.6.9 %s: %j runs the route %i times', async (_what, headers, expected) => {
      expect(await runsFor(headers)).toBe(expected)
    })

    it.each<[number, number]>([
      [200, 1],
      [203, 1],
      [204, 1],
      [301, 1],
      [302, 1],
      [404, 1],
      [410, 1],
      [299, 1],
      [500, 1],
      [206, 2],
    ])('[CA-5] 2.6.9 status %i with max-age runs the route %i times', async (status, expected) => {
      expect(await runsFor({ 'Cache-Control': 'max-age=60' }, {}, status)).toBe(expected)
    })

    it('[CA-5] must-understand with an unknown status is not kept', async () => {
      expect(await runsFor({ 'Cache-Control': 'must-understand, max-age=60' }, {}, 299)).toBe(2)
    })

    it('[CA-5] ttl is for responses that say nothing', async () => {
      expect(await runsFor({}, {}, 200, { ttl: '1m' })).toBe(1)
      expect(await runsFor({ 'Cache-Control': 'no-store' }, {}, 200, { ttl: '1m' })).toBe(2)
      expect(await runsFor({}, {}, 500, { ttl: '1m' })).toBe(2)
    })

    it('[CA-5] half a response is none', async () => {
      await serve((_req, res) => {
        res.writeHead(200, { 'Cache-Control': 'max-age=60', 'Content-Length': '100' })
        res.write('half')
        setImmediate(() => res.destroy())
      })
      await expect(ask()).rejects.toThrow()
      await expect(ask()).rejects.toThrow()
      expect(calls).toHaveLength(2)
    })

    it('[CA-5] a body beyond maxBodyBytes is sent whole and not kept', async () => {
      await serve((_req, res) => void res.set('Cache-Control', 'max-age=60').send('x'.repeat(5000)), {
        maxBodyBytes: 1000,
      })
      expect((await ask()).body).toHaveLength(5000)
      await ask()
      expect(calls).toHaveLength(2)
    })

    it('[CA-5] a streamed response is kept', async () => {
      await serve((_req, res) => {
        res.writeHead(200, { 'Cache-Control': 'max-age=60', 'Content-Type': 'text/plain' })
        res.write('one ')
        res.end('two')
      })
      expect((await ask()).body).toBe('one two')
      expect(await ask()).toMatchObject({ body: 'one two', headers: { 'content-length': '7' } })
      expect(calls).toHaveLength(1)
    })

    it('[CA-5] bytes stay what they are', async () => {
      const bytes = Buffer.from([0, 255, 254, 128, 10, 13])
      await serve((_req, res) => void res.set('Cache-Control', 'max-age=60').type('image/png').send(bytes))
      await ask()
      expect((await ask()).bytes).toEqual(bytes)
      expect(calls).toHaveLength(1)
    })

    it('[CA-5] headers of one connection or one answer are not kept (section 3.1)', async () => {
      await serve((_req, res) => {
        res.set({ 'Cache-Control': 'max-age=60', 'X-Own': String(calls.length), 'X-Hop': '1', Connection: 'X-Hop' })
        res.set('X-Request-Id', 'abc').send('x')
      })
      await ask()
      const { headers } = await ask()
      expect(headers).toMatchObject({ 'x-own': '1' })
      expect(headers).not.toHaveProperty('x-hop')
      expect(headers['x-request-id']).not.toBe('abc')
    })
  })

  describe('using (section 4)', () => {
    it('[CA-5] 2.6.9 Age grows, Date stays, and Cache-Status says what happened', async () => {
      await serve(counted({ 'Cache-Control': 'max-age=60' }))
      const first = await ask()
      expect(first.headers['cache-status']).toBe('responses; fwd=uri-miss; fwd-status=200; stored')
      expect(first.headers['age']).toBeUndefined()
      await clock.advance(7000)
      const second = await ask()
      expect(second).toMatchObject({
        status: 200,
        body: 'body 1',
        headers: { age: '7', date: 'Thu, 01 Jan 2026 00:00:00 GMT' },
      })
      expect(second.headers['cache-status']).toBe('responses; hit; ttl=53')
      await clock.advance(53_000)
      expect((await ask()).body).toBe('body 2')
    })

    it('[CA-5] Cache-Status of a cache before us stays in front', async () => {
      await serve(counted({ 'Cache-Control': 'max-age=60', 'Cache-Status': 'Origin; hit' }))
      expect((await ask()).headers['cache-status']).toMatch(/^Origin; hit, responses; fwd=/)
      expect((await ask()).headers['cache-status']).toMatch(/^Origin; hit, responses; hit/)
    })

    it('[CA-5] 2.6.9 variants by Vary (section 4.1), spaces left aside', async () => {
      await serve(
        (req, res) =>
          void res
            .set({ 'Cache-Control': 'max-age=60', Vary: 'Accept-Language' })
            .send(req.headers['accept-language'] ?? 'none'),
      )
      for (const language of ['de', 'en', undefined]) {
        const headers: Headers = language === undefined ? {} : { 'accept-language': language }
        await ask('/', headers)
        expect((await ask('/', headers)).body).toBe(language ?? 'none')
      }
      await ask('/', { 'accept-language': 'de,en' })
      await ask('/', { 'accept-language': 'de,  en' })
      expect(calls).toHaveLength(4)
      expect((await ask('/', { 'accept-language': 'fr' })).headers['cache-status']).toContain('fwd=vary-miss')
    })

    it('[CA-5] an origin that is named in the response is part of the key', async () => {
      await serve(
        (req, res) =>
          void res
            .set({ 'Cache-Control': 'max-age=60', 'Access-Control-Allow-Origin': String(req.headers.origin) })
            .send('x'),
      )
      await ask('/', { origin: 'https://a.example' })
      expect((await ask('/', { origin: 'https://b.example' })).headers['access-control-allow-origin']).toBe(
        'https://b.example',
      )
    })

    it('[CA-5] headers that applications take for their address are part of the key (poisoning)', async () => {
      await serve(
        (req, res) =>
          void res
            .set('Cache-Control', 'max-age=60')
            .send(`<a href="//${req.headers['x-forwarded-host'] ?? 'good.example'}">`),
      )
      await ask('/', { 'x-forwarded-host': 'evil.example' })
      expect((await ask()).body).toContain('good.example')
      await ask('/', { host: 'other.example' })
      expect(calls).toHaveLength(3)
    })

    it('[CA-5] query: parameters that do not count do not miss', async () => {
      await serve(counted({ 'Cache-Control': 'max-age=60' }), { query: ['page', 'size'] })
      await ask('/?page=1&size=2&utm=x')
      await ask('/?size=2&page=1&utm=y')
      expect(calls).toHaveLength(1)
      await ask('/?page=2')
      expect(calls).toHaveLength(2)
    })

    it('[CA-5] a URL of any length works', async () => {
      await serve(counted({ 'Cache-Control': 'max-age=60' }))
      await ask(`/${'a'.repeat(4000)}1`)
      await ask(`/${'a'.repeat(4000)}2`)
      await ask(`/${'a'.repeat(4000)}1`)
      expect(calls).toHaveLength(2)
    })

    it('[CA-5] 2.6.9 HEAD is answered from what GET got', async () => {
      await serve(counted({ 'Cache-Control': 'max-age=60' }))
      const got = await ask()
      const head = await ask('/', {}, 'HEAD')
      expect(head).toMatchObject({
        status: 200,
        body: '',
        headers: { 'content-length': got.headers['content-length'], etag: got.headers['etag'] },
      })
      expect(calls).toHaveLength(1)
    })

    it('[CA-5] what HEAD got answers no GET', async () => {
      await serve(counted({ 'Cache-Control': 'max-age=60' }))
      await ask('/', {}, 'HEAD')
      expect((await ask()).body).toBe('body 2')
    })

    it('[CA-5] a request with a body, and one with another method in it, go to the route', async () => {
      await serve(counted({ 'Cache-Control': 'max-age=60' }))
      await ask()
      await ask('/', { 'content-length': '0' })
      await ask('/', { 'x-http-method-override': 'DELETE' })
      expect(calls).toHaveLength(2)
    })
  })

  describe('validating (section 4.3)', () => {
    const tagged = { 'Cache-Control': 'max-age=60', ETag: '"v1"', 'Last-Modified': 'Wed, 31 Dec 2025 00:00:00 GMT' }

    it.each<[Headers, number]>([
      [{ 'if-none-match': '"v1"' }, 304],
      [{ 'if-none-match': 'W/"v1"' }, 304],
      [{ 'if-none-match': '"x", "v1"' }, 304],
      [{ 'if-none-match': '*' }, 304],
      [{ 'if-none-match': '"x"' }, 200],
      [{ 'if-none-match': '"x"', 'if-modified-since': 'Thu, 01 Jan 2026 00:00:00 GMT' }, 200],
      [{ 'if-modified-since': 'Wed, 31 Dec 2025 00:00:00 GMT' }, 304],
      [{ 'if-modified-since': 'Tue, 30 Dec 2025 00:00:00 GMT' }, 200],
      [{ 'if-modified-since': 'yesterday' }, 200],
    ])('[CA-5] 2.6.9 %j is answered with %i, without the route', async (headers, status) => {
      await serve(counted(tagged))
      await ask()
      const answer = await ask('/', headers)
      expect(answer.status).toBe(status)
      if (status === 304) {
        expect(answer.headers).toMatchObject({ etag: '"v1"', 'cache-control': 'max-age=60', age: '0' })
        expect(answer.headers).not.toHaveProperty('content-length')
      }
      expect(calls).toHaveLength(1)
    })

    it('[CA-5] a conditional request on a miss makes the route give the whole, which is kept, and gets its 304', async () => {
      await serve(counted(tagged))
      expect((await ask('/', { 'if-none-match': '"v1"' })).status).toBe(304)
      expect(calls[0]?.headers).not.toHaveProperty('if-none-match')
      expect((await ask()).body).toBe('body 1')
    })

    it('[CA-5] what is stale is validated by the route: 304 keeps the body and takes the new headers', async () => {
      await serve((_req, res) => void res.set({ ...tagged, 'X-Turn': String(calls.length) }).send('same body'))
      await ask()
      await clock.advance(61_000)
      const answer = await ask()
      expect(answer).toMatchObject({ status: 200, body: 'same body', headers: { 'x-turn': '2', age: '0' } })
      expect(answer.headers['cache-status']).toBe('responses; fwd=stale; fwd-status=304')
      expect(calls[1]?.headers['if-none-match']).toBe('"v1"')
      await clock.advance(10_000)
      expect(await ask()).toMatchObject({ headers: { 'x-turn': '2', age: '10' } })
      expect(calls).toHaveLength(2)
    })

    it('[CA-5] validated for a client that has it: 304', async () => {
      await serve((_req, res) => void res.set(tagged).send('same body'))
      await ask()
      await clock.advance(61_000)
      expect(await ask('/', { 'if-none-match': '"v1"' })).toMatchObject({ status: 304, body: '' })
      expect((await ask('/', { 'if-none-match': '"other"' })).body).toBe('same body')
    })

    it('[CA-5] a new response takes the place of the stale one', async () => {
      await serve(
        (_req, res) =>
          void res.set({ 'Cache-Control': 'max-age=60', ETag: `"v${calls.length}"` }).send(`body ${calls.length}`),
      )
      await ask()
      await clock.advance(61_000)
      expect((await ask()).body).toBe('body 2')
      expect((await ask()).body).toBe('body 2')
    })

    it('[CA-5] no-cache is kept, and validated before each use', async () => {
      await serve((_req, res) => void res.set({ 'Cache-Control': 'no-cache', ETag: '"v1"' }).send('x'))
      await ask()
      expect(await ask()).toMatchObject({ status: 200, body: 'x' })
      expect(calls[1]?.headers['if-none-match']).toBe('"v1"')
    })
  })

  describe('ranges (RFC 9110 section 14)', () => {
    const text = 'abcdefghij'
    const route = (_req: Request, res: Response): unknown =>
      res.set({ 'Cache-Control': 'max-age=60', ETag: '"r"' }).type('text').send(text)

    it.each<[string, number, string, string | undefined]>([
      ['bytes=0-2', 206, 'abc', 'bytes 0-2/10'],
      ['bytes=7-', 206, 'hij', 'bytes 7-9/10'],
      ['bytes=-3', 206, 'hij', 'bytes 7-9/10'],
      ['bytes=-30', 206, text, 'bytes 0-9/10'],
      ['bytes=8-99', 206, 'ij', 'bytes 8-9/10'],
      ['bytes=10-', 416, '', 'bytes */10'],
      ['bytes=-0', 416, '', 'bytes */10'],
      ['bytes=5-2', 200, text, undefined],
      ['bytes=0-1,2-4', 206, 'abcde', 'bytes 0-4/10'],
      ['bytes=0-9,0-9', 200, text, undefined],
      ['lines=1-2', 200, text, undefined],
    ])('[CA-5] Range: %s is answered with %i from the whole', async (range, status, body, contentRange) => {
      await serve(route)
      await ask()
      const answer = await ask('/', { range })
      expect(answer).toMatchObject({ status, body })
      expect(answer.headers['content-range']).toBe(contentRange)
      expect(calls).toHaveLength(1)
    })

    it('[CA-5] If-Range: the part for the same tag, else the whole', async () => {
      await serve(route)
      await ask()
      expect((await ask('/', { range: 'bytes=0-1', 'if-range': '"r"' })).status).toBe(206)
      expect((await ask('/', { range: 'bytes=0-1', 'if-range': '"x"' })).status).toBe(200)
      expect((await ask('/', { range: 'bytes=0-1', 'if-range': 'W/"r"' })).status).toBe(200)
    })
  })

  describe('what requests ask (section 5.2.1)', () => {
    it.each<[string, Headers, number, number]>([
      ['no-cache', { 'cache-control': 'no-cache' }, 0, 2],
      ['Pragma: no-cache', { pragma: 'no-cache' }, 0, 2],
      ['Pragma beside Cache-Control means nothing', { pragma: 'no-cache', 'cache-control': 'max-age=60' }, 0, 1],
      ['max-age that is enough', { 'cache-control': 'max-age=10' }, 5, 1],
      ['max-age that is not', { 'cache-control': 'max-age=10' }, 11, 2],
      ['min-fresh that is left', { 'cache-control': 'min-fresh=30' }, 20, 1],
      ['min-fresh that is not', { 'cache-control': 'min-fresh=30' }, 40, 2],
      ['max-stale', { 'cache-control': 'max-stale' }, 1000, 1],
      ['max-stale=100 after 150 s', { 'cache-control': 'max-stale=100' }, 150, 1],
      ['max-stale=100 after 170 s', { 'cache-control': 'max-stale=100' }, 170, 2],
      ['only-if-cached', { 'cache-control': 'only-if-cached' }, 0, 1],
    ])('[CA-5] %s: %j after %i s runs the route %i times in all', async (_what, headers, seconds, expected) => {
      await serve(counted({ 'Cache-Control': 'max-age=60' }))
      await ask()
      await clock.advance(seconds * 1000)
      await ask('/', headers)
      expect(calls).toHaveLength(expected)
    })

    it('[CA-5] max-stale does not beat must-revalidate, proxy-revalidate or s-maxage', async () => {
      for (const control of ['max-age=60, must-revalidate', 'max-age=60, proxy-revalidate', 's-maxage=60']) {
        await serve(counted({ 'Cache-Control': control }))
        await ask()
        await clock.advance(61_000)
        expect((await ask('/', { 'cache-control': 'max-stale' })).body).toBe('body 2')
      }
    })

    it('[CA-5] only-if-cached without anything cached is answered with 504', async () => {
      await serve(counted({ 'Cache-Control': 'max-age=60' }))
      expect((await ask('/', { 'cache-control': 'only-if-cached' })).status).toBe(504)
      expect(calls).toHaveLength(0)
    })

    it('[CA-5] no-store keeps nothing', async () => {
      expect(await runsFor({ 'Cache-Control': 'max-age=60' }, { 'cache-control': 'no-store' })).toBe(2)
    })

    it('[CA-5] clientDirectives: false leaves reloads unheard', async () => {
      expect(
        await runsFor({ 'Cache-Control': 'max-age=60' }, { 'cache-control': 'no-cache' }, 200, {
          clientDirectives: false,
        }),
      ).toBe(1)
    })
  })

  describe('stale (section 4.2.4, RFC 5861)', () => {
    it('[CA-5] stale-while-revalidate: the old one at once, the new one behind it', async () => {
      await serve(counted({ 'Cache-Control': 'max-age=60, stale-while-revalidate=30' }))
      await ask()
      await clock.advance(70_000)
      expect(await ask()).toMatchObject({ body: 'body 1', headers: { age: '70' } })
      await until(async () => (await ask()).body === 'body 2')
      expect(calls).toHaveLength(2)
      await clock.advance(100_000)
      expect((await ask()).body).toBe('body 3')
    })

    it.each([
      ['send', (res: Response) => void res.status(503).send('down')],
      ['throw', () => Promise.reject(new Error('down'))],
    ])('[CA-5] stale-if-error: the old one where the route fails (%s)', async (_how, fail) => {
      await serve((_req, res) =>
        calls.length === 1 ? res.set('Cache-Control', 'max-age=60, stale-if-error=600').send('good') : fail(res),
      )
      await ask()
      await clock.advance(70_000)
      const answer = await ask()
      expect(answer).toMatchObject({ status: 200, body: 'good' })
      expect(answer.headers['cache-status']).toMatch(/^responses; fwd=stale; fwd-status=50\d; detail=stale-if-error$/)
      await clock.advance(600_000)
      expect((await ask()).status).toBeGreaterThanOrEqual(500)
    })

    it('[CA-5] without stale-if-error, and with must-revalidate, a failure is a failure', async () => {
      for (const control of ['max-age=60', 'max-age=60, stale-if-error=600, must-revalidate']) {
        await serve((_req, res) =>
          calls.length === 1 ? res.set('Cache-Control', control).send('good') : res.status(503).send('down'),
        )
        await ask()
        await clock.advance(70_000)
        expect((await ask()).status).toBe(503)
      }
    })
  })

  describe('invalidating (section 4.4)', () => {
    it.each(['POST', 'PUT', 'DELETE', 'PATCH'])(
      '[CA-5] %s that went well forgets its URL, Location and Content-Location',
      async (method) => {
        await serve((req, res) => {
          if (req.method === 'GET') return counted({ 'Cache-Control': 'max-age=60' })(req, res)
          return res.set({ Location: '/b', 'Content-Location': 'c' }).send('done')
        })
        for (const path of ['/a', '/b', '/c', '/d']) await ask(path)
        await ask('/a', {}, method)
        const before = calls.length
        for (const path of ['/a', '/b', '/c', '/d']) await ask(path)
        expect(calls.slice(before).map((req) => req.originalUrl)).toEqual(['/a', '/b', '/c'])
      },
    )

    it("[CA-5] one that failed forgets nothing, and nobody else's URLs are touched", async () => {
      await serve((req, res) => {
        if (req.method === 'GET') return counted({ 'Cache-Control': 'max-age=60' })(req, res)
        return res
          .status(req.originalUrl === '/bad' ? 400 : 200)
          .set('Location', 'http://other.example/a')
          .send('x')
      })
      for (const path of ['/a', '/bad']) await ask(path)
      await ask('/bad', {}, 'POST')
      await ask('/ok', {}, 'POST')
      for (const path of ['/a', '/bad']) await ask(path)
      expect(calls.filter((req) => req.method === 'GET')).toHaveLength(2)
    })

    it('[CA-5] all variants of a URL are forgotten', async () => {
      await serve((req, res) =>
        req.method === 'GET' ? counted({ 'Cache-Control': 'max-age=60', Vary: 'X-V' })(req, res) : res.send('x'),
      )
      await ask('/', { 'x-v': '1' })
      await ask('/', { 'x-v': '2' })
      await ask('/', {}, 'POST')
      await ask('/', { 'x-v': '1' })
      await ask('/', { 'x-v': '2' })
      expect(calls).toHaveLength(5)
    })

    it('[CA-5] res.cacheTags names what deleteByTag forgets, also what was on its way', async () => {
      let release: (() => void) | undefined
      await serve(async (_req, res) => {
        res.cacheTags('products')
        if (calls.length === 2) await new Promise<void>((resolve) => (release = resolve))
        res.set('Cache-Control', 'max-age=60').send(`body ${calls.length}`)
      })
      await ask()
      await cache.cache.deleteByTag('products')
      const early = ask()
      await until(() => release !== undefined)
      await cache.cache.deleteByTag('products')
      release?.()
      await early
      expect((await ask()).body).toBe('body 3')
    })
  })

  describe('one for all, and none for another', () => {
    it('[CA-5] equal requests at one time run the route once', async () => {
      let release: (() => void) | undefined
      await serve(async (_req, res) => {
        await new Promise<void>((resolve) => (release = resolve))
        res.set('Cache-Control', 'max-age=60').send('x')
      })
      let arrived = 0
      server.server.on('request', () => arrived++)
      const all = Array.from({ length: 20 }, () => ask())
      await until(() => release !== undefined && arrived === 20)
      release?.()
      expect((await Promise.all(all)).map((answer) => answer.body)).toEqual(Array.from({ length: 20 }, () => 'x'))
      expect(calls).toHaveLength(1)
    })

    it('[CA-5] those that cannot share do not wait for one another for long', async () => {
      await serve((_req, res) => void res.set('Cache-Control', 'no-store').send(`body ${calls.length}`))
      const all = await Promise.all(Array.from({ length: 10 }, () => ask()))
      expect(new Set(all.map((answer) => answer.status))).toEqual(new Set([200]))
      expect(calls).toHaveLength(10)
    })

    it.each<[string, Headers]>([
      ['Authorization', { authorization: 'Bearer a' }],
      ['Cookie', { cookie: 'session=a' }],
      ['X-Api-Key', { 'x-api-key': 'a' }],
    ])('[CA-5] 2.6.9 a response to a request with %s is never kept unless it is public', async (_name, headers) => {
      expect(await runsFor({ 'Cache-Control': 'max-age=60' }, headers)).toBe(2)
      expect(await runsFor({ 'Cache-Control': 'max-age=60, must-revalidate' }, headers)).toBe(2)
      expect(await runsFor({}, headers, 200, { ttl: '1m' })).toBe(2)
      expect(await runsFor({ 'Cache-Control': 'public, max-age=60' }, headers)).toBe(1)
      expect(await runsFor({ 'Cache-Control': 's-maxage=60' }, headers)).toBe(1)
    })

    it('[CA-5] what an unknown visitor got is not given to somebody we know', async () => {
      await serve(counted({ 'Cache-Control': 'max-age=60' }))
      await ask()
      expect((await ask('/', { cookie: 'session=a' })).body).toBe('body 2')
      expect((await ask()).body).toBe('body 1')
    })

    it('[CA-5] partition keeps what one user may see for that user', async () => {
      await serve((req, res) => void res.set('Cache-Control', 'max-age=60').send(`for ${req.headers.cookie}`), {
        partition: (req) => req.headers.cookie,
      })
      for (const cookie of ['u=a', 'u=b', 'u=a', 'u=b']) expect((await ask('/', { cookie })).body).toBe(`for ${cookie}`)
      expect(calls).toHaveLength(2)
    })

    it('[CA-5] 2.6.10 1000 requests of many users: nobody ever sees what another one got', async () => {
      const controls = [
        'max-age=60',
        'max-age=60, must-revalidate',
        '',
        'no-cache',
        'max-age=0, stale-while-revalidate=60',
        'max-age=60, stale-if-error=60',
      ]
      await serve(
        (req, res) => {
          const who = req.headers.authorization ?? req.headers.cookie ?? 'nobody'
          const control = controls[Number(req.originalUrl.slice(2)) % controls.length] as string
          if (control !== '') res.set('Cache-Control', control)
          res.send(`for ${who}`)
        },
        { ttl: '1m' },
      )
      let seed = 42
      const random = (below: number): number => (seed = (seed * 16_807) % 2_147_483_647) % below
      const one = async (): Promise<void> => {
        const user = `u${random(5)}`
        const kind = random(3)
        const headers: Headers =
          kind === 0 ? {} : kind === 1 ? { cookie: `s=${user}` } : { authorization: `Bearer ${user}` }
        if (random(4) === 0) headers['if-none-match'] = '"x"'
        const answer = await ask(`/?${random(12)}`, headers)
        expect(answer.body).toBe(`for ${headers['authorization'] ?? headers['cookie'] ?? 'nobody'}`)
      }
      for (let round = 0; round < 50; round++) {
        await Promise.all(Array.from({ length: 20 }, one))
        await clock.advance(random(20_000))
      }
    }, 60_000)
  })

  describe('with the rest', () => {
    it('[CA-5] a hit is compressed once, however often it is sent', async () => {
      const text = 'words and words '.repeat(500)
      await serve((_req, res) => void res.set('Cache-Control', 'max-age=60').type('text').send(text))
      const headers = { 'accept-encoding': 'br' }
      await ask('/', headers)
      for (let n = 0; n < 3; n++) {
        const answer = await ask('/', headers)
        expect(answer.headers).toMatchObject({
          'content-encoding': 'br',
          'content-length': String(answer.bytes.length),
        })
        expect(brotliDecompressSync(answer.bytes).toString()).toBe(text)
      }
      expect((await ask()).body).toBe(text)
      expect(calls).toHaveLength(1)
    })

    it('[CA-7] tells of lookups with the request', async () => {
      const messages: CacheLookupMessage[] = []
      const listener = (message: CacheLookupMessage): unknown => messages.push(message)
      channels.cacheLookup.subscribe(listener)
      try {
        await serve(counted({ 'Cache-Control': 'max-age=60' }))
        await ask()
        await ask()
        await ask('/', { cookie: 'a=1' })
      } finally {
        channels.cacheLookup.unsubscribe(listener)
      }
      expect(messages.map(({ outcome, cache: name }) => `${name} ${outcome}`)).toEqual([
        'responses miss',
        'responses hit',
        'responses bypass',
      ])
      expect(messages[0]?.exchange).toBeDefined()
    })

    it('[CA-5] errors pass, and are not kept', async () => {
      await serve(() => Promise.reject(new Error('x')))
      expect((await ask()).status).toBe(500)
      expect((await ask()).status).toBe(500)
      expect(calls).toHaveLength(2)
    })
  })
})

describe('options', () => {
  it.each([
    [{ name: 'a b' }, 'name'],
    [{ ttl: 'long' }, 'ttl'],
    [{ cache: {} }, 'cache'],
    [{ query: 'a' }, 'query'],
    [{ partition: 5 }, 'partition'],
    [{ maxAge: 5 }, 'maxAge'],
  ])('[CA-5] %j is refused at creation', (options, option) => {
    expect(() => responseCache(options as never)).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG_INVALID', option }),
    )
  })
})
