import { describe, expect, it } from '@jest/globals'
import { FakeClock } from '@hardening/test-utils'
import fc from 'fast-check'
import { rateLimit } from '../src/index.js'
import { createKeyHash } from '../src/memory/half-sip-hash.js'
import { EntryTable } from '../src/memory/entry-table.js'
import { MemoryRateLimitStore } from '../src/memory/memory-store.js'
import { PenaltyBook } from '../src/memory/penalty-book.js'
import { createQuota } from '../src/quota.js'
import { Verdict } from '../src/verdict.js'
import { drive, driveMany } from './drive.js'

function storeOf(windows: number, options: ConstructorParameters<typeof MemoryRateLimitStore>[0]) {
  const quotas = Array.from({ length: windows }, (_, slot) =>
    createQuota({
      name: `w${slot}`,
      slot,
      algorithm: 'sliding-window',
      limit: 10,
      burst: 10,
      windowMs: 60_000,
      isEnforced: true,
      countsRefused: false,
    }),
  )
  const store = new MemoryRateLimitStore(options)
  store.init({ name: 'test', groups: [{ name: 'ip', quotas }], penalty: undefined })
  const verdict = new Verdict()
  const costs = quotas.map(() => 1)
  return {
    store,
    take: (key: string): boolean => {
      store.take([{ group: 0, key, quotas, costs }], verdict)
      return verdict.allowed
    },
  }
}

describe('the memory store', () => {
  it('[RL-3] 1.8.11 a million keys with two windows take at most 64 bytes each, and stay within the cap', () => {
    const { store, take } = storeOf(2, { maxKeys: 1_000_000, maxBytes: '64mb' })
    for (let at = 0; at < 1_000_000; at++) take(`10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`)
    expect(store.size).toBe(1_000_000)
    expect(store.bytes / store.size).toBeLessThanOrEqual(64)
    expect(store.bytes).toBeLessThanOrEqual(64 * 1024 * 1024)
  }, 60_000)

  it('[RL-3] a key over its limit that goes on is not forgotten for new ones', () => {
    const { store, take } = storeOf(2, { maxBytes: '100kb' })
    for (let at = 0; at < 11; at++) take('victim')
    let forgotten = 0
    for (let at = 0; at < 60_000; at++) {
      take(`k${at}`)
      if (at % 1000 === 0 && take('victim')) forgotten++
    }
    expect(forgotten).toBe(0)
    expect(store.bytes).toBeLessThanOrEqual(100 * 1024)
  })

  it('[RL-3] 1.8.11 a blocked key survives a flood of new keys, without another request of its own', async () => {
    const limiter = rateLimit({
      clock: new FakeClock(),
      memory: { maxKeys: 1000 },
      maxDenied: 10,
      policies: [{ limit: 1, window: '1m' }],
      block: { after: 3 },
    })
    await driveMany(limiter, 6, { address: '203.0.113.1' })
    await limiter.block('203.0.113.2', '1h')
    const { take } = flood(limiter)
    for (let at = 0; at < 5000; at++) take(at)
    for (const address of ['203.0.113.1', '203.0.113.2']) {
      expect((await drive(limiter, { address })).error?.code).toBe('ERR_RATELIMIT_BLOCKED')
    }
  })

  it('[RL-3] refuses bounds that are none', () => {
    for (const options of [{ maxKeys: 0 }, { maxKeys: 1.5 }, { maxBytes: 'much' as never }, { maxKey: 1 } as never]) {
      expect(() => new MemoryRateLimitStore(options)).toThrow(expect.objectContaining({ code: 'ERR_CONFIG_INVALID' }))
    }
  })
})

/** Requests of ever new clients. */
function flood(limiter: ReturnType<typeof rateLimit>): { take(at: number): void } {
  return {
    take: (at) => void drive(limiter, { address: `10.${(at >> 16) & 255}.${(at >> 8) & 255}.${at & 255}` }),
  }
}

describe('the table', () => {
  it('[RL-3] finds what was put in, whatever is added, removed or turned out', () => {
    const operation = fc.oneof(
      fc.record({ kind: fc.constant('add' as const), key: fc.integer({ min: 0, max: 60 }) }),
      fc.record({ kind: fc.constant('remove' as const), key: fc.integer({ min: 0, max: 60 }) }),
    )
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 300 }), (operations) => {
        const table = new EntryTable(1, 100)
        const model = new Map<number, number>()
        for (const { kind, key } of operations) {
          const found = table.find(String(key))
          expect(found !== -1).toBe(model.has(key))
          if (kind === 'remove') {
            if (found !== -1) table.remove(found)
            model.delete(key)
          } else if (found === -1) {
            model.set(key, key * 7)
            table.save(table.add(), 0, { start: key * 7, current: key, previous: 0 })
          }
        }
        expect(table.size).toBe(model.size)
        const state = { start: 0, current: 0, previous: 0 }
        for (const [key, start] of model) {
          table.load(table.find(String(key)), 0, state)
          expect(state).toEqual({ start, current: key, previous: 0 })
        }
      }),
    )
  })

  it('[RL-3] never holds more than its bound, and the newest key is always there', () => {
    const table = new EntryTable(2, 50)
    let wrong = 0
    for (let at = 0; at < 5000; at++) {
      if (table.find(`k${at}`) !== -1) wrong++
      const entry = table.add()
      if (at % 3 === 0) table.touch(entry, 3)
      if (table.find(`k${at}`) !== entry || table.size > 50) wrong++
    }
    expect(wrong).toBe(0)
  })

  it('[RL-3] hashes with a secret: two tables put the same keys in different places', () => {
    const [one, other] = [createKeyHash(), createKeyHash()]
    const places = (hash: typeof one) =>
      Array.from({ length: 50 }, (_, at) => {
        hash.hash(`k${at}`)
        return hash.low
      })
    expect(places(one)).not.toEqual(places(other))
    expect(places(one)).toEqual(places(one))
  })

  it('[RL-3] hashes a key the same whether it is remembered or not', () => {
    const seed = new Uint32Array([1, 2])
    const hash = createKeyHash(seed)
    for (let round = 0; round < 2; round++) {
      for (let at = 0; at < 2500; at++) {
        for (const text of [`k${at % 1500}`, `k${at}`.padEnd(80, '-')]) {
          const fresh = createKeyHash(seed)
          fresh.hash(text)
          hash.hash(text)
          expect([hash.low, hash.high]).toEqual([fresh.low, fresh.high])
        }
      }
    }
  })

  it('[RL-3] hashes keys that differ in one character, or in length, apart', () => {
    const hash = createKeyHash(new Uint32Array([1, 2]))
    const seen = new Set<string>()
    const texts = [
      '',
      '\0',
      '\0\0',
      'a',
      'b',
      'ab',
      'ba',
      'a\0',
      ...Array.from({ length: 100_000 }, (_, at) => `k${at}`),
    ]
    for (const text of texts) {
      hash.hash(text)
      seen.add(`${hash.low}/${hash.high}`)
    }
    expect(seen.size).toBe(texts.length)
  })
})

describe('penalties', () => {
  it('[RL-3] are bounded, and those whose block lasts longest stay', () => {
    const book = new PenaltyBook({ after: 100, withinMs: 1000, forMs: [1000], decayMs: 1000 }, 100)
    book.block('victim', 0, 1_000_000)
    for (let at = 0; at < 10_000; at++) book.strike(`k${at}`, 1, 1)
    expect(book.size).toBe(100)
    expect(book.blockedMs('victim', 2)).toBe(999_998)
  })
})
