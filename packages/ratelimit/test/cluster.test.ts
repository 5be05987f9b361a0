import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createRedisGuard } from '@hardening/core'
import { startRedisCluster, until, type RedisCluster } from '@hardening/test-utils'
import { Cluster as Cluster6 } from 'ioredis'
import { Cluster as Cluster5 } from 'ioredis5'
import { rateLimit, type RateLimitOptions } from '../src/index.js'
import { slotOf } from '../src/redis/slot.js'
import { drive, driveMany } from './drive.js'

let cluster: RedisCluster

beforeAll(async () => {
  cluster = await startRedisCluster()
}, 40_000)

afterAll(() => cluster.stop())

const two = {
  policies: [
    { name: 'address', limit: 30, window: '1m' },
    {
      name: 'tenant',
      limit: 5,
      window: '1m',
      key: { by: 'tenant', of: ({ req }) => req.headers['x-tenant'] as string },
    },
  ],
} as const satisfies RateLimitOptions

describe.each([
  ['ioredis 6', () => new Cluster6(cluster.startupNodes)],
  ['ioredis 5', () => new Cluster5(cluster.startupNodes) as unknown as Cluster6],
] as const)('a cluster of three nodes with %s', (name, open) => {
  it('[RL-3] counts many keys at once, each exactly, one call a slot', async () => {
    const redis = open()
    await until(() => redis.status === 'ready', { within: 10_000 })
    const limiter = rateLimit({ redis, name: `many-${name.replace(' ', '')}`, policies: [{ limit: 5, window: '1m' }] })
    const outcomes = await Promise.all(
      Array.from({ length: 300 }, (_, at) => drive(limiter, { address: `192.0.2.${at % 30}` })),
    )
    expect(outcomes.filter(({ status }) => status === 200)).toHaveLength(150)
    limiter.close()
    redis.disconnect()
  }, 20_000)

  it('[RL-1] a request whose keys are in several slots counts in all or in none, also with a guard that does not say so', async () => {
    for (const isGuarded of [false, true]) {
      const redis = open()
      await until(() => redis.status === 'ready', { within: 10_000 })
      const guard = createRedisGuard(redis)
      const suffix = `${isGuarded}-${name.replace(' ', '')}`
      const limiter = rateLimit({ ...two, redis: isGuarded ? guard : redis, name: `apart-${suffix}` })
      const tenants = ['a', 'b', 'c', 'd']
      for (const tenant of tenants) {
        expect(await driveMany(limiter, 7, { headers: { 'x-tenant': tenant } })).toEqual([
          200, 200, 200, 200, 200, 429, 429,
        ])
      }
      await until(async () => (await limiter.inspect('192.0.2.1', { by: 'ip' })).windows[0]?.remaining === 10)
      limiter.close()
      guard.close()
      redis.disconnect()
    }
  }, 20_000)
})

it('[RL-4] a node of the cluster that is killed: limits in memory in time, shared ones once it is back', async () => {
  const redis = new Cluster6(cluster.startupNodes)
  redis.on('error', () => undefined)
  await until(() => redis.status === 'ready', { within: 10_000 })
  const limiter = rateLimit({ redis, name: 'lost-node', policies: [{ limit: 3, window: '1m' }] })
  const addresses = Array.from({ length: 12 }, (_, at) => `192.0.2.${at}`)
  const ask = async (): Promise<number[]> =>
    Promise.all(addresses.map(async (address) => (await drive(limiter, { address })).status))
  expect(await ask()).toEqual(addresses.map(() => 200))
  await cluster.nodes[1]?.kill()
  const found = [await ask(), await ask(), await ask(), await ask(), await ask(), await ask()]
  expect(new Set(found.flat())).toEqual(new Set([200, 429]))
  // Each key three times in Redis or in memory, or in both, and never again.
  for (const at of addresses.keys()) {
    const passed = found.filter((statuses) => statuses[at] === 200).length
    expect(passed).toBeGreaterThanOrEqual(2)
    expect(passed).toBeLessThanOrEqual(5)
  }
  await cluster.nodes[1]?.restart()
  const others = Array.from({ length: 12 }, (_, at) => `198.51.100.${at}`)
  await until(
    async () => {
      for (const address of others) {
        await drive(limiter, { address })
        if (limiter.degraded) return false
      }
      return true
    },
    { within: 15_000, what: 'all slots' },
  )
  limiter.close()
  redis.disconnect()
}, 40_000)

it('[RL-3] finds the slot of a key as the server does', async () => {
  for (const key of ['foo', 'hd:rl:v1:a:{b-C_9}', '{}x', 'a{}{b}', '{a}{b}', '']) {
    expect(slotOf(key)).toBe(Number(await cluster.nodes[0]?.command('CLUSTER', 'KEYSLOT', key)))
  }
})
