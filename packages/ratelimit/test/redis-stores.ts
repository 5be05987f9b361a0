import { afterAll, beforeAll } from '@jest/globals'
import { FakeClock, startRedis, until, type RedisServer } from '@hardening/test-utils'
import { Redis } from 'ioredis'
import { MemoryRateLimitStore, RedisRateLimitStore } from '../src/index.js'
import { createQuota, type Quota } from '../src/quota.js'

/** A Redis of the tests' own, with a client that is ready when the first of them begins. */
export class OwnRedis {
  server!: RedisServer
  redis!: Redis
  #stores = 0

  async start(): Promise<void> {
    this.server = await startRedis()
    this.redis = new Redis(this.server.port, '127.0.0.1')
    this.redis.on('error', () => undefined)
    await until(() => this.redis.status === 'ready')
  }

  async stop(): Promise<void> {
    this.redis.disconnect()
    await this.server.stop()
  }

  /** A store whose time `now` tells; under keys of its own. */
  store(now: () => number, prefix = `test-${++this.#stores}`): RedisRateLimitStore {
    return new RedisRateLimitStore({ redis: this.redis, prefix, timeout: '10s', now })
  }
}

/** Starts a Redis for the tests of a file, or of a `describe`, and stops it behind them. */
export function ownRedis(): OwnRedis {
  const own = new OwnRedis()
  beforeAll(() => own.start())
  afterAll(() => own.stop())
  return own
}

/** The same quotas in memory and in Redis, by one clock. */
export interface StorePair {
  readonly clock: FakeClock
  readonly quotas: readonly Quota[]
  readonly memory: MemoryRateLimitStore
  readonly shared: RedisRateLimitStore
}

/** Makes both stores for windows that are one group, with blocks after four refusals. */
export function storePair(
  own: OwnRedis,
  windows: readonly Omit<Quota, 'name' | 'slot' | 'counts' | 'id'>[],
): StorePair {
  const quotas = windows.map((parts, slot) => createQuota({ ...parts, name: `w${slot}`, slot }))
  const penalty = { after: 4, withinMs: 3000, forMs: [2000, 4000], decayMs: 9000 }
  const setup = { name: 'pair', penalty, groups: [{ name: 'k', quotas }] }
  const clock = new FakeClock()
  const memory = new MemoryRateLimitStore({ clock })
  // Times of the same size on both sides, since sums round by it.
  const shared = own.store(() => clock.monotonic())
  memory.init(setup)
  shared.init(setup)
  return { clock, quotas, memory, shared }
}
