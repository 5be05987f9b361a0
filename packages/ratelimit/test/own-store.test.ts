import { describe, expect, it } from '@jest/globals'
import { FakeClock } from '@hardening/test-utils'
import { MemoryRateLimitStore, rateLimit, type RateLimitStore } from '../src/index.js'
import { drive, driveMany, driveNow } from './drive.js'

const policies = [{ name: 'p', limit: 2, window: '1m' }] as const

/** A store of the user's that takes as memory does, unless `answer` says otherwise. */
function storeWith(
  answer: (take: () => void) => void | Promise<void>,
): RateLimitStore & { asked: number; closed: number } {
  const inner = new MemoryRateLimitStore({ clock: new FakeClock() })
  const store = {
    asked: 0,
    closed: 0,
    init: (setup: Parameters<MemoryRateLimitStore['init']>[0]) => inner.init(setup),
    take: (...args: Parameters<MemoryRateLimitStore['take']>) => {
      store.asked++
      return answer(() => inner.take(...args))
    },
    adjust: inner.adjust.bind(inner),
    strike: inner.strike.bind(inner),
    inspect: inner.inspect.bind(inner),
    block: inner.block.bind(inner),
    unblock: inner.unblock.bind(inner),
    reset: inner.reset.bind(inner),
    close: () => void store.closed++,
  }
  return store
}

describe('a store of the user', () => {
  it('[RL-3] counts, whether it waits or not, and is left open', async () => {
    const now = storeWith((take) => take())
    const later = storeWith(async (take) => {
      await Promise.resolve()
      take()
    })
    for (const store of [now, later]) {
      const limiter = rateLimit({ store, policies, clock: new FakeClock() })
      expect(await driveMany(limiter, 3)).toEqual([200, 200, 429])
      expect((await limiter.inspect('192.0.2.1')).windows[0]?.remaining).toBe(0)
      await limiter.reset('192.0.2.1')
      expect(await driveMany(limiter, 1)).toEqual([200])
      limiter.close()
      expect(store.closed).toBe(0)
    }
    expect(driveNow(rateLimit({ store: now, policies }), { address: '192.0.2.2' })?.status).toBe(200)
  })

  it('[RL-4] that never answers holds no request up for longer than the time-out, and is not asked for ever', async () => {
    const clock = new FakeClock()
    const store = storeWith(() => new Promise(() => undefined))
    const limiter = rateLimit({ store, policies, clock })
    const found: number[] = []
    for (let at = 0; at < 20; at++) {
      const outcome = drive(limiter)
      await clock.advance(10)
      await clock.advance(140)
      found.push((await outcome).status)
    }
    expect(found.slice(0, 3)).toEqual([200, 200, 429])
    expect(new Set(found.slice(2))).toEqual(new Set([429]))
    expect(limiter.degraded).toBe(true)
    // Five, and then one a second.
    expect(store.asked).toBeLessThanOrEqual(5 + 3)
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('broken')
      },
    ],
    ['rejects', () => Promise.reject(new Error('broken'))],
  ])('[RL-4] that %s leaves requests to the failure mode', async (_what, answer) => {
    const store = storeWith(answer)
    expect(await driveMany(rateLimit({ store, policies }), 3)).toEqual([200, 200, 429])
    expect(await driveMany(rateLimit({ store, policies, onStoreFailure: 'closed' }), 2)).toEqual([503, 503])
    expect(await driveMany(rateLimit({ store, policies, onStoreFailure: 'open' }), 4)).toEqual([200, 200, 200, 200])
  })
})
