import { describe, it } from '@jest/globals'
import { FakeClock } from '@hardening/test-utils'
import { MemoryRateLimitStore } from '../src/index.js'
import { rateLimitStoreContract } from '../src/testing.js'
import { ownRedis } from './redis-stores.js'

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
  const own = ownRedis()

  rateLimitStoreContract({
    it,
    prefix: '[RL-3] ',
    create: () => {
      let now = 1_800_000_000_000
      return { store: own.store(() => now), advance: (ms) => void (now += ms) }
    },
  })
})
