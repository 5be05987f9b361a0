import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { FakeClock, startRedis, until, type RedisServer } from '@hardening/test-utils'
import fc from 'fast-check'
import { Redis } from 'ioredis'
import { MemoryRateLimitStore, RedisRateLimitStore } from '../src/index.js'
import { createQuota, type Claim } from '../src/quota.js'
import { Verdict } from '../src/verdict.js'

let server: RedisServer
let redis: Redis
let runs = 0

beforeAll(async () => {
  server = await startRedis()
  redis = new Redis(server.port, '127.0.0.1')
  await until(() => redis.status === 'ready')
})

afterAll(async () => {
  redis.disconnect()
  await server.stop()
})

const window = fc.record({
  algorithm: fc.constantFrom('sliding-window', 'fixed-window', 'token-bucket'),
  limit: fc.integer({ min: 2, max: 40 }),
  burst: fc.integer({ min: 2, max: 40 }),
  windowMs: fc.integer({ min: 10, max: 5000 }),
  isEnforced: fc.boolean(),
  countsRefused: fc.boolean(),
})

const step = fc.record({
  pause: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 6000 })),
  key: fc.constantFrom('a', 'b'),
  cost: fc.integer({ min: 0, max: 2 }),
  back: fc.constantFrom(0, 0, 0, 1, -1),
})

it('[RL-1] memory and Redis come to the same decisions, with the same rest and the same wait', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(window, { minLength: 1, maxLength: 3 }),
      fc.array(step, { maxLength: 30 }),
      async (windows, steps) => {
        const quotas = windows.map((parts, slot) => createQuota({ ...parts, name: `w${slot}`, slot }))
        const penalty = { after: 4, withinMs: 3000, forMs: [2000, 4000], decayMs: 9000 }
        const setup = { name: 'parity', penalty, groups: [{ name: 'k', quotas }] }
        const clock = new FakeClock()
        const memory = new MemoryRateLimitStore({ clock })
        // Times of the same size on both sides, since sums round by it.
        const shared = new RedisRateLimitStore({ redis, prefix: `parity-${++runs}`, now: () => clock.monotonic() })
        memory.init(setup)
        shared.init(setup)
        await clock.advance(1000)
        for (const { pause, key, cost, back } of steps) {
          await clock.advance(pause)
          const claim: Claim = { group: 0, key, quotas, costs: quotas.map(() => cost) }
          const [own, theirs] = [new Verdict(), new Verdict()]
          memory.take([claim], own)
          await shared.take([claim], theirs)
          expect({ ...theirs }).toEqual({ ...own })
          if (back === 0 || !own.allowed) continue
          const change = { ...claim, costs: claim.costs.map(() => back) }
          memory.adjust(change, own.at)
          await shared.adjust(change, theirs.at)
        }
      },
    ),
    { numRuns: 60 },
  )
}, 60_000)
