import { describe, expect, it } from '@jest/globals'
import {
  circuitBreaker,
  compose,
  consecutive,
  fallback,
  presets,
  protect,
  protectedBy,
  retry,
  timeout,
  type Attempt,
  type ProtectOptions,
} from '../src/index.js'
import { failure, FakeClock, flush, watch } from './support.js'

const hang = (): Promise<never> => new Promise(() => undefined)
const ill = (): Promise<never> => Promise.reject(failure())

describe('fallback', () => {
  it('[RE-3] answers in place of what failed: with a value, or with one made of the error', async () => {
    await expect(fallback('old').execute(ill)).resolves.toBe('old')
    await expect(fallback((error) => (error as Error).message).execute(ill)).resolves.toBe('failed')
    await expect(fallback('old').execute(() => 'new')).resolves.toBe('new')
  })

  it('[RE-3] not for what the caller did wrong, nor for a caller who has gone', async () => {
    const policy = fallback('old')
    await expect(policy.execute(() => Promise.reject(failure({ status: 404 })))).rejects.toThrow('failed')
    const controller = new AbortController()
    const seen = watch(policy.execute(hang, { signal: controller.signal }))
    controller.abort()
    await flush()
    expect(seen.state).toBe('rejected')
    expect(policy.stats().fallbacks).toBe(0)
  })

  it('[RE-3] for other errors where it is told so', async () => {
    const policy = fallback('none', { when: (error) => (error as { status?: number }).status === 404 })
    await expect(policy.execute(() => Promise.reject(failure({ status: 404 })))).resolves.toBe('none')
    await expect(policy.execute(ill)).rejects.toThrow('failed')
  })
})

describe('protect', () => {
  it('[RE-3] fallback stands outside: it answers for time-outs, open breakers and full bulkheads', async () => {
    const clock = new FakeClock()
    const policy = protect<string>('a', {
      clock,
      timeout: '1s',
      totalTimeout: '2s',
      retry: false,
      bulkhead: { limit: 1 },
      breaker: { opens: consecutive(1) },
      fallback: 'old',
    })
    const slow = watch(policy.execute(hang))
    await expect(policy.execute(() => 'new')).resolves.toBe('old')
    await clock.advance(1000)
    expect(slow.value).toBe('old')
    await expect(policy.execute(() => 'new')).resolves.toBe('old')
    expect(policy.stats()).toMatchObject({ fallbacks: 3, rejected: 1, timeouts: 1, refused: 1 })
    policy.close()
  })

  it('[RE-3] retries stand around the breaker: each attempt counts, and an open breaker ends them', async () => {
    const clock = new FakeClock()
    const policy = protect('a', {
      clock,
      idempotent: true,
      retry: { retries: 5, backoff: 'immediate' },
      breaker: { opens: consecutive(2) },
    })
    await expect(policy.execute(ill)).rejects.toMatchObject({ code: 'ERR_RESILIENCE_OPEN' })
    expect(policy.stats()).toMatchObject({ calls: 1, attempts: 2, failures: 2, retries: 2, refused: 1 })
    policy.close()
  })

  it('[RE-3] the breaker stands around the bulkhead: refusals of the bulkhead do not count', async () => {
    const clock = new FakeClock()
    const policy = protect('a', { clock, bulkhead: { limit: 1 }, breaker: { opens: consecutive(1) } })
    const first = watch(policy.execute(hang))
    for (let at = 0; at < 5; at++) {
      await expect(policy.execute(hang)).rejects.toMatchObject({ code: 'ERR_RESILIENCE_BULKHEAD' })
    }
    expect(policy.breaker?.state).toBe('closed')
    expect(first.state).toBe('pending')
    await clock.advance(10_000)
    policy.close()
  })

  it('[RE-3] the time-out of an attempt stands inside: waiting for a place takes nothing of it', async () => {
    const clock = new FakeClock()
    const policy = protect('a', {
      clock,
      retry: false,
      timeout: '1s',
      totalTimeout: '10s',
      bulkhead: { limit: 1, queue: 1, maxWait: '5s' },
    })
    const first = watch(policy.execute(hang))
    const second = watch(policy.execute(hang))
    await clock.advance(1000)
    expect([first.state, second.state]).toEqual(['rejected', 'pending'])
    await clock.advance(999)
    expect(second.state).toBe('pending')
    await clock.advance(1)
    expect(second.error).toMatchObject({ code: 'ERR_RESILIENCE_TIMEOUT', scope: 'attempt' })
    policy.close()
  })

  it('[RE-3] everything can be left out', async () => {
    const policy = protect('a', {
      timeout: false,
      totalTimeout: false,
      retry: false,
      breaker: false,
      bulkhead: false,
      hedge: false,
    })
    expect(policy.breaker).toBeUndefined()
    await expect(policy.execute(() => 'well')).resolves.toBe('well')
    await expect(policy.execute(ill)).rejects.toThrow('failed')
    expect(policy.stats()).toMatchObject({ calls: 2, attempts: 2, successes: 1, failures: 1 })
    expect([policy.running, policy.queued]).toEqual([0, 0])
  })

  it('[RE-3] a call without an own promise is counted like any other', async () => {
    const policy = protect('a', { idempotent: true, retry: { backoff: 'immediate' } })
    await expect(policy.execute(({ attempt }) => (attempt < 3 ? ill() : 'well'))).resolves.toBe('well')
    await expect(
      policy.execute(({ attempt }) => {
        if (attempt < 2) throw failure()
        return 'well'
      }),
    ).resolves.toBe('well')
    expect(policy.stats()).toMatchObject({ calls: 2, attempts: 5, successes: 2, failures: 3, retries: 3 })
    expect(policy.running).toBe(0)
    policy.close()
  })

  it('[RE-3] 3.4.11 closing leaves no timer behind and no breaker in the registry', async () => {
    const clock = new FakeClock()
    const policy = protect('a', { clock, idempotent: true, retry: { backoff: ['1m'] }, totalTimeout: '5m' })
    await policy.execute(() => 'well')
    const waiting = watch(policy.execute(ill))
    await flush()
    policy.close()
    await flush()
    expect(waiting.error).toMatchObject({ code: 'ERR_RESILIENCE_CLOSED' })
    expect(clock.pending).toBe(0)
    await expect(policy.execute(() => 'well')).rejects.toMatchObject({ code: 'ERR_RESILIENCE_CLOSED' })
  })

  it('[RE-2] 3.4.4 a caller who goes counts for nothing, whatever the reason; nor does the time that a request has left', async () => {
    const clock = new FakeClock()
    const policy = protect('a', { clock, idempotent: true, breaker: { opens: consecutive(1) } })
    const controller = new AbortController()
    const gone = watch(policy.execute(hang, { signal: controller.signal }))
    const late = watch(policy.execute(hang, { remainingMs: 100 }))
    controller.abort(new Error('the client has gone'))
    await clock.advance(100)
    expect((gone.error as Error).message).toBe('the client has gone')
    expect(late.error).toMatchObject({ code: 'ERR_RESILIENCE_TIMEOUT', scope: 'deadline' })
    expect(policy.breaker?.state).toBe('closed')
    expect(policy.stats()).toMatchObject({ attempts: 2, failures: 0, retries: 0 })
    expect(policy.running).toBe(0)
    policy.close()
    expect(clock.pending).toBe(0)
  })

  it('[RE-2] 3.4.4 an attempt that runs out of its time does count', async () => {
    const clock = new FakeClock()
    const policy = protect('a', { clock, retry: false, timeout: '1s', breaker: { opens: consecutive(1) } })
    watch(policy.execute(hang))
    await clock.advance(1000)
    expect(policy.breaker?.state).toBe('open')
    policy.close()
  })

  it('[RE-1] a wait before a retry keeps the process, for somebody waits for it; a time-out does not', async () => {
    const kept: number[] = []
    const real = new FakeClock()
    const clock = {
      now: real.now,
      monotonic: real.monotonic,
      clearTimeout: () => undefined,
      setTimeout: (_run: () => void, ms: number) => ({ ref: () => kept.push(ms) }),
    }
    const policy = protect('a', { clock, idempotent: true, retry: { backoff: [777] } })
    watch(policy.execute(ill))
    await flush()
    expect(kept).toEqual([777])
    policy.close()
  })

  it('[RE-3] wraps functions: arguments, then the attempt; `this` is kept', async () => {
    const policy = protect('a')
    const api = {
      base: 'b',
      load: policy.wrap(function (this: { base: string }, id: number, { attempt, signal }: Attempt) {
        return Promise.resolve(`${this.base}/${id}/${attempt}/${signal.aborted}`)
      }),
    }
    await expect(api.load(7)).resolves.toBe('b/7/1/false')
    policy.close()
  })

  it('[RE-3] decorates methods', async () => {
    const policy = protect('a', { retry: { backoff: 'immediate' } })
    class Billing {
      readonly currency = 'EUR'
      attempts = 0

      @protectedBy(policy, { idempotent: true })
      async invoice(id: string, attempt?: Attempt): Promise<string> {
        this.attempts++
        if (this.attempts < 2) throw failure()
        return Promise.resolve(`${id} in ${this.currency}, attempt ${attempt?.attempt}`)
      }
    }
    await expect(new Billing().invoice('i1')).resolves.toBe('i1 in EUR, attempt 2')
    policy.close()
  })

  it('[RE-3] decorates methods in the older form of TypeScript', async () => {
    const policy = protect('a')
    const descriptor = { value: (id: string) => Promise.resolve(`got ${id}`) }
    protectedBy(policy)({}, 'load', descriptor)
    await expect(descriptor.value('x')).resolves.toBe('got x')
    expect(policy.stats().calls).toBe(1)
    expect(() => protectedBy(policy)({}, 'load', { value: 1 })).toThrow(/`method` must be a method/)
    policy.close()
  })

  it('[RE-3] policies can be put together in an order of your own', async () => {
    const clock = new FakeClock()
    const breaker = circuitBreaker('a', { clock, opens: consecutive(1) })
    const policy = compose<string>(
      fallback('old'),
      breaker,
      retry({ idempotent: true, backoff: 'immediate', retries: 2, clock }),
      timeout({ after: '1s', clock }),
    )
    expect(policy.service).toBe('a')
    let attempts = 0
    await expect(policy.execute(() => (attempts++, ill()))).resolves.toBe('old')
    // The breaker stands outside here: three attempts are one failure.
    expect([attempts, breaker.breaker.state]).toEqual([3, 'open'])
    const slow = compose(timeout({ after: '1s', clock }))
    const seen = watch(slow.execute(hang))
    await clock.advance(1000)
    expect(seen.error).toMatchObject({ code: 'ERR_RESILIENCE_TIMEOUT' })
    policy.close()
    await expect(breaker.execute(() => 'well')).rejects.toMatchObject({ code: 'ERR_RESILIENCE_CLOSED' })
    expect(() => compose({} as never)).toThrow(/a policy of this package/)
  })

  it.each(Object.entries(presets))('[RE-3] the preset %s makes a policy', async (name, preset) => {
    const options: ProtectOptions = preset()
    const policy = protect(name, options)
    await expect(policy.execute(() => 'well')).resolves.toBe('well')
    policy.close()
  })
})
