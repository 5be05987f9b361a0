import type { Cache } from './create-cache.js'

/** What a test suite has to give: `describe`-less `it` and `expect` of Jest, Vitest or alike. */
export interface CacheContractTools {
  it(title: string, run: () => Promise<void>): void
  expect(value: unknown): {
    toEqual(expected: unknown): void
    toBe(expected: unknown): void
  }
  /** Makes an empty cache; called once a test. */
  create(): Promise<Cache> | Cache
  /** Stands before each title. @defaultValue '' */
  prefix?: string
}

/**
 * What every cache has to do, whatever is behind it: run it on your own wrapper or on a cache with your own Redis.
 *
 * @example
 * describe('our cache', () => cacheContract({ it, expect, create: () => createCache({ redis }) }))
 */
export function cacheContract({ it, expect, create, prefix = '' }: CacheContractTools): void {
  const test = (title: string, run: (cache: Cache) => Promise<void>): void =>
    it(`${prefix}${title}`, async () => {
      const cache = await create()
      try {
        await run(cache)
      } finally {
        await cache.close()
      }
    })

  test('gives back what was put in', async (cache) => {
    const value = { text: 'ä', list: [1, null, true], at: new Date(5), bytes: Buffer.from('x') }
    await cache.set('k', value)
    expect(await cache.get('k')).toEqual(value)
  })
  test('gives undefined for what is not there', async (cache) => {
    expect(await cache.get('nothing')).toBe(undefined)
  })
  test('keeps null, false, 0 and the empty text', async (cache) => {
    for (const value of [null, false, 0, '']) {
      await cache.set('k', value)
      expect(await cache.get('k')).toBe(value)
    }
  })
  test('is not changed through what was put in or got', async (cache) => {
    const value = { list: [1] }
    await cache.set('k', value)
    value.list.push(2)
    const got = (await cache.get<{ list: number[] }>('k')) as { list: number[] }
    try {
      got.list.push(3)
    } catch {
      // A frozen value is as good as a copy.
    }
    expect(await cache.get('k')).toEqual({ list: [1] })
  })
  test('deletes by key, also several', async (cache) => {
    for (const key of ['a', 'b', 'c']) await cache.set(key, key)
    await cache.delete('a')
    await cache.delete(['b'])
    expect([await cache.get('a'), await cache.get('b'), await cache.get('c')]).toEqual([undefined, undefined, 'c'])
  })
  test('deletes by tag', async (cache) => {
    await cache.set('a', 1, { tags: ['x', 'y'] })
    await cache.set('b', 2, { tags: ['y'] })
    await cache.set('c', 3)
    await cache.deleteByTag('x')
    expect([await cache.get('a'), await cache.get('b'), await cache.get('c')]).toEqual([undefined, 2, 3])
  })
  test('deletes by pattern', async (cache) => {
    for (const key of ['user:1', 'user:2', 'order:1']) await cache.set(key, key)
    await cache.deleteByPattern('user:*')
    expect([await cache.get('user:1'), await cache.get('user:2'), await cache.get('order:1')]).toEqual([
      undefined,
      undefined,
      'order:1',
    ])
  })
  test('a value put in after its tag was deleted stays', async (cache) => {
    await cache.deleteByTag('x')
    await cache.set('a', 1, { tags: ['x'] })
    expect(await cache.get('a')).toBe(1)
  })
  test('clears', async (cache) => {
    await cache.set('a', 1)
    await cache.clear()
    expect(await cache.get('a')).toBe(undefined)
  })
  test('calls one loader for all who ask at once', async (cache) => {
    let loads = 0
    const load = async (): Promise<number> => {
      await new Promise((resolve) => setImmediate(resolve))
      return ++loads
    }
    const values = await Promise.all(Array.from({ length: 50 }, () => cache.getOrSet('k', load)))
    expect(new Set(values)).toEqual(new Set([1]))
  })
  test('a loader that began before a delete does not bring its value back', async (cache) => {
    let finish!: (value: string) => void
    let begun!: () => void
    const isBegun = new Promise<void>((resolve) => (begun = resolve))
    const early = cache.getOrSet('k', () => {
      begun()
      return new Promise<string>((resolve) => (finish = resolve))
    })
    await isBegun
    await cache.delete('k')
    finish('old')
    expect(await early).toBe('old')
    expect(await cache.get('k')).toBe(undefined)
  })
  test('refuses undefined, and keys that are none, by their codes', async (cache) => {
    const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
      promise.then(
        () => undefined,
        (error: { code?: string }) => error.code,
      )
    expect(await codeOf(cache.set('k', undefined))).toBe('ERR_CACHE_VALUE')
    expect(await codeOf(cache.get(''))).toBe('ERR_CACHE_KEY')
  })
  test('namespaces do not meet', async (cache) => {
    const [a, b] = [cache.namespace('a'), cache.namespace('b')]
    await a.set('k', 1)
    await b.set('k', 2)
    await a.clear()
    expect([await a.get('k'), await b.get('k')]).toEqual([undefined, 2])
  })
}
