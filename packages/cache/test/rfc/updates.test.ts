import { describe, expect, it } from '@jest/globals'
import { versions } from '../apps.js'
import { Site, type Lines } from '../http-harness.js'

const lastModified = 'Wed, 31 Dec 2025 00:00:00 GMT'

describe.each(versions)('%s, responseCache() as it comes', (_name, express) => {
  describe('storing fields (section 3.1)', () => {
    it.each<[string, string | string[]]>([
      ['X-Unknown', 'a'],
      ['Content-Type', 'application/json'],
      ['Content-Language', 'en'],
      ['Content-Location', '/a'],
      ['Content-Security-Policy', "default-src 'self'"],
      ['ETag', '"a"'],
      ['Last-Modified', lastModified],
      ['Expires', 'Mon, 11 Jan 2038 11:11:11 GMT'],
      ['Retry-After', '60'],
      ['Link', ['</a>; rel=preload', '</b>; rel=preload']],
      ['Date', 'Thu, 01 Jan 2026 00:00:00 GMT'],
      ['Vary', 'X-Own'],
    ])('[CA-5] RFC 9111 3.1 %s is kept as it was', async (name, value) => {
      const site = await Site.open(express, { headers: { 'Cache-Control': 'max-age=60', [name]: value } })
      const first = await site.ask()
      const second = await site.ask()
      expect(site.calls).toHaveLength(1)
      expect(second.headers[name.toLowerCase()]).toEqual(first.headers[name.toLowerCase()])
      expect(second.headers[name.toLowerCase()]).toBeDefined()
    })

    it.each(['Keep-Alive', 'Proxy-Authenticate', 'Proxy-Authentication-Info', 'Proxy-Connection', 'TE', 'Upgrade'])(
      '[CA-5] RFC 9111 3.1 %s is not kept',
      async (name) => {
        const site = await Site.open(express, { headers: { 'Cache-Control': 'max-age=60', [name]: 'own' } })
        await site.ask()
        expect((await site.ask()).headers[name.toLowerCase()]).not.toBe('own')
        expect(site.calls).toHaveLength(1)
      },
    )

    it('[CA-5] RFC 9111 3.1 what Connection names is not kept', async () => {
      const headers = { 'Cache-Control': 'max-age=60', Connection: 'close, x-a', 'X-A': '1', 'X-B': '2' }
      const site = await Site.open(express, { headers })
      await site.ask()
      const { headers: kept } = await site.ask()
      expect(kept).not.toHaveProperty('x-a')
      expect(kept).toHaveProperty('x-b', '2')
      expect(site.calls).toHaveLength(1)
    })

    it('[CA-5] RFC 9111 5.2.2.7 a field that is private is not kept, though the rest is', async () => {
      const headers = { 'Cache-Control': 'max-age=60, private="x-a, X-B"', 'X-A': '1', 'X-B': '2', 'X-C': '3' }
      const site = await Site.open(express, { headers })
      expect((await site.ask()).headers).toMatchObject({ 'x-a': '1', 'x-b': '2', 'x-c': '3' })
      const { headers: kept } = await site.ask()
      expect(kept).toHaveProperty('x-c', '3')
      expect(kept).not.toHaveProperty('x-a')
      expect(kept).not.toHaveProperty('x-b')
    })
  })

  describe('updating by 304 (sections 3.2 and 4.3.4)', () => {
    /** Kept, then stale, then validated, then used again. */
    async function validated(own: Lines, newer: Lines): Promise<[Lines, Lines]> {
      const site = await Site.open(express, (_req, turn) => ({
        status: turn === 1 ? 200 : 304,
        headers: { 'Cache-Control': 'max-age=2', ETag: '"a"', ...(turn === 1 ? own : newer) },
        body: 'the body',
      }))
      await site.ask()
      await site.wait(3)
      const second = await site.ask()
      const third = await site.ask()
      expect([second.status, second.body, third.status, third.body]).toEqual([200, 'the body', 200, 'the body'])
      expect(site.calls).toHaveLength(2)
      return [second.headers as Lines, third.headers as Lines]
    }

    it.each<[string, string, string]>([
      ['X-Unknown', 'old', 'new'],
      ['Cache-Control', 'max-age=1', 'max-age=3600'],
      ['Content-Type', 'text/plain', 'text/plain;charset=utf-8'],
      ['Content-Location', '/a', '/b'],
      ['Content-Security-Policy', "default-src 'self'", "default-src 'none'"],
      ['Expires', 'Fri, 01 Jan 2038 01:01:01 GMT', 'Mon, 11 Jan 2038 11:11:11 GMT'],
      ['X-Frame-Options', 'deny', 'sameorigin'],
    ])('[CA-5] RFC 9111 3.2 a 304 replaces %s', async (name, old, newer) => {
      for (const headers of await validated({ [name]: old }, { [name]: newer })) {
        expect(headers[name.toLowerCase()]).toBe(newer)
      }
    })

    it('[CA-5] RFC 9111 3.2 a 304 adds fields', async () => {
      for (const headers of await validated({}, { 'X-New': '1' })) expect(headers).toHaveProperty('x-new', '1')
    })

    it('[CA-5] RFC 9111 3.2 what a 304 leaves out stays', async () => {
      for (const headers of await validated({ 'X-Old': '1' }, {})) expect(headers).toHaveProperty('x-old', '1')
    })

    it('[CA-5] RFC 9111 3.2 a 304 does not change the length or the coding of the body', async () => {
      const own = { 'Content-Encoding': 'x-own' }
      for (const headers of await validated(own, { 'Content-Encoding': 'x-other' })) {
        expect(headers).toMatchObject({ 'content-length': '8', 'content-encoding': 'x-own' })
      }
    })

    it('[CA-5] RFC 9111 4.3.4 a 304 about something else updates nothing', async () => {
      const site = await Site.open(express, (_req, turn) => ({
        status: turn === 1 ? 200 : 304,
        headers: { 'Cache-Control': 'max-age=2', ETag: `"${turn}"`, 'X-Turn': String(turn) },
      }))
      await site.ask()
      await site.wait(3)
      expect((await site.ask()).headers).toMatchObject({ etag: '"1"', 'x-turn': '1' })
      await site.ask()
      expect(site.calls).toHaveLength(3)
    })

    it('[CA-5] RFC 9111 4.3.4 a weak tag is about what a weak one names', async () => {
      const [second] = await validated({ ETag: 'W/"a"' }, { ETag: 'W/"a"', 'X-New': '1' })
      expect(second).toHaveProperty('x-new', '1')
    })
  })

  describe('validating (sections 4.3.1 to 4.3.3)', () => {
    it('[CA-5] RFC 9111 4.3.1 asks by the entity tag and by Last-Modified', async () => {
      const headers = { 'Cache-Control': 'max-age=2', ETag: '"a"', 'Last-Modified': lastModified }
      const site = await Site.open(express, { headers })
      await site.ask()
      await site.wait(3)
      await site.ask()
      expect(site.calls[1]?.headers).toMatchObject({ 'if-none-match': '"a"', 'if-modified-since': lastModified })
    })

    it('[CA-5] RFC 9111 4.3.1 asks with its own condition, not with that of the client', async () => {
      const site = await Site.open(express, { headers: { 'Cache-Control': 'max-age=2', ETag: '"a"' } })
      await site.ask()
      await site.wait(3)
      await site.ask({ 'if-none-match': '"client"', 'if-modified-since': lastModified })
      expect(site.calls[1]?.headers['if-none-match']).toBe('"a"')
      expect(site.calls[1]?.headers).not.toHaveProperty('if-modified-since')
    })

    it('[CA-5] RFC 9111 4.3.3 a whole response takes the place of the stored one', async () => {
      const site = await Site.open(express, (_req, turn) => ({
        headers: { 'Cache-Control': 'max-age=2', ETag: `"${turn}"` },
      }))
      await site.ask()
      await site.wait(3)
      expect((await site.ask()).body).toBe('body 2')
      expect((await site.ask()).body).toBe('body 2')
      expect(site.calls).toHaveLength(2)
    })

    it('[CA-5] RFC 9111 4.3.3 an error of the origin goes to the client where nothing stale may be used', async () => {
      const site = await Site.open(express, (_req, turn) => ({
        status: turn === 1 ? 200 : 503,
        headers: turn === 1 ? { 'Cache-Control': 'max-age=2', ETag: '"a"' } : {},
      }))
      await site.ask()
      await site.wait(3)
      expect((await site.ask()).status).toBe(503)
    })

    it.each<[string, string, Lines, Lines, number]>([
      ['4.3.2', 'If-None-Match with the tag', { ETag: '"a"' }, { 'if-none-match': '"a"' }, 304],
      ['4.3.2', 'with another', { ETag: '"a"' }, { 'if-none-match': '"b"' }, 200],
      ['4.3.2', 'with the tag among others', { ETag: '"a"' }, { 'if-none-match': '"b", "a"' }, 304],
      ['4.3.2', 'on several lines', { ETag: '"a"' }, { 'if-none-match': ['"b"', '"a"'] }, 304],
      ['4.3.2', 'with a comma in the tag', { ETag: '"a,b"' }, { 'if-none-match': '"a,b"' }, 304],
      ['4.3.2', 'a part of the tag', { ETag: '"a,b"' }, { 'if-none-match': '"a"' }, 200],
      ['4.3.2', 'weak against strong', { ETag: '"a"' }, { 'if-none-match': 'W/"a"' }, 304],
      ['4.3.2', 'strong against weak', { ETag: 'W/"a"' }, { 'if-none-match': '"a"' }, 304],
      ['4.3.2', '*', { ETag: '"a"' }, { 'if-none-match': '*' }, 304],
      ['4.3.2', 'capitals differ', { ETag: '"a"' }, { 'if-none-match': '"A"' }, 200],
      [
        '4.3.2',
        'If-None-Match beats If-Modified-Since',
        { ETag: '"a"', 'Last-Modified': lastModified },
        { 'if-none-match': '"b"', 'if-modified-since': lastModified },
        200,
      ],
      [
        '4.3.2',
        'If-Modified-Since of the same',
        { 'Last-Modified': lastModified },
        { 'if-modified-since': lastModified },
        304,
      ],
      [
        '4.3.2',
        'If-Modified-Since, earlier',
        { 'Last-Modified': lastModified },
        { 'if-modified-since': 'Tue, 30 Dec 2025 00:00:00 GMT' },
        200,
      ],
      [
        '4.3.2',
        'as of RFC 850',
        { 'Last-Modified': lastModified },
        { 'if-modified-since': 'Wednesday, 31-Dec-25 00:00:00 GMT' },
        304,
      ],
      ['4.3.2', 'that is no date', { 'Last-Modified': lastModified }, { 'if-modified-since': 'now' }, 200],
      [
        '4.3.2',
        'without Last-Modified, Date stands for it',
        { Date: lastModified, 'Cache-Control': 'max-age=1000000' },
        { 'if-modified-since': 'Thu, 01 Jan 2026 00:00:00 GMT' },
        304,
      ],
      [
        '4.3.2',
        'a Date that is later',
        { Date: 'Thu, 01 Jan 2026 00:00:00 GMT' },
        { 'if-modified-since': lastModified },
        200,
      ],
    ])('[CA-5] RFC 9111 %s a fresh response and %s', async (_clause, _what, own, condition, status) => {
      const site = await Site.open(express, { headers: { 'Cache-Control': 'max-age=60', ...own }, body: 'x' })
      await site.ask()
      const answer = await site.ask(condition)
      expect(answer).toMatchObject({ status, body: status === 304 ? '' : 'x' })
      expect(site.calls).toHaveLength(1)
      if (status !== 304) return
      // RFC 9110 section 15.4.5.
      for (const name of ['etag', 'cache-control', 'date', 'vary'].filter((it) => own[it] !== undefined))
        expect(answer.headers).toHaveProperty(name)
      expect(answer.headers).not.toHaveProperty('content-length')
    })

    it('[CA-5] RFC 9111 4.3.2 If-Match and If-Unmodified-Since are left to the route', async () => {
      const site = await Site.open(express, { headers: { 'Cache-Control': 'max-age=60', ETag: '"a"' } })
      await site.ask()
      await site.ask({ 'if-match': '"b"' })
      await site.ask({ 'if-unmodified-since': lastModified })
      expect(site.calls.slice(1).map(({ headers }) => headers['if-match'] ?? headers['if-unmodified-since'])).toEqual([
        '"b"',
        lastModified,
      ])
    })
  })

  describe('freshening by HEAD (section 4.3.5)', () => {
    const get = { 'Cache-Control': 'max-age=2', ETag: '"a"', 'X-Turn': '1', 'Content-Length': '4' }

    async function afterHead(head: Lines): Promise<{ site: Site; answer: Awaited<ReturnType<Site['ask']>> }> {
      const site = await Site.open(express, (req) => ({ headers: req.method === 'HEAD' ? head : get, body: 'body' }))
      await site.ask()
      await site.wait(3)
      await site.ask({}, { method: 'HEAD' })
      return { site, answer: await site.ask() }
    }

    it('[CA-5] RFC 9111 4.3.5 a HEAD about the same makes it fresh and updates its fields', async () => {
      const { site, answer } = await afterHead({ ...get, 'X-Turn': '2', 'X-New': '1' })
      expect(answer).toMatchObject({ body: 'body', headers: { 'x-turn': '2', 'x-new': '1', age: '0' } })
      expect(site.calls).toHaveLength(2)
    })

    it.each<[string, Lines]>([
      ['another entity tag', { ...get, ETag: '"b"', 'Cache-Control': 'max-age=60' }],
      ['another length', { ...get, 'Content-Length': '5', 'Cache-Control': 'max-age=60' }],
      ['another Last-Modified', { ...get, 'Last-Modified': lastModified, 'Cache-Control': 'max-age=60' }],
    ])('[CA-5] RFC 9111 4.3.5 a HEAD with %s makes it stale', async (_what, head) => {
      const { site } = await afterHead(head)
      expect(site.calls.map(({ method }) => method)).toEqual(['GET', 'HEAD', 'GET'])
    })

    it('[CA-5] RFC 9111 4.3.5 a HEAD that says otherwise makes stale what was fresh', async () => {
      const site = await Site.open(express, (req) => ({
        headers: { ...get, 'Cache-Control': 'max-age=60', ETag: req.method === 'HEAD' ? '"b"' : '"a"' },
        body: 'body',
      }))
      await site.ask()
      await site.ask({ 'cache-control': 'no-cache' }, { method: 'HEAD' })
      await site.ask()
      expect(site.calls).toHaveLength(3)
    })

    it('[CA-5] RFC 9110 9.3.2 HEAD is answered from what GET got, and what HEAD got answers no GET', async () => {
      const site = await Site.open(express, { headers: { 'Cache-Control': 'max-age=60' }, body: 'body' })
      await site.ask({}, { method: 'HEAD' })
      expect(await site.ask()).toMatchObject({ status: 200, body: 'body' })
      expect(await site.ask({}, { method: 'HEAD' })).toMatchObject({ body: '', headers: { 'content-length': '4' } })
      expect(site.calls).toHaveLength(2)
    })
  })
})
