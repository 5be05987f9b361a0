import { afterAll, beforeAll, describe, it } from '@jest/globals'
import { FakeClock, startRedis, until, type RedisServer } from '@hardening/test-utils'
import { Redis } from 'ioredis'
import { MemoryRateLimitStore, RedisRateLimitStore } from '../src/index.js'
import { rateLimitStoreContract } from '../src/testing.js'

describe('the memory store', () => {
  rateLimitStoreContract({
    it,
    prefix: '[RL-3] ',
    create: () => {
      const clock = new FakeClock()
      return { store: new MemoryRateLimitStore({ clock }), advance: (ms) => clock.advance(ms) }
    },
  })
})

describe('the Redis store', () => {
  let server: RedisServer
  let redis: Redis
  let names = 0

  beforeAll(async () => {
    server = await startRedis()
    redis = new Redis(server.port, '127.0.0.1')
    await until(() => redis.status === 'ready')
  })

  afterAll(async () => {
    redis.disconnect()
    await server.stop()
  })

  rateLimitStoreContract({
    it,
    prefix: '[RL-3] ',
    create: () => {
      let now = 1_800_000_000_000
      const store = new RedisRateLimitStore({ redis, prefix: `contract-${++names}`, now: () => now, timeout: '10s' })
      return { store, advance: (ms) => void (now += ms) }
    },
  })
})
