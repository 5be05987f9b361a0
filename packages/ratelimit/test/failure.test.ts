import { afterEach, describe, expect, it } from '@jest/globals'
import { FakeClock, startRedis, until, type RedisServer } from '@hardening/test-utils'
import { Redis as Redis6 } from 'ioredis'
import { Redis as Redis5 } from 'ioredis5'
import { rateLimit, type RateLimitMiddleware, type RateLimitOptions } from '../src/index.js'
import { decisions } from './apps.js'
import { drive, driveMany, driveNow, passing } from './drive.js'

const clients = [
  ['ioredis 6', (port: number) => new Redis6(port, '127.0.0.1')],
  ['ioredis 5', (port: number) => new Redis5(port, '127.0.0.1') as unknown as Redis6],
] as const

const opened: { close(): unknown }[] = []
const told = decisions()

afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()))
})

async function serverOf(start = true): Promise<RedisServer> {
  const server = await startRedis({ start })
  opened.push({ close: () => server.stop() })
  return server
}

function limit(redis: Redis6, options: RateLimitOptions = {}): RateLimitMiddleware {
  const limiter = rateLimit({ policies: [{ limit: 3, window: '1m' }], ...options, redis })
  opened.push({ close: () => (limiter.close(), redis.disconnect()) })
  return limiter
}

/** A value of the one counter that the server holds. */
async function counted(server: RedisServer, address = '192.0.2.1'): Promise<number> {
  const limiter = rateLimit({ policies: [{ limit: 1_000_000, window: '1m' }], redis: client(server) })
  opened.push(limiter)
  await until(async () => (await limiter.inspect(address)).windows.length)
  return 1_000_000 - ((await limiter.inspect(address)).windows[0]?.remaining ?? 0)
}

function client(server: RedisServer): Redis6 {
  const redis = new Redis6(server.port, '127.0.0.1')
  opened.push({ close: () => redis.disconnect() })
  return redis
}

describe.each(clients)('with %s and its default options', (_name, open) => {
  it('[RL-4] 1.8.3 Redis absent at the start: limits in memory at once, shared ones within 2 s of its coming', async () => {
    const server = await serverOf(false)
    const limiter = limit(open(server.port))
    // Decided before the call returns: nothing waits for a connection.
    expect(driveNow(limiter)?.status).toBe(200)
    expect(await driveMany(limiter, 3)).toEqual([200, 200, 429])
    expect(limiter.degraded).toBe(true)
    await server.restart()
    const back = performance.now()
    await until(async () => (await drive(limiter, { address: '192.0.2.9' })) && !limiter.degraded, { within: 2000 })
    expect(performance.now() - back).toBeLessThan(2000)
    expect(await driveMany(limiter, 4)).toEqual([200, 200, 200, 429])
  })

  it('[RL-4] Redis frozen at the start: limits in memory at once, shared ones within 2 s of its going on', async () => {
    const server = await serverOf()
    server.freeze()
    const limiter = limit(open(server.port))
    expect(driveNow(limiter)?.status).toBe(200)
    expect((await driveMany(limiter, 3)).at(-1)).toBe(429)
    server.thaw()
    await until(async () => (await drive(limiter, { address: '192.0.2.9' })) && !limiter.degraded, { within: 2000 })
    expect(await driveMany(limiter, 4)).toEqual([200, 200, 200, 429])
  }, 20_000)

  it('[RL-4] Redis killed: limits in memory at once, shared ones after its restart', async () => {
    const server = await serverOf()
    const redis = open(server.port)
    const limiter = limit(redis)
    await until(() => redis.status === 'ready')
    expect(await passing(limiter, 2)).toBe(2)
    await server.kill()
    expect(await driveMany(limiter, 4)).toEqual([200, 200, 200, 429])
    await server.restart()
    await until(async () => (await drive(limiter, { address: '192.0.2.9' })) && !limiter.degraded, { within: 2000 })
    expect(await driveMany(limiter, 4)).toEqual([200, 200, 200, 429])
  }, 20_000)

  it('[RL-4] 1.8.4 Redis frozen: after at most 5 slow calls none is asked; it comes back, and nothing is counted twice', async () => {
    const server = await serverOf()
    const redis = open(server.port)
    const limiter = limit(redis, { policies: [{ limit: 1_000_000, window: '1m' }] })
    await until(() => redis.status === 'ready')
    expect(await passing(limiter, 7)).toBe(7)
    server.freeze()
    let slow = 0
    for (let at = 0; at < 60; at++) {
      // Whoever waits for the server has not decided when the call returns.
      if (driveNow(limiter) === undefined) {
        slow++
        await drive(limiter, { address: '192.0.2.99' })
      }
    }
    expect(slow).toBeLessThanOrEqual(5)
    expect(driveNow(limiter)?.status).toBe(200)
    server.thaw()
    await until(async () => (await drive(limiter, { address: '192.0.2.9' })) && !limiter.degraded, { within: 2000 })
    // What was written before the freeze was seen may have been carried out, once each; nothing was sent again.
    expect(await counted(server)).toBeLessThanOrEqual(7 + slow)
    expect(await counted(server)).toBeGreaterThanOrEqual(7)
  }, 20_000)

  it('[RL-4] 1.8.5 SCRIPT FLUSH and a restart in the middle of traffic: no request fails', async () => {
    const server = await serverOf()
    const redis = open(server.port)
    const limiter = limit(redis, { policies: [{ limit: 1_000_000, window: '1m' }] })
    await until(() => redis.status === 'ready')
    const found = new Set<number>()
    let isOver = false
    const traffic = (async () => {
      while (!isOver) {
        found.add((await drive(limiter)).status)
        await new Promise(setImmediate)
      }
    })()
    await server.command('SCRIPT', 'FLUSH')
    await until(async () => (await drive(limiter)).status === 200)
    await server.command('SCRIPT', 'FLUSH')
    // Of one key at once, and by hand: what another script is for.
    const together = await Promise.all([1, 2, 3].map(() => drive(limiter)))
    expect(together.map(({ status }) => status)).toEqual([200, 200, 200])
    await limiter.reset('192.0.2.77')
    expect(limiter.degraded).toBe(false)
    await server.restart()
    await until(async () => (await drive(limiter)) && !limiter.degraded)
    isOver = true
    await traffic
    expect([...found]).toEqual([200])
  }, 20_000)
})

describe('failure modes', () => {
  const policy = { name: 'p', limit: 1, window: '1m' } as const

  async function withoutServer(options: RateLimitOptions): Promise<RateLimitMiddleware> {
    const server = await serverOf(false)
    return limit(new Redis6(server.port, '127.0.0.1'), options)
  }

  it('[RL-4] 1.8.6 closed answers 503 with Retry-After', async () => {
    const limiter = await withoutServer({ policies: [{ ...policy, onStoreFailure: 'closed' }] })
    const { error } = await drive(limiter)
    expect(error).toMatchObject({ status: 503, code: 'ERR_RATELIMIT_UNAVAILABLE', headers: { 'Retry-After': '5' } })
    expect(told.map(({ outcome, degraded }) => [outcome, degraded])).toEqual([['failed_closed', true]])
  })

  it('[RL-4] 1.8.6 open lets everything pass, and tells that it is degraded', async () => {
    const limiter = await withoutServer({ policies: [policy], onStoreFailure: 'open' })
    expect(await driveMany(limiter, 3)).toEqual([200, 200, 200])
    expect(limiter.degraded).toBe(true)
    expect(told.map(({ outcome }) => outcome)).toEqual(Array(3).fill('failed_open'))
    expect(told.every(({ degraded }) => degraded)).toBe(true)
  })

  it('[RL-4] 1.8.6 memory limits, and tells that it is degraded', async () => {
    const limiter = await withoutServer({ policies: [policy] })
    expect(await driveMany(limiter, 3)).toEqual([200, 429, 429])
    expect(told.map(({ outcome, degraded }) => [outcome, degraded])).toEqual([
      ['allowed', true],
      ['limited', true],
      ['limited', true],
    ])
  })

  it('[RL-4] each policy has its own mode', async () => {
    const policies = [
      { ...policy, name: 'open', onStoreFailure: 'open' },
      { ...policy, name: 'memory', limit: 2 },
    ] as const
    const limiter = await withoutServer({ policies })
    expect(await driveMany(limiter, 3)).toEqual([200, 200, 429])
  })

  it('[RL-4] each instance allows its share while the store is away, if told how many there are', async () => {
    const limiter = await withoutServer({ policies: [{ ...policy, limit: 100 }], instances: 4 })
    expect(await passing(limiter, 100)).toBe(25)
    const costly = await withoutServer({ policies: [{ ...policy, limit: 10, cost: 8 }], instances: 5 })
    expect(await passing(costly, 3)).toBe(1)
  })

  it('[RL-4] a key that holds something else begins anew, and fails no other key of the same call', async () => {
    const server = await serverOf()
    const redis = new Redis6(server.port, '127.0.0.1')
    const limiter = limit(redis)
    await until(() => redis.status === 'ready')
    await drive(limiter)
    const [key] = (await server.command('KEYS', 'hd:rl:*')) as string[]
    for (const value of [
      ['SET', key, 'x'],
      ['DEL', key],
      ['LPUSH', key, 'x'],
    ] as [string, string, string?][]) {
      await server.command(...(value.filter((part) => part !== undefined) as [string]))
    }
    const others = Array.from({ length: 20 }, (_, at) => drive(limiter, { address: `198.51.100.${at}` }))
    const [broken, ...rest] = await Promise.all([drive(limiter), ...others])
    expect(broken?.status).toBe(200)
    expect(rest.map(({ status }) => status)).toEqual(Array(20).fill(200))
    const inRedis = (await server.command('KEYS', 'hd:rl:*')) as string[]
    expect(inRedis).toHaveLength(21)
    expect(await driveMany(limiter, 3)).toEqual([200, 200, 429])
  })
})

describe('by hand, across instances', () => {
  it('[RL-6] 1.8.10 block, unblock and reset hold in other instances within a second', async () => {
    const server = await serverOf()
    const [one, other] = [client(server), client(server)]
    const here = limit(one)
    const there = limit(other)
    await until(() => one.status === 'ready' && other.status === 'ready')
    await here.block('192.0.2.1', '10m')
    expect((await drive(there)).error?.code).toBe('ERR_RATELIMIT_BLOCKED')
    await here.unblock('192.0.2.1')
    await until(async () => (await drive(there)).status === 200, { within: 1000, what: 'the other instance' })
    await driveMany(there, 5)
    expect((await drive(there)).status).toBe(429)
    await here.reset('192.0.2.1')
    await until(async () => (await drive(there)).status === 200, { within: 1000, what: 'the other instance' })
  })

  it('[RL-6] refusals that were given without asking Redis lead to a block in Redis as well', async () => {
    const server = await serverOf()
    const [one, other] = [client(server), client(server)]
    const here = limit(one, { block: { after: 5 } })
    const there = limit(other, { block: { after: 5 } })
    await until(() => one.status === 'ready' && other.status === 'ready')
    await driveMany(here, 12)
    await until(async () => (await drive(there)).error?.code === 'ERR_RATELIMIT_BLOCKED')
    expect((await here.inspect('192.0.2.1')).level).toBe(1)
  })

  it('[RL-6] enough refusals given without asking Redis are told to it at once, not with the next look', async () => {
    const server = await serverOf()
    const redis = client(server)
    await until(() => redis.status === 'ready')
    // Its time stands still, so that nothing is done by a timer.
    const limiter = limit(redis, { block: { after: 5 }, clock: new FakeClock() })
    await driveMany(limiter, 12)
    await until(async () => (await limiter.inspect('192.0.2.1')).level === 1)
    expect((await drive(limiter)).error?.code).toBe('ERR_RATELIMIT_BLOCKED')
  })

  it('[RL-6] a block made while Redis is away holds here, and says that it is not shared', async () => {
    const server = await serverOf(false)
    const limiter = limit(new Redis6(server.port, '127.0.0.1'))
    await expect(limiter.block('192.0.2.1', '1m')).rejects.toMatchObject({ code: 'ERR_REDIS_UNAVAILABLE' })
    expect((await drive(limiter)).error?.code).toBe('ERR_RATELIMIT_BLOCKED')
  })
})
