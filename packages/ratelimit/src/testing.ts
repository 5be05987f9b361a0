import { createQuota, type Claim, type Quota } from './quota.js'
import type { RateLimitAlgorithm } from './algorithms/index.js'
import type { RateLimitStore } from './store.js'
import { Verdict } from './verdict.js'

/** A store under test. */
export interface StoreUnderTest {
  readonly store: RateLimitStore
  /** Lets the store's time pass. */
  advance(ms: number): void | Promise<void>
  /** Ends what was started for it. */
  close?(): void | Promise<void>
}

/** What the suite needs of a test runner. */
export interface StoreContractOptions {
  /** Makes a new store without any counts; the suite calls its `init`. */
  create(): StoreUnderTest | Promise<StoreUnderTest>
  /** Declares a test. */
  it(title: string, run: () => Promise<void>): void
  /** Begins each title. @defaultValue `''` */
  prefix?: string
}

/**
 * What every {@link RateLimitStore} has to do, as tests. Needs no more of a runner than `it`; what is wrong throws.
 *
 * @example
 * rateLimitStoreContract({ it, create: () => ({ store: new MyStore(clock), advance: (ms) => clock.advance(ms) }) })
 */
export function rateLimitStoreContract({ create, it, prefix = '' }: StoreContractOptions): void {
  const test = (title: string, run: (probe: Probe) => Promise<void>): void =>
    it(`${prefix}${title}`, async () => {
      const made = await create()
      try {
        made.store.init?.(setup)
        await run(new Probe(made))
      } finally {
        made.store.close?.()
        await made.close?.()
      }
    })

  for (const algorithm of ['sliding-window', 'fixed-window', 'token-bucket'] as const) {
    test(`${algorithm}: allows exactly the limit, also side by side`, async (probe) => {
      const quota = quotas[algorithm]
      const takes = await Promise.all(Array.from({ length: 30 }, () => probe.take([claim('a', quota)])))
      equal(takes.filter(({ allowed }) => allowed).length, 10, 'allowed')
      const last = takes.at(-1) as Verdict
      equal(last.remaining[0], 0, 'remaining')
    })

    test(`${algorithm}: allows again after the wait that it gave, and not before`, async (probe) => {
      const quota = quotas[algorithm]
      for (let at = 0; at < 10; at++) await probe.take([claim('a', quota)])
      const { waitMs } = await probe.take([claim('a', quota)])
      await probe.advance((waitMs[0] as number) - 2)
      equal((await probe.take([claim('a', quota)])).allowed, false, 'before')
      await probe.advance(2)
      equal((await probe.take([claim('a', quota)])).allowed, true, 'after')
    })

    test(`${algorithm}: counts costs, and gives them back`, async (probe) => {
      const quota = quotas[algorithm]
      const { at } = await probe.take([claim('a', quota, 8)])
      equal((await probe.take([claim('a', quota, 3)])).allowed, false, 'three more')
      equal((await probe.take([claim('a', quota, 2)])).remaining[0], 0, 'two more')
      await probe.store.adjust(claim('a', quota, -8), at)
      equal((await probe.take([claim('a', quota, 8)])).allowed, true, 'after giving back')
      await probe.store.adjust(claim('a', quota, 1), at)
      equal((await probe.take([claim('a', quota, 1)])).allowed, false, 'after taking more')
    })

    test(`${algorithm}: gives the full limit back after a long time`, async (probe) => {
      const quota = quotas[algorithm]
      for (let at = 0; at < 12; at++) await probe.take([claim('a', quota)])
      await probe.advance(quota.windowMs * 2)
      const { allowed, remaining } = await probe.take([claim('a', quota)])
      equal(allowed, true, 'allowed')
      equal(remaining[0], 9, 'remaining')
    })
  }

  test('takes from all windows of all keys or from none', async (probe) => {
    const { 'fixed-window': minute, 'sliding-window': other } = quotas
    for (let at = 0; at < 10; at++) await probe.take([claim('a', minute)])
    const refused = await probe.take([claim('a', minute), { ...claim('b', other), group: 1 }])
    equal(refused.allowed, false, 'allowed')
    const { windows } = await probe.store.inspect({ group: 1, key: 'b' }, [other])
    equal(windows[0]?.remaining, 10, 'remaining of the other key')
  })

  test('keeps keys and kinds of keys apart', async (probe) => {
    const quota = quotas['sliding-window']
    for (let at = 0; at < 10; at++) await probe.take([claim('a', quota)])
    equal((await probe.take([claim('b', quota)])).allowed, true, 'another key')
    equal((await probe.take([{ ...claim('a', quota), group: 1 }])).allowed, true, 'another kind')
    equal((await probe.take([claim('a', quota)])).allowed, false, 'the same')
  })

  test('never refuses for a dry run, and says that it would have', async (probe) => {
    const quota: Quota = { ...quotas['sliding-window'], isEnforced: false }
    for (let at = 0; at < 10; at++) await probe.take([claim('a', quota)])
    const { allowed, waitMs } = await probe.take([claim('a', quota)])
    equal(allowed, true, 'allowed')
    equal((waitMs[0] as number) > 0, true, 'would wait')
  })

  test('blocks a key that goes on, longer each time, and forgets with time', async (probe) => {
    const quota = quotas['fixed-window']
    const exhaust = async (): Promise<number> => {
      for (let at = 0; at < 10; at++) await probe.take([claim('a', quota)])
      await probe.take([claim('a', quota)])
      await probe.take([claim('a', quota)])
      return Math.round((await probe.take([claim('a', quota)])).blockedMs)
    }
    equal(await exhaust(), 60_000, 'the first block')
    await probe.advance(60_000)
    equal(await exhaust(), 300_000, 'the second block')
    await probe.advance(300_000)
    equal(await exhaust(), 300_000, 'the third block, as the last step repeats')
    await probe.advance(300_000 + 3 * 3_600_000)
    equal(await exhaust(), 60_000, 'the first block again')
  })

  test('counts refusals that were given elsewhere', async (probe) => {
    const ref = { group: 0, key: 'a' }
    equal(await probe.store.strike(ref, 2), 0, 'blocked too early')
    equal(Math.round(await probe.store.strike(ref, 1)), 60_000, 'blocked')
  })

  test('blocks, unblocks and resets by hand', async (probe) => {
    const quota = quotas['sliding-window']
    const ref = { group: 0, key: 'a' }
    await probe.take([claim('a', quota, 4)])
    await probe.store.block(ref, 5000)
    const blocked = await probe.take([claim('a', quota)])
    equal(blocked.allowed, false, 'allowed while blocked')
    equal(Math.round(blocked.blockedMs), 5000, 'blocked for')
    equal(Math.round((await probe.store.inspect(ref, [quota])).blockedMs), 5000, 'inspected')
    await probe.store.unblock(ref)
    equal((await probe.take([claim('a', quota)])).remaining[0], 5, 'remaining after the block')
    await probe.store.reset(ref)
    equal((await probe.take([claim('a', quota)])).remaining[0], 9, 'remaining after the reset')
  })

  test('inspects without counting', async (probe) => {
    const quota = quotas['sliding-window']
    await probe.take([claim('a', quota, 3)])
    await probe.store.inspect({ group: 0, key: 'a' }, [quota])
    const { windows, blockedMs } = await probe.store.inspect({ group: 0, key: 'a' }, [quota])
    equal(windows[0]?.remaining, 7, 'remaining')
    equal(blockedMs, 0, 'blocked for')
  })

  test('takes any text for a key', async (probe) => {
    const quota = quotas['sliding-window']
    const keys = ['', ' ', '{a}', '\0', '__proto__', 'a'.repeat(10_000), '\ud800', '{}', 'a\nb', '%00', '🦔']
    for (const key of keys) equal((await probe.take([claim(key, quota)])).remaining[0], 9, JSON.stringify(key))
    for (const key of keys) equal((await probe.take([claim(key, quota)])).remaining[0], 8, JSON.stringify(key))
  })
}

function quota(algorithm: RateLimitAlgorithm, slot: number): Quota {
  const base = { limit: 10, burst: 10, windowMs: 10_000, isEnforced: true, countsRefused: false }
  return createQuota({ ...base, name: algorithm, slot, algorithm })
}

const quotas: Readonly<Record<RateLimitAlgorithm, Quota>> = {
  'sliding-window': quota('sliding-window', 0),
  'fixed-window': quota('fixed-window', 1),
  'token-bucket': quota('token-bucket', 2),
}

const setup = {
  name: 'contract',
  penalty: { after: 3, withinMs: 600_000, forMs: [60_000, 300_000], decayMs: 3_600_000 },
  groups: ['one', 'two'].map((name) => ({ name, quotas: Object.values(quotas) })),
}

function claim(key: string, of: Quota, cost = 1): Claim {
  return { group: 0, key, quotas: [of], costs: [cost] }
}

class Probe {
  readonly store: RateLimitStore
  readonly #made: StoreUnderTest

  constructor(made: StoreUnderTest) {
    this.store = made.store
    this.#made = made
  }

  async take(claims: readonly Claim[]): Promise<Verdict> {
    const verdict = new Verdict()
    await this.store.take(claims, verdict)
    return verdict
  }

  async advance(ms: number): Promise<void> {
    await this.#made.advance(ms)
  }
}

function equal(got: unknown, expected: unknown, what: string): void {
  if (!Object.is(got, expected)) throw new Error(`${what}: expected ${String(expected)}, got ${String(got)}`)
}
