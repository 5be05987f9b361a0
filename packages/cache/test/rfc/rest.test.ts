import { describe, expect, it } from '@jest/globals'
import { until } from '@hardening/test-utils'
import { versions } from '../apps.js'
import { Site, type Lines } from '../http-harness.js'

const fresh = { 'Cache-Control': 'max-age=60' }

describe.each(versions)('%s, responseCache() as it comes', (_name, express) => {
  describe('using (section 4)', () => {
    it('[CA-5] RFC 9111 4 an answer from the cache has Age, and no other one has ours', async () => {
      const site = await Site.open(express, { headers: fresh })
      expect((await site.ask()).headers).not.toHaveProperty('age')
      await site.wait(7)
      expect((await site.ask()).headers.age).toBe('7')
    })

    it('[CA-5] RFC 9111 5.1 Age begins where that of the origin is', async () => {
      const site = await Site.open(express, { headers: { ...fresh, Age: '20' } })
      await site.ask()
      await site.wait(7)
      expect((await site.ask()).headers.age).toBe('27')
    })

    it('[CA-5] RFC 9111 4.2.3 Age is the apparent one where Date is older', async () => {
      const site = await Site.open(express, { headers: { ...fresh, Date: 'Wed, 31 Dec 2025 23:59:30 GMT' } })
      await site.ask()
      expect((await site.ask()).headers).toMatchObject({ age: '30', date: 'Wed, 31 Dec 2025 23:59:30 GMT' })
    })

    it('[CA-5] RFC 9111 4 the host is part of the key, in capitals or not', async () => {
      const site = await Site.open(express, { headers: fresh })
      await site.ask({ host: 'a.example' })
      await site.ask({ host: 'A.EXAMPLE' })
      expect(site.calls).toHaveLength(1)
      await site.ask({ host: 'b.example' })
      expect(site.calls).toHaveLength(2)
    })

    it.each(['OPTIONS', 'PROPFIND', 'REPORT'])('[CA-5] RFC 9111 2 %s goes to the route', async (method) => {
      const site = await Site.open(express, { headers: fresh })
      await site.ask()
      await site.ask({}, { method })
      await site.ask({}, { method })
      expect(site.calls).toHaveLength(3)
      await site.ask()
      expect(site.calls).toHaveLength(3)
    })

    it('[CA-5] RFC 9111 4.1 of several variants the one that was asked for', async () => {
      const site = await Site.open(express, (req) => ({
        headers: { ...fresh, Vary: 'Accept' },
        body: String(req.headers.accept),
      }))
      for (const accept of ['a', 'b', 'c', 'b', 'a', 'c']) expect((await site.ask({ accept })).body).toBe(accept)
      expect(site.calls).toHaveLength(3)
    })

    it('[CA-5] RFC 9111 5.2.1.7 only-if-cached where nothing is: 504', async () => {
      const site = await Site.open(express, { headers: fresh })
      expect((await site.ask({ 'cache-control': 'only-if-cached' })).status).toBe(504)
      await site.ask()
      await site.wait(61)
      expect((await site.ask({ 'cache-control': 'only-if-cached' })).status).toBe(504)
      expect(site.calls).toHaveLength(1)
    })

    it('[CA-5] RFC 9111 4 of two kept one after the other the newer is used', async () => {
      const site = await Site.open(express, { headers: fresh })
      await site.ask()
      await site.ask({ 'cache-control': 'no-cache' })
      expect((await site.ask()).body).toBe('body 2')
    })
  })

  describe('stale (RFC 5861)', () => {
    it('[CA-5] RFC 5861 3 within stale-while-revalidate the old one, and the new one behind it', async () => {
      const site = await Site.open(express, { headers: { 'Cache-Control': 'max-age=10, stale-while-revalidate=10' } })
      await site.ask()
      await site.wait(15)
      expect(await site.ask()).toMatchObject({ body: 'body 1', headers: { age: '15' } })
      await until(async () => (await site.ask()).body === 'body 2')
      await site.wait(25)
      expect((await site.ask()).body).toBe('body 3')
    })

    it.each<[string, string, Lines]>([
      ['of the response', 'max-age=10, stale-if-error=60', {}],
      ['of the request', 'max-age=10', { 'cache-control': 'stale-if-error=60' }],
    ])('[CA-5] RFC 5861 4 stale-if-error %s', async (_whose, control, request) => {
      const site = await Site.open(express, (_req, turn) =>
        turn === 1 ? { headers: { 'Cache-Control': control } } : { status: 503 },
      )
      await site.ask()
      await site.wait(15)
      expect(await site.ask(request)).toMatchObject({ status: 200, body: 'body 1' })
      await site.wait(60)
      expect((await site.ask(request)).status).toBe(503)
    })

    it.each([500, 502, 503, 504])('[CA-5] RFC 5861 4 %i is an error', async (status) => {
      const site = await Site.open(express, (_req, turn) =>
        turn === 1 ? { headers: { 'Cache-Control': 'max-age=1, stale-if-error=60' } } : { status },
      )
      await site.ask()
      await site.wait(2)
      expect((await site.ask()).status).toBe(200)
    })

    it('[CA-5] RFC 5861 4 404 is an answer', async () => {
      const site = await Site.open(express, (_req, turn) =>
        turn === 1 ? { headers: { 'Cache-Control': 'max-age=1, stale-if-error=60' } } : { status: 404 },
      )
      await site.ask()
      await site.wait(2)
      expect((await site.ask()).status).toBe(404)
    })
  })

  describe('invalidating (section 4.4)', () => {
    const site = (reply: { status?: number; headers?: Lines } = {}): Promise<Site> =>
      Site.open(express, (req) => (req.method === 'GET' ? { headers: fresh } : reply))

    it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'M-SEARCH'])(
      '[CA-5] RFC 9111 4.4 %s forgets its target',
      async (method) => {
        const it = await site()
        await it.ask({}, { path: '/a' })
        await it.ask({}, { path: '/a', method })
        expect((await it.ask({}, { path: '/a' })).body).toBe('body 3')
      },
    )

    it.each(['Location', 'Content-Location'])(
      '[CA-5] RFC 9111 4.4 and what %s names on the same origin',
      async (name) => {
        const it = await site({ headers: { [name]: '/b?c' } })
        await it.ask({}, { path: '/b?c' })
        await it.ask({}, { path: '/a', method: 'POST' })
        expect((await it.ask({}, { path: '/b?c' })).body).toBe('body 3')
      },
    )

    it('[CA-5] RFC 9111 4.4 nothing of another origin', async () => {
      const it = await site({ headers: { Location: 'http://other.example/b' } })
      await it.ask({}, { path: '/b' })
      await it.ask({}, { path: '/a', method: 'POST' })
      expect((await it.ask({}, { path: '/b' })).body).toBe('body 1')
    })

    it.each([201, 204, 302])('[CA-5] RFC 9111 4.4 status %i is a success', async (status) => {
      const it = await site({ status })
      await it.ask()
      await it.ask({}, { method: 'POST' })
      expect((await it.ask()).body).toBe('body 3')
    })

    it.each([400, 404, 500])('[CA-5] RFC 9111 4.4 status %i is none', async (status) => {
      const it = await site({ status })
      await it.ask()
      await it.ask({}, { method: 'POST' })
      expect((await it.ask()).body).toBe('body 1')
    })

    it('[CA-5] RFC 9111 4.4 a safe method forgets nothing', async () => {
      const it = await site()
      await it.ask()
      await it.ask({}, { method: 'OPTIONS' })
      await it.ask({}, { method: 'HEAD' })
      expect((await it.ask()).body).toBe('body 1')
    })
  })

  describe('Cache-Status (RFC 9211)', () => {
    /** What was said last, to the second of two requests. */
    async function said(control: Lines, wait: number, request: Lines): Promise<string> {
      const site = await Site.open(express, { headers: control })
      await site.ask()
      await site.wait(wait)
      return String((await site.ask(request)).headers['cache-status'])
    }
    const etag = { ...fresh, ETag: '"a"' }

    it.each<[string, string, Lines, number, Lines, string]>([
      ['2.1', 'hit, and 2.4, ttl', fresh, 10, {}, 'responses; hit; ttl=50'],
      ['2.2', 'fwd=stale, and 2.3, fwd-status', etag, 70, {}, 'responses; fwd=stale; fwd-status=200; stored'],
      [
        '2.2',
        'fwd=request',
        etag,
        1,
        { 'cache-control': 'no-cache' },
        'responses; fwd=request; fwd-status=200; stored',
      ],
      [
        '2.2',
        'fwd=vary-miss',
        { ...fresh, Vary: 'A' },
        1,
        { a: '1' },
        'responses; fwd=vary-miss; fwd-status=200; stored',
      ],
      ['2.2', 'fwd=bypass', fresh, 1, { cookie: 'a=b' }, 'responses; fwd=bypass'],
      ['2.4', 'a negative ttl', fresh, 70, { 'cache-control': 'max-stale' }, 'responses; hit; ttl=-10'],
    ])('[CA-5] RFC 9211 %s %s', async (_clause, _what, headers, wait, request, expected) => {
      expect(await said(headers, wait, request)).toBe(expected)
    })

    it('[CA-5] RFC 9211 2.2 fwd=uri-miss, and 2.5, stored', async () => {
      const site = await Site.open(express, { headers: fresh })
      expect((await site.ask()).headers['cache-status']).toBe('responses; fwd=uri-miss; fwd-status=200; stored')
    })

    it('[CA-5] RFC 9211 2.2 fwd=method', async () => {
      const site = await Site.open(express, { headers: fresh })
      expect((await site.ask({}, { method: 'OPTIONS' })).headers['cache-status']).toBe('responses; fwd=method')
    })

    it('[CA-5] RFC 9211 2.1 hit and fwd never stand together', async () => {
      const site = await Site.open(express, (_req, turn) =>
        turn === 1 ? { headers: { 'Cache-Control': 'max-age=1, stale-if-error=60' } } : { status: 503 },
      )
      await site.ask()
      await site.wait(2)
      expect((await site.ask()).headers['cache-status']).toBe(
        'responses; fwd=stale; fwd-status=503; detail=stale-if-error',
      )
    })

    it('[CA-5] RFC 9211 2 what a cache behind us said stays in front', async () => {
      const site = await Site.open(express, { headers: { ...fresh, 'Cache-Status': 'Origin; hit' } })
      expect((await site.ask()).headers['cache-status']).toMatch(/^Origin; hit, responses; fwd=uri-miss/)
    })
  })
})
