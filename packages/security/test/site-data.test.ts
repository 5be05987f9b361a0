import { afterEach, describe, expect, it } from '@jest/globals'
import { ConfigError } from '@hardening/core'
import type { RequestHandler } from 'express'
import { clearSiteData, noStore } from '../src/index.js'
import { closeAll, serve, versions } from './apps.js'

afterEach(closeAll)

describe.each(versions)('what is kept of a site on %s', (_, express) => {
  async function get(
    guard: RequestHandler,
    route: RequestHandler,
    headers: Record<string, string> = {},
  ): Promise<Headers> {
    const { url } = await serve(express, (app) => app.use(guard).get('/', route))
    return (await fetch(url, { headers })).headers
  }
  const ok: RequestHandler = (_req, res) => void res.send('ok')

  it.each<[string, RequestHandler, Record<string, string>, string | null]>([
    ['a request with a cookie', ok, { Cookie: 'a=1' }, 'no-store'],
    ['a request with Authorization', ok, { Authorization: 'Bearer x' }, 'no-store'],
    ['an answer that sets a cookie', (_req, res) => void res.cookie('a', '1').send('ok'), {}, 'no-store'],
    ['anybody', ok, {}, null],
    [
      'an answer that says itself',
      (_req, res) => void res.set('Cache-Control', 'private').send(),
      { Cookie: 'a=1' },
      'private',
    ],
  ])('[SE-1] noStore keeps out of caches: %s', async (_case, route, headers, expected) => {
    expect((await get(noStore(), route, headers)).get('cache-control')).toBe(expected)
  })

  it('[SE-1] noStore keeps all out of caches on request', async () => {
    expect((await get(noStore({ when: 'always' }), ok)).get('cache-control')).toBe('no-store')
  })

  it('[SE-1] clearSiteData makes the browser forget, where the answer is no error', async () => {
    expect((await get(clearSiteData(), ok)).get('clear-site-data')).toBe('"cache", "cookies", "storage"')
    expect((await get(clearSiteData({ types: ['*'] }), ok)).get('clear-site-data')).toBe('"*"')
    const failed: RequestHandler = (_req, res) => void res.status(500).send('not logged out')
    expect((await get(clearSiteData(), failed)).has('clear-site-data')).toBe(false)
  })
})

describe('options', () => {
  it.each<[string, () => unknown]>([
    ['when', () => noStore({ when: 'never' as never })],
    ['always', () => noStore({ always: true } as never)],
    ['types', () => clearSiteData({ types: [] })],
    ['types', () => clearSiteData({ types: ['everything'] as never })],
    ['types', () => clearSiteData({ types: 'cache' as never })],
    ['type', () => clearSiteData({ type: 'cache' } as never)],
  ])('[SE-1] refuses a wrong `%s` at creation', (option, create) => {
    expect.assertions(2)
    try {
      create()
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError)
      expect(error).toMatchObject({ option })
    }
  })
})
