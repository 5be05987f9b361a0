import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { createRedisGuard } from '@hardening/core'
import { FakeClock, startRedis, until, type RedisServer } from '@hardening/test-utils'
import { Redis as Redis6 } from 'ioredis'
import { Redis as Redis5 } from 'ioredis5'
import { rateLimit, type RateLimitMiddleware, type RateLimitOptions } from '../src/index.js'
import { drive, driveMany, passing } from './drive.js'

const clients = [
  ['ioredis 6', (port: number) => new Redis6(port, '127.0.0.1')],
  ['ioredis 5', (port: number) => new Redis5(port, '127.0.0.1') as unknown as Redis6],
] as const

const opened: { close(): unknown }[] = []
let names = 0

/** A limiter on a Redis of the test's own, with a name of its own unless it is given one. */
function limit(redis: Redis6, options: RateLimitOptions = {}): RateLimitMiddleware {
  const limiter = rateLimit({ name: `test-${++names}`, ...options, redis })
  opened.push(limiter)
  return limiter
}

function connect(open: (port: number) => Redis6, port: number): Redis6 {
  const redis = open(port)
  redis.on('error', () => undefined)
  opened.push({ close: () => redis.disconnect() })
  return redis
}

async function ready(redis: Redis6): Promise<Redis6> {
  await until(() => redis.status === 'ready', { what: 'the client' })
  return redis
}

let server: RedisServer

beforeAll(async () => {
  server = await startRedis()
})

afterEach(() => {
  for (const one of opened.splice(0)) one.close()
})

afterAll(() => server.stop())

const three = [
  { limit: 60, window: '1m' },
  { limit: 1000, window: '1h' },
  { limit: 10_000, window: '1d' },
] as const

/** Commands that the server has carried out since it was last asked, by name; without those of the tests. */
async function commands(): Promise<Record<string, number>> {
  const text = String(await server.command('INFO', 'commandstats'))
  await server.command('CONFIG', 'RESETSTAT')
  const calls = [...text.matchAll(/cmdstat_([a-z|_-]+):calls=(\d+)/g)].map(([, name, count]) => [name, Number(count)])
  return Object.fromEntries(calls.filter(([name]) => ['evalsha', 'eval'].includes(String(name))))
}

describe.each(clients)('with %s', (_name, open) => {
  it('[RL-1] 1.8.1 asks Redis once for three windows, and not at all for a key that is known to be refused', async () => {
    const redis = await ready(connect(open, server.port))
    const limiter = limit(redis, { policies: three })
    await drive(limiter)
    await commands()
    expect(await driveMany(limiter, 59)).toEqual(Array(59).fill(200))
    expect(await commands()).toEqual({ evalsha: 59 })
    expect(await driveMany(limiter, 1)).toEqual([429])
    await commands()
    expect(await driveMany(limiter, 50)).toEqual(Array(50).fill(429))
    expect((await commands())['evalsha'] ?? 0).toBeLessThanOrEqual(1)
  })

  it('[RL-6] asks Redis nothing for a blocked key, and another instance once', async () => {
    const name = `blocked-${++names}`
    // A clock that stands still: nobody asks in between which keys were freed.
    const options = { name, policies: three, block: { after: 2 }, clock: new FakeClock() }
    const here = limit(await ready(connect(open, server.port)), options)
    const there = limit(await ready(connect(open, server.port)), options)
    await driveMany(here, 1, { address: '192.0.2.9' })
    await here.block('192.0.2.1', '1h')
    await commands()
    expect(await driveMany(here, 20)).toEqual(Array(20).fill(429))
    expect(await commands()).toEqual({})
    expect(await driveMany(there, 20)).toEqual(Array(20).fill(429))
    expect(await commands()).toEqual({ evalsha: 1 })
  })

  it('[RL-1] takes requests that wait in the same turn in one call, exact to the hit', async () => {
    const redis = await ready(connect(open, server.port))
    const limiter = limit(redis, { policies: [{ limit: 70, window: '1m' }] })
    // The first call of its kind is the one that brings the script.
    await Promise.all([1, 2].map(() => drive(limiter, { address: '192.0.2.200' })))
    await commands()
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, (_, at) => drive(limiter, { address: `192.0.2.${at % 2}` })),
    )
    expect(outcomes.filter(({ status }) => status === 200)).toHaveLength(140)
    expect(await commands()).toEqual({ evalsha: 1 })
  })

  it('[RL-2] keeps addresses and keys out of Redis', async () => {
    const redis = await ready(connect(open, server.port))
    const limiter = limit(redis, { name: 'private', prefix: 'shop', key: 'api-key' })
    await drive(limiter, { headers: { 'x-api-key': 'secret-key' } })
    const keys = (await server.command('KEYS', 'shop:*')) as string[]
    expect(keys).toEqual([expect.stringMatching(/^shop:rl:v1:private:\{[\w-]{22}\}$/)])
    expect(Number(await server.command('PTTL', keys[0] as string))).toBeGreaterThan(3_600_000)
  })

  it('[RL-3] shares limits between limiters of one name', async () => {
    const name = `shared-${++names}`
    const one = limit(await ready(connect(open, server.port)), { name })
    const other = limit(await ready(connect(open, server.port)), { name })
    expect(await passing(one, 40)).toBe(40)
    expect(await passing(other, 40)).toBe(20)
  })

  it('[RL-3] takes a guard of core in place of a client', async () => {
    const guard = createRedisGuard(await ready(connect(open, server.port)))
    opened.push(guard)
    const limiter = limit(guard as never, { policies: [{ limit: 2, window: '1m' }] })
    expect(await driveMany(limiter, 3)).toEqual([200, 200, 429])
  })
})
