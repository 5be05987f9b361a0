import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { channels, type CacheLookupMessage } from '@hardening/core'
import { FakeClock, flush } from '@hardening/test-utils'
import { createCache, type Cache } from '../../src/index.js'
import type { CreateCacheOptions } from '../../src/options.js'

const open: Cache[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((cache) => cache.close()))
})

function make(options: CreateCacheOptions = {}): { cache: Cache; clock: FakeClock } {
  const clock = new FakeClock()
  const cache = createCache({ clock, jitter: 0, ...options })
  open.push(cache)
  return { cache, clock }
}

/** A loader under the test's control. */
function controlled<T>(): { load: jest.Mock<() => Promise<T>>; resolve(value: T): void; reject(error: Error): void } {
  let resolve!: (value: T) => void
  let reject!: (error: Error) => void
  const load = jest.fn(
    () =>
      new Promise<T>((yes, no) => {
        resolve = yes
        reject = no
      }),
  )
  return { load, resolve: (value) => resolve(value), reject: (error) => reject(error) }
}

describe('options', () => {
  it.each([
    [{ ttl: 0 }, 'ttl'],
    [{ ttl: '5 minutes' }, 'ttl'],
    [{ jitter: 2 }, 'jitter'],
    [{ maxEntries: 0 }, 'maxEntries'],
    [{ maxBytes: '1 pb' }, 'maxBytes'],
    [{ name: 'a b' }, 'name'],
    [{ prefix: 'a*' }, 'prefix'],
    [{ lease: 50 }, 'lease'],
    [{ redis: {} }, 'redis'],
    [{ bus: {} }, 'bus'],
    [{ refreshAhead: -1 }, 'refreshAhead'],
    [{ tll: 5 }, 'tll'],
  ])('[CA-1] refuses %j at creation', (options, option) => {
    expect(() => createCache(options as never)).toThrow(expect.objectContaining({ code: 'ERR_CONFIG_INVALID', option }))
  })

  it('[CA-1] takes undefined for an option that is left out', async () => {
    const { cache } = make({ ttl: undefined, name: undefined, redis: undefined, maxBytes: undefined } as never)
    expect(cache.name).toBe('default')
    await cache.set('a', 1)
    expect(await cache.get('a')).toBe(1)
  })

  it('[CA-1] refuses unknown options of a call', async () => {
    const { cache } = make()
    await expect(cache.getOrSet('a', () => 1, { tag: ['a'] } as never)).rejects.toMatchObject({
      code: 'ERR_CONFIG_INVALID',
    })
  })
})

describe('values', () => {
  it('[CA-1] gets, sets and deletes', async () => {
    const { cache } = make()
    expect(await cache.get('a')).toBeUndefined()
    await cache.set('a', { n: 1 })
    expect(await cache.get('a')).toEqual({ n: 1 })
    await cache.delete('a')
    expect(await cache.get('a')).toBeUndefined()
  })

  it('[CA-1] keeps a value for 5 minutes by default', async () => {
    const { cache, clock } = make()
    await cache.set('a', 1)
    await clock.advance(299_999)
    expect(await cache.get('a')).toBe(1)
    await clock.advance(1)
    expect(await cache.get('a')).toBeUndefined()
  })

  it('[CA-1] 2.6.6 1000 keys set together end over at least 5 of 60 s, with jitter of 10 %', async () => {
    let seed = 1
    const random = (): number => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647
    const { cache, clock } = make({ jitter: 0.1, ttl: '60s', random })
    for (let n = 0; n < 1000; n++) await cache.set(`k${n}`, n)
    const left = async (): Promise<number> => {
      let count = 0
      for (let n = 0; n < 1000; n++) if ((await cache.get(`k${n}`)) !== undefined) count++
      return count
    }
    await clock.advance(54_000)
    expect(await left()).toBeGreaterThan(980)
    await clock.advance(3000)
    expect(await left()).toBeGreaterThan(400)
    expect(await left()).toBeLessThan(600)
    await clock.advance(2500)
    expect(await left()).toBeGreaterThan(10)
    await clock.advance(500)
    expect(await left()).toBe(0)
  })

  it('[CA-1] jitters by default', async () => {
    const clock = new FakeClock()
    const cache = createCache({ clock, random: () => 1 })
    open.push(cache)
    await cache.set('a', 1)
    await clock.advance(270_000)
    expect(await cache.get('a')).toBeUndefined()
  })

  it('[CA-1] 2.6.8 a value cannot be changed through what set was given, what a loader gave, or what a caller got', async () => {
    const { cache } = make()
    const given = { list: [1], deep: { n: 1 } }
    await cache.set('a', given)
    given.list.push(2)
    given.deep.n = 9
    const got = (await cache.get('a')) as typeof given
    expect(got).toEqual({ list: [1], deep: { n: 1 } })
    expect(() => got.list.push(3)).toThrow(TypeError)
    expect(() => (got.deep.n = 3)).toThrow(TypeError)
    const loaded = { n: 1 }
    const first = await cache.getOrSet('b', () => loaded)
    loaded.n = 2
    expect(() => (first.n = 3)).toThrow(TypeError)
    expect(await cache.get('b')).toEqual({ n: 1 })
    expect(Object.isFrozen(loaded)).toBe(false)
  })

  it('[CA-1] 2.6.8 dates, maps, sets and bytes are copied for each caller', async () => {
    const { cache } = make()
    const value = {
      at: new Date(5),
      map: new Map([['a', { n: 1 }]]),
      set: new Set([1]),
      bytes: Buffer.from('abc'),
      big: 5n,
      none: undefined,
    }
    await cache.set('a', value)
    const got = (await cache.get('a')) as typeof value
    expect(got).toEqual(value)
    got.at.setTime(9)
    got.map.clear()
    got.set.add(2)
    got.bytes[0] = 0
    expect(await cache.get('a')).toEqual(value)
    expect(await cache.getOrSet('a', () => value)).not.toBe(got)
  })

  it('[CA-1] 2.6.8 the bound of bytes is kept when ten times as much is put in', async () => {
    const { cache } = make({ maxBytes: '10mb', maxEntries: 1_000_000 })
    const text = 'x'.repeat(10_000)
    for (let n = 0; n < 10_000; n++) await cache.set(`k${n}`, `${n}${text}`)
    const { bytes, entries } = cache.stats()
    expect(bytes).toBeLessThanOrEqual(10 * 1024 * 1024)
    expect(entries).toBeGreaterThan(900)
    expect(entries).toBeLessThan(1100)
    expect(await cache.get('k9999')).toBe(`9999${text}`)
    expect(await cache.get('k0')).toBeUndefined()
  })

  it('[CA-1] the bound of entries is kept', async () => {
    const { cache } = make({ maxEntries: 10 })
    for (let n = 0; n < 100; n++) await cache.set(`k${n}`, n)
    expect(cache.stats().entries).toBe(10)
  })

  it.each([
    ['undefined', undefined, '$'],
    ['a function', { a: [() => 1] }, '$.a[0]'],
    ['a symbol', { s: Symbol('s') }, '$.s'],
    ['a promise', { p: Promise.resolve(1) }, '$.p'],
  ])('[CA-1] refuses %s with a typed error that says where', async (_name, value, at) => {
    const { cache } = make()
    await expect(cache.set('a', value)).rejects.toMatchObject({ code: 'ERR_CACHE_VALUE', at })
    await expect(cache.getOrSet('b', () => value)).rejects.toMatchObject({ code: 'ERR_CACHE_VALUE', at })
    expect(cache.stats().entries).toBe(0)
  })

  it('[CA-1] refuses circular and endlessly deep values', async () => {
    const { cache } = make()
    const circular: Record<string, unknown> = {}
    circular['self'] = { circular }
    await expect(cache.set('a', circular)).rejects.toMatchObject({ code: 'ERR_CACHE_VALUE' })
    let deep: unknown = 1
    for (let n = 0; n < 5000; n++) deep = [deep]
    await expect(cache.set('a', deep)).rejects.toMatchObject({ code: 'ERR_CACHE_VALUE' })
  })

  it('[CA-1] a member called __proto__ stays a member', async () => {
    const { cache } = make()
    await cache.set('a', JSON.parse('{"__proto__":{"admin":true}}'))
    const got = (await cache.get('a')) as { admin?: boolean }
    expect(got.admin).toBeUndefined()
    expect(Object.keys(got)).toEqual(['__proto__'])
  })

  it('[CA-1] a value larger than may be kept is given and not kept', async () => {
    const { cache } = make({ maxEntryBytes: 100, maxBytes: '1mb' })
    const load = jest.fn(() => 'x'.repeat(1000))
    expect(await cache.getOrSet('a', load)).toHaveLength(1000)
    expect(cache.stats().entries).toBe(0)
  })

  it.each([[''], ['x'.repeat(1025)], [5], [null]])('[CA-1] refuses the key %p with a typed error', async (key) => {
    const { cache } = make()
    await expect(cache.get(key as never)).rejects.toMatchObject({ code: 'ERR_CACHE_KEY' })
    await expect(cache.getOrSet(key as never, () => 1)).rejects.toMatchObject({ code: 'ERR_CACHE_KEY' })
  })
})

describe('loading', () => {
  it('[CA-2] 2.6.1 1000 concurrent misses in one process call the loader once', async () => {
    const { cache } = make()
    const { load, resolve } = controlled<number>()
    const all = Promise.all(Array.from({ length: 1000 }, () => cache.getOrSet('a', load)))
    await flush()
    resolve(7)
    expect(new Set(await all)).toEqual(new Set([7]))
    expect(load).toHaveBeenCalledTimes(1)
  })

  it('[CA-2] a failure reaches all who wait, and is not kept by default', async () => {
    const { cache } = make()
    const { load, reject } = controlled<number>()
    const all = Promise.allSettled([cache.getOrSet('a', load), cache.getOrSet('a', load)])
    await flush()
    reject(new Error('down'))
    expect((await all).map((result) => result.status)).toEqual(['rejected', 'rejected'])
    expect(load).toHaveBeenCalledTimes(1)
    expect(await cache.getOrSet('a', () => 1)).toBe(1)
  })

  it('[CA-2] 2.6.7 a failing loader is called once within errorTtl', async () => {
    const { cache, clock } = make({ errorTtl: '2s' })
    const load = jest.fn(() => Promise.reject(new Error('down')))
    for (let n = 0; n < 20; n++) {
      await expect(cache.getOrSet('a', load)).rejects.toThrow('down')
      await clock.advance(99)
    }
    expect(load).toHaveBeenCalledTimes(1)
    await clock.advance(20)
    await expect(cache.getOrSet('a', load)).rejects.toThrow('down')
    expect(load).toHaveBeenCalledTimes(2)
    expect(await cache.get('a')).toBeUndefined()
  })

  it('[CA-2] 2.6.7 null is kept for nullTtl', async () => {
    const { cache, clock } = make({ nullTtl: '1s' })
    const load = jest.fn(() => null)
    await cache.getOrSet('a', load)
    await cache.getOrSet('a', load)
    expect(await cache.get('a')).toBeNull()
    expect(load).toHaveBeenCalledTimes(1)
    await clock.advance(1000)
    await cache.getOrSet('a', load)
    expect(load).toHaveBeenCalledTimes(2)
  })

  it('[CA-2] 2.6.7 a loader that gives undefined is refused with a typed error', async () => {
    const { cache } = make()
    await expect(cache.getOrSet('a', () => undefined)).rejects.toMatchObject({ code: 'ERR_CACHE_VALUE' })
  })

  it('[CA-2] 2.6.5 in its grace the old value is given at once, and refreshed once behind it', async () => {
    const { cache, clock } = make({ ttl: '1m', staleWhileRevalidate: '1m' })
    await cache.set('a', 'old')
    await clock.advance(61_000)
    const { load, resolve } = controlled<string>()
    expect(await Promise.all([cache.getOrSet('a', load), cache.getOrSet('a', load)])).toEqual(['old', 'old'])
    await flush()
    expect(load).toHaveBeenCalledTimes(1)
    resolve('new')
    await flush()
    expect(await cache.getOrSet('a', load)).toBe('new')
    expect(cache.stats().staleServed).toBe(2)
    await clock.advance(120_000)
    expect(await cache.get('a')).toBeUndefined()
  })

  it('[CA-2] 2.6.5 a failing loader: the old value is served, counted, and the loader left alone for retryAfter', async () => {
    const { cache, clock } = make({ ttl: '1m', staleIfError: '10m', retryAfter: '5s' })
    await cache.set('a', 'old')
    await clock.advance(61_000)
    const load = jest.fn(() => Promise.reject(new Error('down')))
    for (let n = 0; n < 5; n++) {
      expect(await cache.getOrSet('a', load)).toBe('old')
      await clock.advance(900)
    }
    expect(load).toHaveBeenCalledTimes(1)
    expect(cache.stats()).toMatchObject({ loadFailures: 1 })
    expect(cache.stats().staleServed).toBeGreaterThanOrEqual(4)
    await clock.advance(1000)
    await cache.getOrSet('a', load)
    await flush()
    expect(load).toHaveBeenCalledTimes(2)
    await clock.advance(600_000)
    await expect(cache.getOrSet('a', load)).rejects.toThrow('down')
  })

  it.each(['softTimeout', 'hardTimeout'] as const)(
    '[CA-3] what is deleted while a new value is waited for does not stand in at %s',
    async (limit) => {
      const { cache, clock } = make({ ttl: '1m', staleIfError: '10m', [limit]: 100 })
      await cache.set('k', 'old')
      await clock.advance(61_000)
      const { load, resolve } = controlled<string>()
      const waiting = cache.getOrSet('k', load)
      const settled = waiting.catch((error: { code: string }) => error.code)
      await flush()
      await cache.delete('k')
      await clock.advance(200)
      resolve('new')
      expect(await settled).toBe(limit === 'softTimeout' ? 'new' : 'ERR_CACHE_LOADER_TIMEOUT')
    },
  )

  it('[CA-2] softTimeout: the old value when the loader is slow, the new one when it is done', async () => {
    const { cache, clock } = make({ ttl: '1m', staleIfError: '10m', softTimeout: 100 })
    await cache.set('a', 'old')
    await clock.advance(61_000)
    const { load, resolve } = controlled<string>()
    const got = cache.getOrSet('a', load)
    await clock.advance(100)
    expect(await got).toBe('old')
    resolve('new')
    await flush()
    expect(await cache.get('a')).toBe('new')
  })

  it('[CA-2] hardTimeout: a typed error, and the loader is told to stop', async () => {
    const { cache, clock } = make({ hardTimeout: '1s' })
    let signal: AbortSignal | undefined
    const got = cache.getOrSet('a', (context) => {
      signal = context.signal
      return new Promise<number>(() => undefined)
    })
    const outcome = expect(got).rejects.toMatchObject({ code: 'ERR_CACHE_LOADER_TIMEOUT', status: 503 })
    await clock.advance(1000)
    await outcome
    expect(signal?.aborted).toBe(true)
    expect(await cache.getOrSet('a', () => 2)).toBe(2)
  })

  it('[CA-2] hardTimeout: the old value where it may stand in', async () => {
    const { cache, clock } = make({ ttl: '1m', staleIfError: '10m', hardTimeout: '1s' })
    await cache.set('a', 'old')
    await clock.advance(61_000)
    const got = cache.getOrSet('a', () => new Promise<string>(() => undefined))
    await clock.advance(1000)
    expect(await got).toBe('old')
  })

  it('[CA-2] refreshAhead: a late hit loads the next value before the old one ends', async () => {
    const { cache, clock } = make({ ttl: '100s', refreshAhead: 0.8 })
    const load = jest.fn(() => 'new')
    await cache.set('a', 'old')
    await clock.advance(79_000)
    expect(await cache.getOrSet('a', load)).toBe('old')
    await flush()
    expect(load).not.toHaveBeenCalled()
    await clock.advance(2000)
    expect(await cache.getOrSet('a', load)).toBe('old')
    await flush()
    expect(load).toHaveBeenCalledTimes(1)
    expect(await cache.getOrSet('a', load)).toBe('new')
  })

  it('[CA-2] the signal of a caller ends its waiting; the loader is told when nobody waits any more', async () => {
    const { cache } = make()
    const [first, second] = [new AbortController(), new AbortController()]
    let inside: AbortSignal | undefined
    const load = (context: { signal: AbortSignal }): Promise<number> => {
      inside = context.signal
      return new Promise(() => undefined)
    }
    const one = cache.getOrSet('a', load, { signal: first.signal })
    const two = cache.getOrSet('a', load, { signal: second.signal })
    await flush()
    first.abort(new Error('gone 1'))
    await expect(one).rejects.toThrow('gone 1')
    expect(inside?.aborted).toBe(false)
    second.abort(new Error('gone 2'))
    await expect(two).rejects.toThrow('gone 2')
    expect(inside?.aborted).toBe(true)
  })

  it('[CA-2] a loader can say how long, and under which tags, its value is kept', async () => {
    const { cache, clock } = make()
    const load = jest.fn((context: { setTtl(ms: number): void; addTags(...tags: string[]): void }) => {
      context.setTtl(1000)
      context.addTags('t')
      return 1
    })
    await cache.getOrSet('a', load)
    await clock.advance(999)
    expect(await cache.get('a')).toBe(1)
    await cache.deleteByTag('t')
    expect(await cache.get('a')).toBeUndefined()
    await cache.getOrSet('a', load)
    await clock.advance(1000)
    expect(await cache.get('a')).toBeUndefined()
  })

  it('[CA-2] forceFresh loads whatever is there', async () => {
    const { cache } = make()
    await cache.set('a', 1)
    expect(await cache.getOrSet('a', () => 2, { forceFresh: true })).toBe(2)
    expect(await cache.get('a')).toBe(2)
  })
})

describe('invalidation', () => {
  it('[CA-3] by key, tag and pattern', async () => {
    const { cache } = make()
    for (const [key, tag] of [
      ['a:1', 'x'],
      ['a:2', 'y'],
      ['b:1', 'x'],
    ] as const)
      await cache.set(key, key, { tags: [tag] })
    await cache.deleteByTag('y')
    expect(await cache.get('a:2')).toBeUndefined()
    await cache.deleteByPattern('a:*')
    expect(await cache.get('a:1')).toBeUndefined()
    expect(await cache.get('b:1')).toBe('b:1')
    await cache.clear()
    expect(await cache.get('b:1')).toBeUndefined()
  })

  it.each(['delete', 'deleteByTag', 'deleteByPattern', 'clear'] as const)(
    '[CA-3] 2.6.4 %s: a loader that began before cannot bring the old value back, and nobody joins it',
    async (how) => {
      const { cache } = make()
      const { load, resolve } = controlled<string>()
      const early = cache.getOrSet('a', load, { tags: ['t'] })
      await flush()
      if (how === 'clear') await cache.clear()
      else await cache[how](how === 'deleteByTag' ? 't' : 'a')
      const late = cache.getOrSet('a', () => 'new', { tags: ['t'] })
      expect(await late).toBe('new')
      resolve('old')
      expect(await early).toBe('old')
      expect(await cache.get('a')).toBe('new')
    },
  )

  it.each(['delete', 'deleteByTag'] as const)('[CA-3] 2.6.4 %s beats serving what is stale', async (how) => {
    const { cache, clock } = make({ ttl: '1m', staleIfError: '1h', staleWhileRevalidate: '1h' })
    await cache.set('a', 'old', { tags: ['t'] })
    await clock.advance(61_000)
    await cache[how](how === 'delete' ? 'a' : 't')
    await expect(cache.getOrSet('a', () => Promise.reject(new Error('down')))).rejects.toThrow('down')
  })

  it('[CA-3] 2.6.11 a tag on 100,000 entries of 10 tags is invalidated without visiting them', async () => {
    const { cache } = make({ maxEntries: 200_000, maxBytes: '1gb' })
    const tags = Array.from({ length: 10 }, (_, n) => `t${n}`)
    for (let n = 0; n < 100_000; n++) await cache.set(`k${n}`, n, { tags })
    const { entries } = cache.stats()
    await cache.deleteByTag('t3')
    // Nothing was taken out: what is outdated is found to be so when it is asked for.
    expect(cache.stats().entries).toBe(entries)
    expect(await cache.get('k5')).toBeUndefined()
    expect(await cache.get('k99999')).toBeUndefined()
  })

  it('[CA-3] no pattern takes long', async () => {
    const { cache } = make()
    await cache.set('a'.repeat(1000), 1)
    await cache.deleteByPattern(`${'*a'.repeat(500)}b`)
    expect(cache.stats().entries).toBe(1)
  })
})

describe('parts', () => {
  it('[CA-1] a namespace has keys, options and a clear of its own', async () => {
    const { cache, clock } = make()
    const users = cache.namespace('users', { ttl: '1s' })
    await cache.set('1', 'root')
    await users.set('1', 'user')
    await users.namespace('deep').set('1', 'deep')
    expect(await cache.get('1')).toBe('root')
    expect(await users.get('1')).toBe('user')
    await users.clear()
    expect(await users.get('1')).toBeUndefined()
    expect(await users.namespace('deep').get('1')).toBeUndefined()
    expect(await cache.get('1')).toBe('root')
    await users.set('1', 'user')
    await users.deleteByPattern('*')
    expect(await cache.get('1')).toBe('root')
    await users.set('1', 'user')
    await clock.advance(1000)
    expect(await users.get('1')).toBeUndefined()
  })

  it('[CA-1] wrap caches a function by a key of its arguments', async () => {
    const { cache } = make()
    const find = jest.fn((id: number, lang: string) => Promise.resolve(`${id}${lang}`))
    const cached = cache.wrap(find, { key: (id, lang) => ['user', id, lang], tags: ['users'] })
    expect(await cached(1, 'de')).toBe('1de')
    expect(await cached(1, 'de')).toBe('1de')
    expect(await cached(1, 'en')).toBe('1en')
    expect(find).toHaveBeenCalledTimes(2)
    await cache.deleteByTag('users')
    await cached(1, 'de')
    expect(find).toHaveBeenCalledTimes(3)
  })

  it('[CA-7] tells of every lookup where somebody listens', async () => {
    const { cache, clock } = make({ ttl: '1m', staleWhileRevalidate: '1m' })
    const messages: CacheLookupMessage[] = []
    const listen = (message: CacheLookupMessage): unknown => messages.push(message)
    channels.cacheLookup.subscribe(listen)
    try {
      await cache.getOrSet('a', () => 1)
      await cache.getOrSet('a', () => 1)
      await cache.get('nothing')
      await cache.getOrSet('n', () => null)
      await cache.getOrSet('n', () => null)
      await clock.advance(61_000)
      await cache.getOrSet('a', () => 1)
    } finally {
      channels.cacheLookup.unsubscribe(listen)
    }
    expect(messages.map(({ outcome, level }) => `${outcome} ${level}`)).toEqual([
      'miss loader',
      'hit memory',
      'miss none',
      'miss loader',
      'negative memory',
      'stale memory',
    ])
    expect(messages[0]).toMatchObject({ cache: 'default', durationMs: expect.any(Number) })
    expect(JSON.stringify(messages)).not.toContain('"a"')
  })

  it('[CA-7] 2.6.12 what is told has a few names for all that may be asked for, and no key or tag', async () => {
    const { cache, clock } = make({ name: 'catalog', ttl: '1m', staleIfError: '1h', errorTtl: '1s' })
    const messages: CacheLookupMessage[] = []
    const listener = (message: CacheLookupMessage): unknown => messages.push(message)
    channels.cacheLookup.subscribe(listener)
    try {
      for (let n = 0; n < 200; n++) {
        const part = cache.namespace(`part${n}`)
        await part.get(`secret${n}`)
        await part.getOrSet(`secret${n}`, () => (n % 3 === 0 ? null : n), { tags: [`tag${n}`] })
        await part.getOrSet(`secret${n}`, () => n)
        if (n % 50 === 0) await clock.advance(61_000)
        await part.getOrSet(`secret${n}`, () => Promise.reject(new Error(`secret${n}`))).catch(() => undefined)
        await part.getOrSet(`other${n}`, () => Promise.reject(new Error(`secret${n}`))).catch(() => undefined)
      }
    } finally {
      channels.cacheLookup.unsubscribe(listener)
    }
    expect(messages.length).toBeGreaterThan(600)
    const labels = new Set(messages.map(({ cache: name, outcome, level }) => `${name} ${outcome} ${level}`))
    expect(labels.size).toBeLessThanOrEqual(12)
    expect(JSON.stringify(messages)).not.toMatch(/secret|other|tag\d|part\d/)
    expect([...labels].every((label) => label.startsWith('catalog '))).toBe(true)
  })

  it('[CA-7] counts hits, misses, loads and size', async () => {
    const { cache } = make()
    await cache.getOrSet('a', () => 'abc')
    await cache.getOrSet('a', () => 'abc')
    expect(cache.stats()).toMatchObject({ hits: 1, misses: 1, loads: 1, entries: 1, pending: 0 })
    expect(cache.stats().bytes).toBeGreaterThan(200)
  })

  it('[CA-1] a closed cache refuses, and stops what is on the way', async () => {
    const { cache, clock } = make()
    let inside: AbortSignal | undefined
    const waiting = cache.getOrSet('a', ({ signal }) => {
      inside = signal
      return new Promise<number>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
    })
    const outcome = expect(waiting).rejects.toMatchObject({ code: 'ERR_CACHE_CLOSED' })
    await flush()
    await cache.close()
    await outcome
    expect(inside?.aborted).toBe(true)
    await expect(cache.get('a')).rejects.toMatchObject({ code: 'ERR_CACHE_CLOSED' })
    expect(clock.pending).toBe(0)
  })
})
