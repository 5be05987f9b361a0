import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { bulkhead, hedge, protect, retryBudget, timeout } from '../src/index.js'
import { deferred, failure, FakeClock, flush, watch } from './support.js'

const hang = (): Promise<never> => new Promise(() => undefined)

describe('timeout', () => {
  it('[RE-3] 3.4.5 a function that ignores its signal: the caller is told on time, the late result is counted', async () => {
    const clock = new FakeClock()
    const policy = timeout({ after: '1s', service: 'search', clock })
    const late = deferred()
    const seen = watch(policy.execute(() => late.promise))
    await clock.advance(999)
    expect(seen.state).toBe('pending')
    await clock.advance(1)
    expect(seen.error).toMatchObject({
      code: 'ERR_RESILIENCE_TIMEOUT',
      status: 504,
      service: 'search',
      timeoutMs: 1000,
      scope: 'total',
    })
    late.resolve('late')
    await flush()
    expect(policy.stats()).toMatchObject({ timeouts: 1, late: 1 })
  })

  it('[RE-3] 3.4.5 what a late result holds is freed', async () => {
    const clock = new FakeClock()
    const freed: unknown[] = []
    const policy = protect('search', { timeout: '1s', retry: false, clock, discard: (value) => freed.push(value) })
    const late = deferred()
    watch(policy.execute(() => late.promise))
    await clock.advance(1000)
    late.resolve('late')
    await flush()
    expect(freed).toEqual(['late'])
    expect(policy.stats().late).toBe(1)
    policy.close()
  })

  it('[RE-3] 3.4.9 the time-out of one call does not touch a sibling', async () => {
    const clock = new FakeClock()
    for (const policy of [timeout({ after: '1s', clock }), protect('a', { timeout: '1s', retry: false, clock })]) {
      const signals: AbortSignal[] = []
      const first = watch(policy.execute(({ signal }) => (signals.push(signal), hang())))
      await clock.advance(500)
      const answer = deferred()
      const second = watch(policy.execute(({ signal }) => (signals.push(signal), answer.promise)))
      await clock.advance(500)
      expect([first.state, second.state]).toEqual(['rejected', 'pending'])
      expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
      answer.resolve('well')
      await flush()
      expect(second.value).toBe('well')
      policy.close()
    }
  })

  it('[RE-3] many calls with one length need one timer, and each ends at its own time', async () => {
    const clock = new FakeClock()
    const policy = timeout({ after: 100, clock })
    const ended: number[] = []
    for (let at = 0; at < 10; at++) {
      policy.execute(hang).catch(() => ended.push(clock.monotonic()))
      await clock.advance(7)
    }
    expect(clock.pending).toBe(1)
    await clock.advance(200)
    expect(ended).toEqual([100, 107, 114, 121, 128, 135, 142, 149, 156, 163])
    expect(clock.pending).toBe(0)
  })

  it('[RE-3] the signal is made when it is asked for, and fires once', async () => {
    const clock = new FakeClock()
    const reasons: unknown[] = []
    const seen = watch(
      timeout({ after: 10, clock }).execute(({ signal }) => {
        signal.addEventListener('abort', () => reasons.push(signal.reason))
        return hang()
      }),
    )
    await clock.advance(10)
    expect(reasons).toEqual([seen.error])
  })

  it('[RE-3] a function may answer or throw without waiting', async () => {
    const policy = timeout()
    await expect(policy.execute(() => 7)).resolves.toBe(7)
    await expect(
      policy.execute(() => {
        throw failure()
      }),
    ).rejects.toThrow('failed')
    policy.close()
  })

  it('[RE-3] what is left of the time is told to the function', async () => {
    const clock = new FakeClock()
    const policy = protect('a', {
      clock,
      timeout: '1s',
      totalTimeout: '4s',
      idempotent: true,
      retry: { backoff: ['1s'] },
    })
    const left: number[] = []
    const seen = watch(
      policy.execute(({ remainingMs }) => {
        left.push(remainingMs)
        return hang()
      }),
    )
    await clock.advance(10_000)
    expect(left).toEqual([4000, 2000])
    expect(seen.error).toMatchObject({ code: 'ERR_RESILIENCE_TIMEOUT' })
    policy.close()
    expect(clock.pending).toBe(0)
  })

  it('[RE-3] the whole call has an end, whatever its attempts do', async () => {
    const clock = new FakeClock()
    const policy = protect('a', {
      clock,
      timeout: '3s',
      totalTimeout: '5s',
      idempotent: true,
      retry: { backoff: 'immediate', retries: 9 },
    })
    const seen = watch(policy.execute(hang))
    await clock.advance(4999)
    expect(seen.state).toBe('pending')
    await clock.advance(1)
    expect(seen.error).toMatchObject({ code: 'ERR_RESILIENCE_TIMEOUT', scope: 'total', timeoutMs: 5000 })
    expect(policy.stats()).toMatchObject({ attempts: 2, timeouts: 2 })
    policy.close()
    expect(clock.pending).toBe(0)
  })

  it('[RE-3] a call may bring its own deadline', async () => {
    const clock = new FakeClock()
    const policy = protect('a', { clock })
    const seen = watch(policy.execute(hang, { remainingMs: 50 }))
    await clock.advance(50)
    expect(seen.error).toMatchObject({ code: 'ERR_RESILIENCE_TIMEOUT', scope: 'deadline', timeoutMs: 50 })
    await expect(policy.execute(() => 1, { remainingMs: 0 })).rejects.toMatchObject({ scope: 'deadline' })
    expect(policy.stats().attempts).toBe(1)
    policy.close()
  })
})

describe('bulkhead', () => {
  it('[RE-3] 3.4.10 never more than its limit at once, and a bounded queue in its order', async () => {
    const policy = bulkhead({ limit: 2, queue: 2, service: 'reports', clock: new FakeClock() })
    const calls = Array.from({ length: 5 }, () => deferred())
    const started: number[] = []
    const seen = calls.map(({ promise }, at) =>
      watch(
        policy.execute(() => {
          started.push(at)
          return promise
        }),
      ),
    )
    await flush()
    expect(started).toEqual([0, 1])
    expect([policy.running, policy.queued]).toEqual([2, 2])
    expect(seen[4]?.error).toMatchObject({
      code: 'ERR_RESILIENCE_BULKHEAD',
      status: 503,
      service: 'reports',
      headers: { 'Retry-After': '1' },
    })
    calls[1]?.resolve('well')
    await flush()
    expect(started).toEqual([0, 1, 2])
    calls[0]?.reject(failure())
    calls[2]?.resolve('well')
    await flush()
    expect(started).toEqual([0, 1, 2, 3])
    calls[3]?.resolve('well')
    await flush()
    expect([policy.running, policy.queued]).toEqual([0, 0])
    expect(policy.stats()).toMatchObject({ calls: 5, attempts: 4, rejected: 1 })
  })

  it('[RE-3] 3.4.10 what is given up while it waits never runs', async () => {
    const clock = new FakeClock()
    for (const policy of [
      bulkhead({ limit: 1, queue: 5, maxWait: '1m', clock }),
      protect('a', { bulkhead: { limit: 1, queue: 5, maxWait: '1m' }, clock, timeout: false, totalTimeout: false }),
    ]) {
      const first = deferred()
      watch(policy.execute(() => first.promise))
      const controller = new AbortController()
      let hasRun = false
      const waiting = watch(policy.execute(() => (hasRun = true), { signal: controller.signal }))
      await flush()
      controller.abort()
      await flush()
      expect((waiting.error as Error).name).toBe('AbortError')
      expect(policy.queued).toBe(0)
      first.resolve('well')
      await flush()
      expect(hasRun).toBe(false)
      expect(policy.running).toBe(0)
      policy.close()
    }
    expect(clock.pending).toBe(0)
  })

  it('[RE-3] nobody waits in the queue for longer than its bound', async () => {
    const clock = new FakeClock()
    const policy = bulkhead({ limit: 1, queue: 1, maxWait: '2s', clock })
    watch(policy.execute(hang))
    const waiting = watch(policy.execute(hang))
    await clock.advance(2000)
    expect(waiting.error).toMatchObject({ code: 'ERR_RESILIENCE_BULKHEAD' })
    policy.close()
  })

  it('[RE-3] closing ends those who wait', async () => {
    const clock = new FakeClock()
    const policy = bulkhead({ limit: 1, queue: 1, clock })
    watch(policy.execute(hang))
    const waiting = watch(policy.execute(hang))
    policy.close()
    await flush()
    expect(waiting.error).toMatchObject({ code: 'ERR_RESILIENCE_CLOSED' })
    expect(clock.pending).toBe(0)
  })

  it('[RE-3] 3.4.10 holds for any order of starts and ends', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(3), { maxLength: 60 }), async (steps) => {
        const policy = bulkhead({ limit: 3, queue: 4, clock: new FakeClock() })
        const open: (() => void)[] = []
        let running = 0
        for (const step of steps) {
          if (step === 0) open.shift()?.()
          else {
            const { promise, resolve } = deferred()
            watch(
              policy.execute(async () => {
                running++
                open.push(() => resolve('well'))
                expect(running).toBeLessThanOrEqual(3)
                await promise
                running--
              }),
            )
          }
          await flush()
          expect(policy.queued).toBeLessThanOrEqual(4)
        }
      }),
      { numRuns: 25 },
    )
  })
})

describe('hedge', () => {
  const clock = new FakeClock()

  it('[RE-3] sends a second attempt beside a slow one, takes the faster, and ends the other', async () => {
    const policy = hedge({ idempotent: true, after: 200, clock })
    const attempts: { promise: Promise<string>; resolve(value: string): void; signal: AbortSignal }[] = []
    const seen = watch(
      policy.execute(({ signal }) => {
        const one = { ...deferred(), signal }
        attempts.push(one)
        return one.promise
      }),
    )
    await clock.advance(199)
    expect(attempts).toHaveLength(1)
    await clock.advance(1)
    expect(attempts).toHaveLength(2)
    attempts[1]?.resolve('second')
    await flush()
    expect(seen.value).toBe('second')
    expect(attempts.map(({ signal }) => signal.aborted)).toEqual([true, false])
    expect(policy.stats()).toMatchObject({ hedges: 1, hedgesWon: 1 })
    expect(clock.pending).toBe(0)
  })

  it('[RE-3] is not sent where the first is quick, or where twice would do harm', async () => {
    const policy = hedge({ idempotent: true, after: 200, clock })
    await expect(policy.execute(() => Promise.resolve('quick'))).resolves.toBe('quick')
    watch(hedge({ after: 200, clock }).execute(hang))
    await clock.advance(1000)
    expect(policy.stats()).toMatchObject({ attempts: 1, hedges: 0 })
  })

  it('[RE-3] fails only where all have failed', async () => {
    const policy = hedge({ idempotent: true, after: 10, extra: 2, clock })
    const attempts = [deferred(), deferred(), deferred()]
    const seen = watch(policy.execute(() => (attempts[policy.stats().attempts - 1] as (typeof attempts)[0]).promise))
    await clock.advance(30)
    attempts[0]?.reject(failure())
    attempts[2]?.reject(failure())
    await flush()
    expect(seen.state).toBe('pending')
    attempts[1]?.resolve('well')
    await flush()
    expect(seen.value).toBe('well')
  })

  it('[RE-3] ends all when its caller goes, and stays within its budget', async () => {
    const controller = new AbortController()
    const budget = retryBudget({ ratio: 0, minPerSecond: 1, clock })
    const policy = hedge({ idempotent: true, after: 10, extra: 5, budget, clock })
    const signals: AbortSignal[] = []
    const seen = watch(policy.execute(({ signal }) => (signals.push(signal), hang()), { signal: controller.signal }))
    await clock.advance(100)
    expect(signals).toHaveLength(2)
    controller.abort()
    await flush()
    expect(seen.state).toBe('rejected')
    expect(signals.every(({ aborted }) => aborted)).toBe(true)
    expect(clock.pending).toBe(0)
  })

  it('[RE-3] under protect the loser does not count against the service', async () => {
    const policy = protect('reads', { idempotent: true, clock, hedge: { after: 50 } })
    const seen = watch(policy.execute(() => (policy.stats().attempts === 1 ? hang() : Promise.resolve('second'))))
    await clock.advance(50)
    expect(seen.value).toBe('second')
    expect(policy.stats()).toMatchObject({ attempts: 2, successes: 1, failures: 0, hedgesWon: 1 })
    expect(policy.running).toBe(0)
    policy.close()
    expect(clock.pending).toBe(0)
  })
})
