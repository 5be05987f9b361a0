import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { protect, retry, retryBudget, type RetryEvent } from '../src/index.js'
import { deferred, failure, FakeClock, flush, seeded, watch } from './support.js'

const never = (): Promise<never> => new Promise(() => undefined)

/** Runs a failing call to its end and gives the delays between its attempts. */
async function delaysOf(options: Parameters<typeof retry>[0], random?: () => number): Promise<number[]> {
  const clock = new FakeClock()
  const times: number[] = []
  const policy = retry({ idempotent: true, budget: false, clock, ...(random ? { random } : {}), ...options })
  const seen = watch(
    policy.execute(() => {
      times.push(clock.monotonic())
      throw failure()
    }),
  )
  for (let at = 0; at < 100 && seen.state === 'pending'; at++) await clock.advance(60_000)
  return times.slice(1).map((time, at) => Math.round(time - (times[at] as number)))
}

describe('retry', () => {
  it('[RE-1] tries again what failed and gives what went well', async () => {
    const clock = new FakeClock()
    const attempts: number[] = []
    const seen = watch(
      retry({ idempotent: true, clock }).execute(({ attempt }) => {
        attempts.push(attempt)
        if (attempt < 3) throw failure()
        return 'well'
      }),
    )
    await clock.advance(60_000)
    expect(seen).toEqual({ state: 'fulfilled', value: 'well' })
    expect(attempts).toEqual([1, 2, 3])
    expect(clock.pending).toBe(0)
  })

  it('[RE-1] gives up after its retries with the last error', async () => {
    const clock = new FakeClock()
    let attempts = 0
    const seen = watch(
      retry({ idempotent: true, retries: 2, clock }).execute(() => {
        throw failure({}, `attempt ${++attempts}`)
      }),
    )
    await clock.advance(60_000)
    expect((seen.error as Error).message).toBe('attempt 3')
  })

  it('[RE-1] waits not at all, evenly, linearly or exponentially', async () => {
    expect(await delaysOf({ backoff: 'immediate' })).toEqual([0, 0, 0])
    expect(await delaysOf({ backoff: { kind: 'constant', initial: '1s' } })).toEqual([1000, 1000, 1000])
    expect(await delaysOf({ backoff: { kind: 'linear', initial: '1s' } })).toEqual([1000, 2000, 3000])
    const exponential = { kind: 'exponential', initial: '1s', jitter: 'none' } as const
    expect(await delaysOf({ backoff: exponential })).toEqual([1000, 2000, 4000])
    expect(await delaysOf({ backoff: { ...exponential, factor: 3, max: '5s' } })).toEqual([1000, 3000, 5000])
  })

  it('[RE-1] waits as a list or a function says', async () => {
    expect(await delaysOf({ backoff: ['10ms', '70ms'] })).toEqual([10, 70, 70])
    expect(await delaysOf({ backoff: (retry) => retry * 11 })).toEqual([11, 22, 33])
    expect(await delaysOf({ backoff: () => Number.NaN })).toEqual([0, 0, 0])
  })

  it('[RE-1] 3.4.3 decorrelated jitter stays between the first delay and three times the last, never above the maximum', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const delays = await delaysOf({ retries: 8, backoff: { initial: 100, max: '5s' } }, seeded(seed))
        expect(delays).toHaveLength(8)
        let last = 100
        for (const delay of delays) {
          expect(delay).toBeGreaterThanOrEqual(100)
          expect(delay).toBeLessThanOrEqual(Math.min(5000, last * 3) + 1)
          last = delay
        }
      }),
      { numRuns: 20 },
    )
  })

  it('[RE-1] full and half jitter spread below the delay', async () => {
    const options = { kind: 'constant', initial: '1s' } as const
    expect(await delaysOf({ backoff: { ...options, jitter: 'full' } }, () => 0.25)).toEqual([250, 250, 250])
    expect(await delaysOf({ backoff: { ...options, jitter: 'half' } }, () => 0.5)).toEqual([750, 750, 750])
  })

  it('[RE-1] 3.4.1 an abort during a backoff of 30 s rejects at once with an AbortError and leaves no timer', async () => {
    const clock = new FakeClock()
    const controller = new AbortController()
    let attempts = 0
    const policy = protect('billing', { idempotent: true, clock, retry: { backoff: ['30s'] }, totalTimeout: '2m' })
    const seen = watch(
      policy.execute(
        () => {
          attempts++
          throw failure()
        },
        { signal: controller.signal },
      ),
    )
    await clock.advance(1000)
    expect(seen.state).toBe('pending')
    controller.abort()
    await flush()
    expect((seen.error as Error).name).toBe('AbortError')
    expect(clock.monotonic()).toBe(1000)
    policy.close()
    expect(clock.pending).toBe(0)
    await clock.advance(120_000)
    expect(attempts).toBe(1)
  })

  it('[RE-1] 3.4.1 a bare retry leaves no timer either, and a signal that has fired makes no attempt', async () => {
    const clock = new FakeClock()
    const controller = new AbortController()
    const policy = retry({ idempotent: true, backoff: ['30s'], clock })
    const seen = watch(policy.execute(() => Promise.reject(failure()), { signal: controller.signal }))
    await flush()
    expect(clock.pending).toBe(1)
    controller.abort()
    await flush()
    expect([seen.state, clock.pending]).toEqual(['rejected', 0])
    let isCalled = false
    await expect(policy.execute(() => (isCalled = true), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    })
    expect(isCalled).toBe(false)
  })

  it('[RE-1] 3.4.2 a thousand calls of a dead service make at most 1,200 attempts and the floor', async () => {
    const clock = new FakeClock()
    const budget = { ratio: 0.2, minPerSecond: 10 }
    const policy = protect('dead', { idempotent: true, clock, breaker: false, bulkhead: false, retry: { budget } })
    const calls = Array.from({ length: 1000 }, () => policy.execute(() => Promise.reject(failure())))
    const all = Promise.allSettled(calls)
    await clock.advance(10_000)
    await all
    const { attempts, calls: came, budgetRefusals } = policy.stats()
    expect(came).toBe(1000)
    expect(attempts).toBeGreaterThanOrEqual(1200)
    // Ten are there at once, and at most ten come in each second that the retries take.
    expect(attempts).toBeLessThanOrEqual(1200 + 10 * 3)
    expect(budgetRefusals).toBeGreaterThan(700)
  })

  it('[RE-1] a budget is shared by those who are given it, and fills by time', async () => {
    const clock = new FakeClock()
    const budget = retryBudget({ ratio: 0, minPerSecond: 2, clock })
    const options = { idempotent: true, backoff: 'immediate', retries: 1, budget, clock } as const
    const policies = [retry(options), retry(options), retry(options)]
    let attempts = 0
    const fail = (): never => {
      attempts++
      throw failure()
    }
    for (const policy of policies) await policy.execute(fail).catch(() => undefined)
    expect(attempts).toBe(5)
    expect(budget.left).toBe(0)
    await clock.advance(500)
    expect(budget.left).toBe(1)
  })

  it('[RE-1] 3.4.3 Retry-After of two seconds is waited for', async () => {
    const clock = new FakeClock()
    const events: RetryEvent[] = []
    const seen = watch(
      retry({ idempotent: true, clock, onRetry: (event) => events.push(event) }).execute(({ attempt }) => {
        if (attempt === 1) throw failure({ status: 503, headers: { 'retry-after': '2' } })
        return attempt
      }),
    )
    await clock.advance(1999)
    expect(seen.state).toBe('pending')
    await clock.advance(2)
    expect(seen.value).toBe(2)
    expect(events).toMatchObject([{ service: 'call', retry: 1, delayMs: 2000 }])
  })

  it('[RE-1] 3.4.3 Retry-After as a date is waited for', async () => {
    const clock = new FakeClock(Date.UTC(2026, 0, 1))
    const delays: number[] = []
    const headers = new Headers({ 'Retry-After': 'Thu, 01 Jan 2026 00:00:07 GMT' })
    const policy = retry({ idempotent: true, retries: 1, clock, onRetry: ({ delayMs }) => delays.push(delayMs) })
    watch(policy.execute(() => Promise.reject(failure({ response: { status: 429, headers } }))))
    await clock.advance(10_000)
    expect(delays).toEqual([7000])
  })

  it('[RE-1] 3.4.3 a wait that would outlast the deadline is not begun', async () => {
    const clock = new FakeClock()
    const error = failure({ status: 503, headers: { 'retry-after': '20' } })
    const policy = protect('slow', { idempotent: true, clock, timeout: '1s', totalTimeout: '15s' })
    const seen = watch(policy.execute(() => Promise.reject(error)))
    await flush()
    expect(seen.error).toBe(error)
    expect(policy.stats().retries).toBe(0)
  })

  it('[RE-1] a Retry-After above the bound ends the call', async () => {
    const clock = new FakeClock()
    const error = failure({ status: 503, headers: { 'retry-after': '3600' } })
    const seen = watch(retry({ idempotent: true, clock }).execute(() => Promise.reject(error)))
    await flush()
    expect(seen.error).toBe(error)
  })

  it('[RE-1] 3.4.12 what is not said to be idempotent is tried again only where nothing can have happened', async () => {
    const clock = new FakeClock()
    const attemptsOf = async (thrown: unknown): Promise<number> => {
      let attempts = 0
      const policy = retry({ retries: 1, backoff: 'immediate', clock })
      await policy
        .execute(() => {
          attempts++
          throw thrown
        })
        .catch(() => undefined)
      return attempts
    }
    expect(await attemptsOf(failure())).toBe(1)
    expect(await attemptsOf(failure({ code: 'ECONNRESET' }))).toBe(1)
    expect(await attemptsOf(failure({ status: 503 }))).toBe(1)
    expect(await attemptsOf(failure({ status: 429 }))).toBe(1)
    expect(await attemptsOf(failure({ cause: failure({ code: 'ECONNREFUSED' }) }))).toBe(2)
  })

  it('[RE-1] a call may say itself that it is idempotent, or that it is not', async () => {
    let attempts = 0
    const fail = (): never => {
      attempts++
      throw failure()
    }
    const options = { retries: 1, backoff: 'immediate' } as const
    await retry(options)
      .execute(fail, { idempotent: true })
      .catch(() => undefined)
    expect(attempts).toBe(2)
    await retry({ ...options, idempotent: true })
      .execute(fail, { idempotent: false })
      .catch(() => undefined)
    expect(attempts).toBe(3)
    await retry({ ...options, idempotent: true })
      .execute(fail, { once: true })
      .catch(() => undefined)
    expect(attempts).toBe(4)
  })

  it.each([400, 401, 403, 404, 409, 410, 413, 422])('[RE-1] 3.4.4 status %i is not tried again', async (status) => {
    let attempts = 0
    const policy = retry({ idempotent: true, backoff: 'immediate' })
    await policy
      .execute(() => {
        attempts++
        throw failure({ status })
      })
      .catch(() => undefined)
    expect(attempts).toBe(1)
  })

  it.each([408, 425, 429, 500, 502, 503, 504])('[RE-1] 3.4.4 status %i is tried again', async (status) => {
    const policy = retry({ idempotent: true, backoff: 'immediate' })
    await expect(
      policy.execute(({ attempt }) => {
        if (attempt === 1) throw failure({ status })
        return 'well'
      }),
    ).resolves.toBe('well')
  })

  it('[RE-1] errors are told apart by a function of the application', async () => {
    class Busy extends Error {}
    let attempts = 0
    const policy = retry({
      idempotent: true,
      backoff: 'immediate',
      retries: 1,
      classify: (error) => (error instanceof Busy ? { retry: true, failure: false } : { retry: false, failure: true }),
    })
    for (const error of [new Busy(), new Error('other')]) {
      await policy
        .execute(() => {
          attempts++
          throw error
        })
        .catch(() => undefined)
    }
    expect(attempts).toBe(3)
  })

  it('[RE-1] a listener that throws changes nothing', async () => {
    const policy = retry({
      idempotent: true,
      backoff: 'immediate',
      onRetry: () => {
        throw new Error('listener')
      },
    })
    await expect(policy.execute(({ attempt }) => (attempt === 1 ? Promise.reject(failure()) : 'well'))).resolves.toBe(
      'well',
    )
  })

  it('[RE-1] closing ends what waits, and refuses what comes', async () => {
    const clock = new FakeClock()
    const policy = retry({ idempotent: true, backoff: ['1m'], clock })
    const seen = watch(policy.execute(() => Promise.reject(failure())))
    await flush()
    policy.close()
    await flush()
    expect(seen.error).toMatchObject({ code: 'ERR_RESILIENCE_CLOSED', status: 503 })
    expect(clock.pending).toBe(0)
    await expect(policy.execute(never)).rejects.toMatchObject({ code: 'ERR_RESILIENCE_CLOSED' })
  })

  it('[RE-1] an attempt that is under way when the caller goes is left at once', async () => {
    const controller = new AbortController()
    const late = deferred()
    const policy = retry({ idempotent: true })
    const seen = watch(policy.execute(() => late.promise, { signal: controller.signal }))
    controller.abort(new Error('gone'))
    await flush()
    expect((seen.error as Error).message).toBe('gone')
    late.resolve('too late')
    await flush()
    expect(policy.stats()).toMatchObject({ late: 1, retries: 0 })
  })
})
