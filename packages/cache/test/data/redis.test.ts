import { afterEach, describe, expect, jest } from '@jest/globals'
import { createRedisGuard } from '@hardening/core'
import { FakeClock, flush, itWith, startRedis, until, type RedisServer } from '@hardening/test-utils'
import { Redis as Redis6 } from 'ioredis'
import { Redis as Redis5 } from 'ioredis5'
import { createCache, type Cache } from '../../src/index.js'
import type { CreateCacheOptions } from '../../src/options.js'

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

async function serve(start = true): Promise<RedisServer> {
  const server = await startRedis({ start })
  open.push(() => server.stop())
  return server
}

type Client = Redis5 | Redis6

function connect(server: RedisServer, Redis: typeof Redis5 | typeof Redis6 = Redis6): Client {
  const client: Client = new (Redis as typeof Redis6)(server.port, '127.0.0.1')
  client.on('error', () => undefined)
  open.push(() => client.disconnect())
  return client
}

/** A cache as a process of its own has it: with connections of its own. */
function join(
  server: RedisServer,
  options: CreateCacheOptions = {},
  Redis: typeof Redis5 | typeof Redis6 = Redis6,
): Cache {
  // Nothing of a machine that is busy is taken for a Redis that does not answer.
  const cache = createCache({ redis: connect(server, Redis), jitter: 0, redisTimeout: '10s', ...options })
  open.push(() => cache.close())
  return cache
}

/** Resolves when the cache uses Redis: what it writes is there. */
async function connected(...caches: Cache[]): Promise<void> {
  for (const cache of caches) {
    const isConnected = async (): Promise<boolean> => {
      await cache.set('probe', 1)
      return cache.stats().pending === 0
    }
    await until(isConnected, { within: 20_000, what: 'the connection' })
  }
}

/** For a machine that does other things as well. */
const long = { within: 20_000 }

/** How long a call takes on a clock that goes on only while nothing else does. For a Redis that says nothing. */
async function waited(clock: FakeClock, call: Promise<unknown>): Promise<number> {
  let isDone = false
  const settled = call.finally(() => (isDone = true))
  const start = clock.monotonic()
  for (let turn = 0; turn < 20 && !isDone; turn++) await flush()
  while (!isDone) await clock.advance(1)
  await settled
  return clock.monotonic() - start
}

const versions = [
  ['ioredis 5', Redis5],
  ['ioredis 6', Redis6],
] as const

describe.each(versions)('%s, default options', (_name, Redis) => {
  itWith('redis', '[CA-1] what one process puts in another one gets', async () => {
    const server = await serve()
    const [a, b] = [join(server, {}, Redis), join(server, {}, Redis)]
    await connected(a, b)
    const value = { at: new Date(5), text: 'ä', big: 1n, list: [undefined, Number.NaN, -0], bytes: Buffer.from('x') }
    await a.set('k', value, { tags: ['t'] })
    // On a machine that is busy a write may take longer than a cache waits for it, and comes after.
    await until(async () => (await b.get('k')) !== undefined)
    expect(await b.get('k')).toEqual(value)
    const load = jest.fn(() => 'loaded')
    await a.getOrSet('l', load)
    await until(async () => (await b.get('l')) === 'loaded')
    expect(await b.getOrSet('l', load)).toBe('loaded')
    expect(load).toHaveBeenCalledTimes(1)
  })

  itWith('redis', '[CA-2] 2.6.1 1000 concurrent misses in four caches call one loader', async () => {
    const server = await serve()
    const caches = Array.from({ length: 4 }, () => join(server, {}, Redis))
    await connected(...caches)
    let finish!: (value: string) => void
    const load = jest.fn(() => new Promise<string>((resolve) => (finish = resolve)))
    const all = Promise.all(Array.from({ length: 1000 }, (_, n) => (caches[n % 4] as Cache).getOrSet('k', load)))
    await until(() => finish !== undefined)
    finish('value')
    expect(new Set(await all)).toEqual(new Set(['value']))
    expect(load).toHaveBeenCalledTimes(1)
  })

  itWith('redis', '[CA-4] 2.6.2 Redis killed: memory goes on, nothing is thrown, every call settles', async () => {
    const server = await serve()
    const cache = join(server, {}, Redis)
    await connected(cache)
    await cache.set('k', 'kept')
    await server.kill()
    expect(await cache.get('k')).toBe('kept')
    expect(await cache.getOrSet('new', () => 1)).toBe(1)
    await cache.set('s', 2)
    expect(await cache.get('s')).toBe(2)
    await cache.delete('k')
    await cache.deleteByTag('t')
    await cache.deleteByPattern('x*')
    expect(await cache.get('k')).toBeUndefined()
    await cache.clear()
    expect(await cache.get('s')).toBeUndefined()
    await cache.close()
  })

  itWith(
    'redis',
    '[CA-4] 2.6.3 what was written and deleted while Redis was killed is there when it returns',
    async () => {
      const server = await serve()
      const [a, b] = [join(server, {}, Redis), join(server, {}, Redis)]
      await connected(a, b)
      await a.set('old', 1)
      expect(await b.get('old')).toBe(1)
      await server.kill()
      await a.set('k', 'written while down')
      await a.delete('old')
      await server.restart()
      await until(async () => (await b.get('k')) === 'written while down', { within: 20_000, what: 'the write' })
      await until(async () => (await b.get('old')) === undefined, { within: 20_000, what: 'the delete' })
      expect(a.stats().pending).toBe(0)
    },
    60_000,
  )

  itWith(
    'redis',
    '[CA-4] Redis absent at the start: memory alone, then both',
    async () => {
      const server = await serve(false)
      const options = { redisTimeout: 500 }
      const [a, b] = [join(server, options, Redis), join(server, options, Redis)]
      expect(await a.getOrSet('k', () => 1)).toBe(1)
      expect(await a.get('k')).toBe(1)
      await server.restart()
      await until(async () => (await b.get('k')) === 1, { within: 20_000, what: 'the value in the other process' })
    },
    60_000,
  )
})

describe('invalidation between processes', () => {
  for (const bus of ['a bus', 'polling'] as const) {
    for (const how of ['delete', 'deleteByTag', 'deleteByPattern', 'clear', 'set'] as const) {
      itWith('redis', `[CA-3] 2.6.4 ${how} reaches the memory of another process, by ${bus}`, async () => {
        const server = await serve()
        const options: CreateCacheOptions = bus === 'a bus' ? { pollEvery: '1h' } : { bus: false }
        const [a, b] = [join(server, options), join(server, options)]
        await connected(a, b)
        await a.set('k', 'old', { tags: ['t'], staleIfError: '1h', staleWhileRevalidate: '1h' })
        await until(async () => (await b.get('k')) === 'old', { within: 10_000 })
        if (how === 'clear') await a.clear()
        else if (how === 'set') await a.set('k', 'new')
        else await a[how](how === 'deleteByTag' ? 't' : 'k')
        const expected = how === 'set' ? 'new' : undefined
        await until(async () => (await b.get('k')) === expected, { within: 5000 })
        expect(await b.getOrSet('k', () => 'fresh', { staleIfError: '1h' })).toBe(expected ?? 'fresh')
      })
    }
  }

  itWith(
    'redis',
    '[CA-3] a process whose bus is cut never serves what was invalidated meanwhile',
    async () => {
      const server = await serve()
      const [a, b] = [join(server, { pollEvery: '1h' }), join(server, { pollEvery: '1h' })]
      await connected(a, b)
      for (let round = 0; round < 30; round++) {
        await a.set('k', round, { tags: ['t'] })
        await until(async () => (await b.get('k')) === round)
        // All subscribers at once; messages of the next line are lost for those that are not back yet.
        await server.command('CLIENT', 'KILL', 'TYPE', 'pubsub')
        if (round % 2 === 0) await a.deleteByTag('t')
        else await a.delete('k')
        await until(async () => (await b.get('k')) === undefined, { within: 10_000, every: 1 })
        expect(await b.get('k')).toBeUndefined()
      }
    },
    60_000,
  )

  itWith('redis', '[CA-3] a process that missed more than the journal keeps forgets everything', async () => {
    const server = await serve()
    const [a, b] = [join(server), join(server, { bus: false, pollEvery: '1h' })]
    await connected(a, b)
    await a.set('k', 'old', { tags: ['t'] })
    // Without a bus and with an hour between two looks, b does not hear of what follows.
    expect(await b.get('k')).toBe('old')
    await a.deleteByTag('t')
    await Promise.all(Array.from({ length: 1500 }, (_, n) => a.delete(`other${n}`)))
    await b.set('own', 1)
    expect(await b.get('k')).toBeUndefined()
  })

  itWith(
    'redis',
    '[CA-3] 2.6.4 a loader that began in another process before the delete cannot bring the old value back',
    async () => {
      const server = await serve()
      const [a, b, c] = [join(server), join(server), join(server)]
      await connected(a, b, c)
      let finish!: (value: string) => void
      const early = b.getOrSet('k', () => new Promise<string>((resolve) => (finish = resolve)), { tags: ['t'] })
      await until(() => finish !== undefined)
      await a.delete('k')
      finish('old')
      expect(await early).toBe('old')
      await b.close()
      expect(await c.get('k')).toBeUndefined()
      expect(await a.get('k')).toBeUndefined()
    },
  )

  itWith(
    'redis',
    '[CA-3] 2.6.11 a value with 10 tags costs at most one more command, also in a process that came later',
    async () => {
      const server = await serve()
      const a = join(server)
      await connected(a)
      await a.set('k', 1, { tags: Array.from({ length: 10 }, (_, n) => `t${n}`) })
      await a.set('dead', 1, { tags: ['gone'] })
      await a.deleteByTag('gone')
      for (let n = 0; n < 600; n++) await a.deleteByTag(`other${n}`)
      const late = join(server, { pollEvery: '1h' })
      await connected(late)
      const calls = async (): Promise<number> => {
        const stats = String(await server.command('INFO', 'commandstats'))
        return ['get', 'evalsha', 'mget'].reduce(
          (sum, name) => sum + Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(stats)?.[1] ?? 0),
          0,
        )
      }
      const before = await calls()
      expect(await late.get('k')).toBe(1)
      expect((await calls()) - before).toBeLessThanOrEqual(2)
      expect(await late.get('dead')).toBeUndefined()
    },
  )

  itWith(
    'redis',
    '[CA-3] a pattern is swept with SCAN, and KEYS is never sent',
    async () => {
      const server = await serve()
      const a = join(server)
      await connected(a)
      for (let n = 0; n < 1200; n++) await a.set(`user:${n}`, n)
      await a.set('order:1', 1)
      await a.deleteByPattern('user:*')
      const stats = String(await server.command('INFO', 'commandstats'))
      expect(stats).toContain('cmdstat_scan')
      expect(stats).not.toContain('cmdstat_keys')
      const late = join(server)
      await connected(late)
      expect(await late.get('user:77')).toBeUndefined()
      expect(await late.get('order:1')).toBe(1)
      expect(Number(await server.command('DBSIZE'))).toBeLessThan(10)
    },
    60_000,
  )
})

describe('failures', () => {
  itWith(
    'redis',
    '[CA-4] 2.6.2 Redis frozen: no call waits over 200 ms, then none over 2 ms',
    async () => {
      const server = await serve()
      const clock = new FakeClock()
      const cache = join(server, { clock, redisTimeout: 150 })
      let isReady = false
      const ready = cache.set('k', 'kept').then(() => (isReady = true))
      await until(async () => {
        await clock.advance(2)
        return isReady && cache.stats().pending === 0 && (await cache.get('k')) === 'kept'
      }, long)
      await ready
      server.freeze()
      try {
        const waits: number[] = []
        for (let n = 0; n < 12; n++) {
          waits.push(
            await waited(
              clock,
              cache.getOrSet(`miss${n}`, () => n),
            ),
          )
        }
        expect(Math.max(...waits)).toBeLessThanOrEqual(200)
        expect(waits.slice(-3)).toEqual([0, 0, 0])
        expect(await waited(clock, cache.get('k'))).toBe(0)
        for (const call of [cache.delete('k'), cache.deleteByTag('t'), cache.deleteByPattern('p*'), cache.clear()]) {
          expect(await waited(clock, call)).toBeLessThan(1000)
        }
      } finally {
        server.thaw()
      }
      const isBack = async (): Promise<boolean> => {
        await clock.advance(20)
        return cache.stats().pending === 0
      }
      await until(isBack, long)
      let value: unknown
      void cache.set('k', 'again').then(async () => (value = await cache.get('k')))
      await until(async () => {
        await clock.advance(1)
        return value === 'again'
      }, long)
    },
    60_000,
  )

  itWith(
    'redis',
    '[CA-4] 2.6.3 of what two processes wrote while Redis was gone, the newest wins',
    async () => {
      const server = await serve()
      const clock = (offset: number) => ({
        now: () => Date.now() + offset,
        monotonic: () => performance.now(),
        setTimeout: (run: () => void, ms: number) => setTimeout(run, ms).unref(),
        clearTimeout: (timer: unknown) => clearTimeout(timer as NodeJS.Timeout),
      })
      const redisTimeout = 150
      const [a, b] = [
        join(server, { clock: clock(0), redisTimeout }),
        join(server, { clock: clock(10_000), redisTimeout }),
      ]
      await connected(a, b)
      server.freeze()
      await b.set('k', 'newer')
      await a.set('k', 'older')
      await a.delete('d')
      await b.set('d', 'newer')
      server.thaw()
      await until(() => a.stats().pending + b.stats().pending === 0, { within: 20_000 })
      const late = join(server)
      await connected(late)
      expect(await late.get('k')).toBe('newer')
      expect(await late.get('d')).toBe('newer')
      for (const cache of [a, b]) await until(async () => (await cache.get('k')) === 'newer')
    },
    60_000,
  )

  itWith(
    'redis',
    '[CA-3] Redis restarted empty: what a process held before is not trusted',
    async () => {
      const server = await serve()
      let ahead = 0
      const clock = {
        now: () => Date.now(),
        monotonic: () => performance.now() + ahead,
        setTimeout: (run: () => void, ms: number) => setTimeout(run, ms).unref(),
        clearTimeout: (timer: unknown) => clearTimeout(timer as NodeJS.Timeout),
      }
      const [a, b] = [join(server), join(server, { clock })]
      await connected(a, b)
      await a.set('k', 'old')
      // Read long after anything was heard: what was deleted in between only the lost journal knew.
      ahead = 10_000
      expect(await b.get('k')).toBe('old')
      await server.restart()
      await connected(a, b)
      expect(await b.get('k')).toBeUndefined()
      expect(await a.get('k')).toBeUndefined()
    },
    60_000,
  )

  itWith(
    'redis',
    '[CA-3] Redis restarted empty: what a loader that was running gives is not kept',
    async () => {
      const server = await serve()
      const [a, b] = [join(server), join(server)]
      await connected(a, b)
      let finish!: (value: string) => void
      const early = a.getOrSet('k', () => new Promise<string>((resolve) => (finish = resolve)))
      await until(() => finish !== undefined)
      await server.restart()
      await connected(a, b)
      finish('may be old')
      expect(await early).toBe('may be old')
      expect(await a.get('k')).toBeUndefined()
      expect(await b.get('k')).toBeUndefined()
    },
    60_000,
  )

  itWith(
    'redis',
    '[CA-4] 2.6.3 Redis restarted empty: what was written and loaded while it was gone stays in memory',
    async () => {
      const server = await serve()
      const [a, b] = [join(server), join(server)]
      await connected(a, b)
      await server.kill()
      await a.set('written', 1)
      await a.getOrSet('loaded', () => 2)
      await server.restart()
      await connected(a, b)
      expect(await Promise.all([a, b].flatMap((cache) => [cache.get('written'), cache.get('loaded')]))).toEqual([
        1, 2, 1, 2,
      ])
    },
    60_000,
  )

  itWith('redis', '[CA-2] 2.6.1 processes that are still connecting load once', async () => {
    const server = await serve()
    const caches = Array.from({ length: 4 }, () => join(server, { redisTimeout: '5s' }))
    let finish!: (value: string) => void
    const load = jest.fn(() => new Promise<string>((resolve) => (finish = resolve)))
    const all = Promise.all(caches.map((cache) => cache.getOrSet('k', load)))
    await until(() => finish !== undefined)
    await until(async () => String(await server.command('INFO', 'commandstats')).includes('cmdstat_set'))
    finish('value')
    expect(await all).toEqual(Array(4).fill('value'))
    expect(load).toHaveBeenCalledTimes(1)
  })

  itWith('redis', '[CA-2] 2.6.1 the owner of a lease dies: the next one loads when the lease is over', async () => {
    const server = await serve()
    const [a, b] = [join(server, { lease: 300 }), join(server, { lease: 300 })]
    await connected(a, b)
    let isAsked = false
    const dead = a.getOrSet('k', () => {
      isAsked = true
      return new Promise<string>(() => undefined)
    })
    dead.catch(() => undefined)
    await until(() => isAsked)
    const waiting = b.getOrSet('k', () => 'loaded by b')
    // Closing ends the prolonging of its lease, as the end of its process does; its lease stays.
    await a.close()
    expect(await waiting).toBe('loaded by b')
  })

  itWith(
    'redis',
    '[CA-2] a lease is prolonged while its owner is at it',
    async () => {
      const server = await serve()
      const options = { lease: '2s', pollEvery: '1h' } as const
      const [a, b] = [join(server, options), join(server, options)]
      await connected(a, b)
      let finish!: (value: number) => void
      const load = jest.fn(() => new Promise<number>((resolve) => (finish = resolve)))
      const both = Promise.all([a.getOrSet('k', load), b.getOrSet('k', load)])
      await until(() => finish !== undefined)
      const renewals = async (): Promise<number> => {
        const stats = String(await server.command('INFO', 'commandstats'))
        return Number(/cmdstat_pexpire:calls=(\d+)/.exec(stats)?.[1] ?? 0)
      }
      const before = await renewals()
      // Each after a third of the lease: four are more than one lease.
      await until(async () => (await renewals()) >= before + 4, { within: 15_000 })
      finish(1)
      expect(await both).toEqual([1, 1])
      expect(load).toHaveBeenCalledTimes(1)
    },
    60_000,
  )

  itWith('redis', '[CA-2] 2.6.1 with lease 0 each process loads once', async () => {
    const server = await serve()
    const caches = Array.from({ length: 4 }, () => join(server, { lease: 0 }))
    await connected(...caches)
    const load = jest.fn(() => Promise.resolve(1))
    await Promise.all(Array.from({ length: 100 }, (_, n) => (caches[n % 4] as Cache).getOrSet('k', load)))
    expect(load.mock.calls.length).toBeLessThanOrEqual(4)
  })

  itWith('redis', '[CA-2] 2.6.7 a failure is known to all processes for errorTtl, without its message', async () => {
    const server = await serve()
    const [a, b] = [join(server, { errorTtl: '1m' }), join(server, { errorTtl: '1m' })]
    await connected(a, b)
    const load = jest.fn(() => Promise.reject(new Error('password=secret')))
    await expect(a.getOrSet('k', load)).rejects.toThrow('password')
    await until(async () => {
      const failure = await b.getOrSet('k', load).catch((error: unknown) => error as { code?: string })
      return failure.code === 'ERR_CACHE_LOADER_FAILED'
    })
    const keys = (await server.command('KEYS', '*')) as string[]
    for (const key of keys) {
      const text = await server.command('GET', key).catch(() => '')
      expect(String(text)).not.toContain('secret')
    }
  })

  itWith('redis', '[CA-2] stale-while-revalidate across processes: the old value, one refresh', async () => {
    const server = await serve()
    const options = { ttl: 50, staleWhileRevalidate: '1m' } as const
    const [a, b] = [join(server, options), join(server, options)]
    await connected(a, b)
    await a.set('k', 'old')
    await until(async () => (await a.get('k')) === undefined)
    let finish!: (value: string) => void
    const load = jest.fn(() => new Promise<string>((resolve) => (finish = resolve)))
    const slow = { ttl: '1m', staleWhileRevalidate: '1m' } as const
    expect(await a.getOrSet('k', load, slow)).toBe('old')
    await until(() => finish !== undefined)
    expect(await b.getOrSet('k', load, slow)).toBe('old')
    finish('new')
    await until(async () => (await b.getOrSet('k', load, slow)) === 'new')
    await until(async () => (await a.getOrSet('k', load, slow)) === 'new')
    expect(load).toHaveBeenCalledTimes(1)
  })

  itWith('redis', '[CA-1] broken and foreign content in Redis is a miss', async () => {
    const server = await serve()
    const cache = join(server)
    await connected(cache)
    await cache.set('k', { a: 'x'.repeat(100) })
    const [key] = ((await server.command('KEYS', '*')) as string[]).filter((name) => name.endsWith('}'))
    const good = String(await server.command('GET', key as string))
    const bad = [
      good.slice(0, -5),
      'nonsense',
      '',
      'h1 ',
      good.replace('h1', 'h9'),
      good.replace('"k"', '"other"'),
      `${good}}`,
    ]
    const fresh = join(server)
    await connected(fresh)
    for (const text of bad) {
      for (const name of (await server.command('KEYS', '*')) as string[]) {
        if (name.endsWith('}')) await server.command('SET', name, text)
      }
      expect(await fresh.get('k')).toBeUndefined()
    }
    for (const name of (await server.command('KEYS', '*')) as string[]) {
      if (name.endsWith('}')) {
        await server.command('DEL', name)
        await server.command('HSET', name, 'a', 'b')
      }
    }
    expect(await fresh.get('k')).toBeUndefined()
    expect(await fresh.getOrSet('k', () => 'loaded')).toBe('loaded')
  })

  itWith(
    'redis',
    '[CA-1] no text of keys or tags of the application is in names of keys, and every key ends',
    async () => {
      const server = await serve()
      const cache = join(server, { prefix: 'app', name: 'n' })
      await connected(cache)
      await cache.set('user:ann@example.com', 1, { tags: ['ann'] })
      await cache.deleteByTag('ann')
      await cache.getOrSet('x', () => 1)
      for (const key of (await server.command('KEYS', '*')) as string[]) {
        expect(key).toMatch(/^app:cache:v1:n:\{[\w-]{22}\}(:state|:journal|:tags|:lease)?$/)
        expect(Number(await server.command('PTTL', key))).toBeGreaterThan(0)
      }
    },
  )

  itWith('redis', '[CA-1] works over a guard that is there already', async () => {
    const server = await serve()
    const client = connect(server)
    const guard = createRedisGuard(client)
    open.push(() => guard.close())
    const a = createCache({ redis: guard, bus: client })
    open.push(() => a.close())
    const b = join(server)
    await connected(a, b)
    await a.set('k', 1)
    expect(await b.get('k')).toBe(1)
    await b.delete('k')
    await until(async () => (await a.get('k')) === undefined)
  })

  itWith(
    'redis',
    '[CA-1] a cache that is closed while its bus comes back leaves nothing that fails behind',
    async () => {
      const server = await serve()
      const failures: unknown[] = []
      const onFailure = (error: unknown): unknown => failures.push(error)
      process.on('unhandledRejection', onFailure)
      try {
        const client = connect(server)
        const buses: Client[] = []
        const duplicate = client.duplicate.bind(client)
        client.duplicate = () => {
          const bus = duplicate()
          buses.push(bus)
          return bus as Redis6
        }
        const cache = createCache({ redis: client })
        open.push(() => cache.close())
        await connected(cache)
        const [bus] = buses as [Client]
        await until(() => bus.status === 'ready')
        const closed = new Promise<void>((resolve) => bus.once('ready', () => void cache.close().then(resolve)))
        await server.command('CLIENT', 'KILL', 'TYPE', 'pubsub')
        await closed
        await until(() => bus.status === 'end')
        for (let turn = 0; turn < 10; turn++) await flush()
      } finally {
        process.off('unhandledRejection', onFailure)
      }
      expect(failures).toEqual([])
    },
    60_000,
  )

  itWith('redis', '[CA-1] 2.6.12 close leaves no timer, listener or connection of its own', async () => {
    const server = await serve()
    const client = connect(server)
    await until(() => client.status === 'ready')
    const listeners = (): number => client.eventNames().reduce((sum, name) => sum + client.listenerCount(name), 0)
    const count = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const [before, timers] = [listeners(), count()]
    const cache = createCache({ redis: client })
    await connected(cache)
    await cache.getOrSet('k', () => 1)
    await cache.close()
    expect(listeners()).toBe(before)
    expect(client.status).toBe('ready')
    await until(async () => !String(await server.command('CLIENT', 'LIST')).includes('sub=1'))
    await until(() => count() <= timers)
  })
})
