import { afterEach, describe, expect, it } from '@jest/globals'
import { startRedis, until } from '@hardening/test-utils'
import { MemoryStore, type Store } from 'express-rate-limit'
import { Redis } from 'ioredis'
import { RedisStore } from 'rate-limit-redis'
import { rateLimit, type RateLimitOptions } from '../src/index.js'
import { closeAll, decisions, serve, statuses, versions } from './apps.js'
import { drive, driveMany } from './drive.js'
import { ownRedis } from './redis-stores.js'

const told = decisions()
const policies = [
  { name: 'minute', limit: 3, window: '1m' },
  { name: 'hour', limit: 5, window: '1h' },
] as const

const own = ownRedis()
afterEach(closeAll)

const sendCommand = (...args: string[]): Promise<never> => own.redis.call(...(args as [string])) as Promise<never>

const stores: readonly (readonly [string, () => Store])[] = [
  ['rate-limit-redis', () => new RedisStore({ sendCommand })],
  ['the memory store of express-rate-limit', () => new MemoryStore()],
]

describe.each(stores)('with %s', (_name, store) => {
  describe.each(versions)('on %s', (_version, express) => {
    it('[RL-3] runs one instance of express-rate-limit a policy, with our headers and problem', async () => {
      await own.server.command('FLUSHALL')
      const { url } = await serve((app) => app.use(rateLimit({ store, policies })), express)
      const first = await fetch(url)
      expect(first.headers.get('RateLimit')).toBe('"minute";r=2;t=60, "hour";r=4;t=3600')
      expect(await statuses(url, 2)).toEqual([200, 200])
      const refused = await fetch(url)
      expect(refused.status).toBe(429)
      expect(refused.headers.get('Retry-After')).toBe('60')
      expect(await refused.json()).toMatchObject({ 'violated-policies': ['minute'] })
    })
  })

  it('[RL-6] inspects and resets, and says what it cannot do', async () => {
    await own.server.command('FLUSHALL')
    const limiter = rateLimit({ store, policies })
    expect(await driveMany(limiter, 4)).toEqual([200, 200, 200, 429])
    expect((await limiter.inspect('192.0.2.1')).windows.map(({ remaining }) => remaining)).toEqual([0, 1])
    await limiter.reset('192.0.2.1')
    await until(async () => (await limiter.inspect('192.0.2.1')).windows[0]?.remaining === 3)
    expect((await drive(limiter)).status).toBe(200)
    await expect(limiter.unblock('192.0.2.1')).rejects.toMatchObject({ code: 'ERR_RATELIMIT_UNSUPPORTED' })
    limiter.close()
  })
})

it('[RL-2] keeps addresses out of the keys of other stores', async () => {
  await own.server.command('FLUSHALL')
  await drive(rateLimit({ store: () => new RedisStore({ sendCommand }), policies }))
  const keys = (await own.server.command('KEYS', '*')) as string[]
  expect(keys).toHaveLength(2)
  for (const key of keys) expect(key).toMatch(/^rl:(minute|hour):[\w-]{22}$/)
})

describe('a store that fails', () => {
  const failing = (fail: () => Promise<never>): Store => ({
    increment: fail,
    decrement: () => undefined,
    resetKey: () => undefined,
  })

  it('[RL-4] one that hangs is given up in time, and is not asked after five failures', async () => {
    let calls = 0
    const store = failing(() => {
      calls++
      return new Promise<never>(() => undefined)
    })
    const limiter = rateLimit({ store, policies: [policies[0]], timeout: 20 })
    expect(await driveMany(limiter, 3)).toEqual([200, 200, 200])
    expect(await driveMany(limiter, 20)).toEqual(Array(20).fill(429))
    expect(calls).toBeLessThanOrEqual(6)
    expect(told.every(({ degraded }) => degraded)).toBe(true)
  })

  it('[RL-4] each failure mode holds for it too', async () => {
    const store = (): Store => failing(() => Promise.reject(new Error('down')))
    const of = (onStoreFailure: 'open' | 'closed' | 'memory') =>
      driveMany(rateLimit({ store, policies: [policies[0]], onStoreFailure }), 4)
    expect(await of('open')).toEqual([200, 200, 200, 200])
    expect(await of('closed')).toEqual([503, 503, 503, 503])
    expect(await of('memory')).toEqual([200, 200, 200, 429])
  })

  it('[RL-4] rate-limit-redis that was made while Redis was away counts once Redis is there', async () => {
    const late = await startRedis({ start: false })
    const client = new Redis(late.port, '127.0.0.1', { enableOfflineQueue: false, retryStrategy: () => 50 })
    client.on('error', () => undefined)
    const store = (): Store =>
      new RedisStore({ sendCommand: (...args: string[]) => client.call(...(args as [string])) as Promise<never> })
    const limiter = rateLimit({ store, policies: [policies[0]] })
    expect(await driveMany(limiter, 8)).toEqual([200, 200, 200, ...Array<number>(5).fill(429)])
    await late.restart()
    await until(async () => (await drive(limiter, { address: '192.0.2.7' })) && !limiter.degraded)
    expect(await driveMany(limiter, 4)).toEqual([200, 200, 200, 429])
    client.disconnect()
    await late.stop()
  }, 20_000)
})

describe('what express-rate-limit cannot do', () => {
  const store = (): Store => new MemoryStore()
  const policy = { name: 'p', limit: 5, window: '1m' } as const
  const refused: readonly (readonly [string, RateLimitOptions])[] = [
    ['policies[p].algorithm', { policies: [{ ...policy, algorithm: 'sliding-window' }] }],
    ['policies[p].algorithm', { policies: [{ ...policy, algorithm: 'token-bucket' }] }],
    ['policies[p].cost', { policies: [{ ...policy, cost: 2 }] }],
    ['policies[p].cost', { policies: [{ ...policy, cost: () => 2 }] }],
    ['policies[p].count', { policies: [{ ...policy, count: 'failures' }] }],
    ['policies[p].limit', { policies: [{ ...policy, limit: () => 2 }] }],
    ['policies[p].limit', { policies: [{ ...policy, window: () => 2 }] }],
    ['block', { policies: [policy], block: true }],
  ]

  it.each(refused)('[RL-1] is refused at creation: %s', (option, options) => {
    expect(() => rateLimit({ store, ...options })).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG_INVALID', option }),
    )
  })

  it('[RL-1] one store for two policies is refused at creation', () => {
    expect(() => rateLimit({ store: new MemoryStore(), policies })).toThrow(
      expect.objectContaining({ option: 'store' }),
    )
  })
})
