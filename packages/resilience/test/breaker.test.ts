import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { channels, type BreakerStateMessage } from '@hardening/core'
import { SamplingBreaker } from 'cockatiel'
import {
  circuitBreaker,
  CircuitOpenError,
  consecutive,
  counted,
  createBreakerRegistry,
  fromCockatiel,
  protect,
  sampled,
  slowCalls,
  type CircuitBreaker,
  type CircuitBreakerOptions,
} from '../src/index.js'
import { deferred, failure, FakeClock, flush, watch } from './support.js'

const clock = new FakeClock()
const well = (): Promise<string> => Promise.resolve('well')
const ill = (): Promise<never> => Promise.reject(failure())

function breaker(options: CircuitBreakerOptions = {}): CircuitBreaker {
  return circuitBreaker('billing', { clock, openFor: '5s', opens: consecutive(3), ...options })
}

async function times(count: number, run: () => Promise<unknown>): Promise<void> {
  for (let at = 0; at < count; at++) await run().catch(() => undefined)
}

describe('circuitBreaker', () => {
  it('[RE-2] opens after so many failures in a row, and not before', async () => {
    const policy = breaker()
    await times(2, () => policy.execute(ill))
    await policy.execute(well)
    await times(2, () => policy.execute(ill))
    expect(policy.breaker.state).toBe('closed')
    await times(1, () => policy.execute(ill))
    expect(policy.breaker.state).toBe('open')
  })

  it('[RE-2] 3.4.6 refuses while it is open without a call, with the time until a new attempt', async () => {
    const policy = breaker()
    await times(3, () => policy.execute(ill))
    await clock.advance(1500)
    let isCalled = false
    const error = await policy.execute(() => (isCalled = true)).catch((error: unknown) => error)
    expect(isCalled).toBe(false)
    expect(error).toBeInstanceOf(CircuitOpenError)
    expect(error).toMatchObject({
      code: 'ERR_RESILIENCE_OPEN',
      status: 503,
      service: 'billing',
      retryAfterMs: 3500,
      headers: { 'Retry-After': '4', 'Cache-Control': 'no-store' },
    })
    expect(policy.stats().refused).toBe(1)
  })

  it('[RE-2] 3.4.6 is refused in the same turn of the event loop, and waits for nothing', async () => {
    const policy = protect('billing', { clock })
    policy.breaker?.trip()
    const seen = watch(policy.execute(well))
    await Promise.resolve()
    await Promise.resolve()
    expect(seen.state).toBe('rejected')
  })

  it('[RE-2] 3.4.7 lets exactly N probes through, refuses all others at once, and closes when all went well', async () => {
    const policy = breaker({ probes: 2 })
    await times(3, () => policy.execute(ill))
    await clock.advance(5000)
    const probes = [deferred(), deferred()]
    const seen = probes.map(({ promise }) => watch(policy.execute(() => promise)))
    const others = Array.from({ length: 20 }, () => watch(policy.execute(well)))
    await flush()
    expect(policy.breaker.state).toBe('half-open')
    expect(seen.map(({ state }) => state)).toEqual(['pending', 'pending'])
    for (const { error } of others) expect(error).toMatchObject({ code: 'ERR_RESILIENCE_OPEN' })
    probes[0]?.resolve('well')
    await flush()
    expect(policy.breaker.state).toBe('half-open')
    await expect(policy.execute(well)).rejects.toMatchObject({ code: 'ERR_RESILIENCE_OPEN' })
    probes[1]?.resolve('well')
    await flush()
    expect(policy.breaker.state).toBe('closed')
    await expect(policy.execute(well)).resolves.toBe('well')
  })

  it('[RE-2] 3.4.7 one probe that fails opens it again', async () => {
    const policy = breaker({ probes: 3 })
    await times(3, () => policy.execute(ill))
    await clock.advance(5000)
    await times(1, () => policy.execute(ill))
    expect(policy.breaker.state).toBe('open')
  })

  it('[RE-2] 3.4.7 a probe that hangs is ended by its time-out under protect', async () => {
    const policy = protect('billing', {
      clock,
      timeout: '2s',
      retry: false,
      breaker: { opens: consecutive(1), openFor: '5s' },
    })
    await times(1, () => policy.execute(ill))
    await clock.advance(5000)
    const seen = watch(policy.execute(() => new Promise(() => undefined)))
    await flush()
    expect(policy.breaker?.state).toBe('half-open')
    await clock.advance(2000)
    expect(seen.error).toMatchObject({ code: 'ERR_RESILIENCE_TIMEOUT' })
    expect(policy.breaker?.state).toBe('open')
    policy.close()
  })

  it('[RE-2] 3.4.7 a probe that hangs for ever without a time-out counts as failed, and another is let through later', async () => {
    const policy = breaker({ probeTimeout: '10s' })
    await times(3, () => policy.execute(ill))
    await clock.advance(5000)
    watch(policy.execute(() => new Promise(() => undefined)))
    await clock.advance(10_000)
    await expect(policy.execute(well)).rejects.toMatchObject({ code: 'ERR_RESILIENCE_OPEN' })
    await clock.advance(5000)
    await expect(policy.execute(well)).resolves.toBe('well')
    expect(policy.breaker.state).toBe('closed')
  })

  it('[RE-2] 3.4.7 a probe sees the signal of its caller, and its place is free when the caller goes', async () => {
    const policy = breaker()
    await times(3, () => policy.execute(ill))
    await clock.advance(5000)
    const controller = new AbortController()
    let signal: AbortSignal | undefined
    const seen = watch(
      policy.execute(
        (attempt) => {
          signal = attempt.signal
          return new Promise(() => undefined)
        },
        { signal: controller.signal },
      ),
    )
    await flush()
    controller.abort()
    await flush()
    expect(signal?.aborted).toBe(true)
    expect((seen.error as Error).name).toBe('AbortError')
    await expect(policy.execute(well)).resolves.toBe('well')
    expect(policy.breaker.state).toBe('closed')
  })

  it('[RE-2] 3.4.8 sampled: below its minimum it never opens, at its threshold it does', async () => {
    const policy = breaker({ opens: sampled({ threshold: 0.5, window: '10s', minimum: 10 }) })
    await times(9, () => policy.execute(ill))
    expect(policy.breaker.state).toBe('closed')
    await clock.advance(20_000)
    await times(6, () => policy.execute(well))
    await times(5, () => policy.execute(ill))
    expect(policy.breaker.state).toBe('closed')
    await times(1, () => policy.execute(ill))
    expect(policy.breaker.state).toBe('open')
  })

  it('[RE-2] 3.4.8 sampled: what is older than its window counts no more', async () => {
    const policy = breaker({ opens: sampled({ threshold: 0.5, window: '10s', minimum: 4 }) })
    await times(3, () => policy.execute(ill))
    await clock.advance(11_000)
    await times(3, () => policy.execute(ill))
    expect(policy.breaker.state).toBe('closed')
  })

  it('[RE-2] 3.4.8 counted: the last calls decide, at least so many', async () => {
    const policy = breaker({ opens: counted({ threshold: 0.5, size: 4, minimum: 4 }) })
    await times(3, () => policy.execute(ill))
    expect(policy.breaker.state).toBe('closed')
    await times(4, () => policy.execute(well))
    await times(1, () => policy.execute(ill))
    expect(policy.breaker.state).toBe('closed')
    await times(1, () => policy.execute(ill))
    expect(policy.breaker.state).toBe('open')
  })

  it('[RE-2] slow calls open it, also where they go well', async () => {
    const policy = breaker({ opens: slowCalls({ over: '1s', threshold: 0.5, minimum: 4 }) })
    const taking = async (ms: number): Promise<void> => {
      const { promise, resolve } = deferred()
      const call = policy.execute(() => promise)
      await clock.advance(ms)
      resolve('well')
      await call
    }
    for (const ms of [10, 1000, 1001]) await taking(ms)
    expect(policy.breaker.state).toBe('closed')
    await taking(1500)
    expect(policy.breaker.state).toBe('open')
    await clock.advance(5000)
    await taking(1500)
    expect(policy.breaker.state).toBe('open')
  })

  it('[RE-2] a breaker of cockatiel can be a rule', async () => {
    const rule = fromCockatiel(() => new SamplingBreaker({ threshold: 0.5, duration: 1000, minimumRps: 0.001 }))
    const policy = breaker({ opens: rule })
    await times(3, () => policy.execute(ill))
    expect(policy.breaker.state).toBe('open')
  })

  it('[RE-2] 3.4.8 the open time doubles up to its bound and begins anew once it has closed', async () => {
    const policy = breaker({ opens: consecutive(1), openFor: ['1s', '4s'] })
    const waits: number[] = []
    for (let at = 0; at < 5; at++) {
      await times(1, () => policy.execute(ill))
      waits.push(policy.breaker.retryAfterMs)
      await clock.advance(policy.breaker.retryAfterMs)
    }
    expect(waits).toEqual([1000, 2000, 4000, 4000, 4000])
    await policy.execute(well)
    await times(1, () => policy.execute(ill))
    expect(policy.breaker.retryAfterMs).toBe(1000)
  })

  it('[RE-2] 3.4.4 callers who go and answers of 4xx do not open it', async () => {
    const policy = breaker({ opens: consecutive(1) })
    for (const status of [400, 401, 404, 409, 422]) {
      await times(1, () => policy.execute(() => Promise.reject(failure({ status }))))
    }
    for (let at = 0; at < 5; at++) {
      const controller = new AbortController()
      const seen = watch(
        policy.execute(
          ({ signal }) =>
            new Promise((_, reject) => {
              signal.addEventListener('abort', () => reject(failure({}, 'socket closed')))
            }),
          { signal: controller.signal },
        ),
      )
      controller.abort()
      await flush()
      expect(seen.state).toBe('rejected')
    }
    await times(1, () => policy.execute(() => Promise.reject(new DOMException('gone', 'AbortError'))))
    await times(1, () => policy.execute(() => Promise.reject(new TypeError('a mistake'))))
    expect(policy.breaker.state).toBe('closed')
    expect(policy.stats().failures).toBe(0)
  })

  it.each([408, 425, 429, 500, 503])('[RE-2] 3.4.4 status %i counts', async (status) => {
    const policy = breaker({ opens: consecutive(1) })
    await times(1, () => policy.execute(() => Promise.reject(failure({ status }))))
    expect(policy.breaker.state).toBe('open')
  })

  it('[RE-2] what began before a change says nothing after it', async () => {
    const policy = breaker({ opens: consecutive(1) })
    const old = deferred()
    const seen = watch(policy.execute(() => old.promise))
    await times(1, () => policy.execute(ill))
    await clock.advance(5000)
    await policy.execute(well)
    old.reject(failure())
    await flush()
    expect(seen.state).toBe('rejected')
    expect(policy.breaker.state).toBe('closed')
  })

  describe('by hand', () => {
    it('[RE-2] isolated: refuses all until it is reset', async () => {
      const policy = breaker()
      policy.breaker.isolate()
      await clock.advance(3_600_000)
      await expect(policy.execute(well)).rejects.toMatchObject({ status: 503, retryAfterMs: 5000 })
      expect(policy.breaker.state).toBe('isolated')
      policy.breaker.reset()
      await expect(policy.execute(well)).resolves.toBe('well')
    })

    it('[RE-2] disabled: lets all pass and counts nothing', async () => {
      const policy = breaker({ mode: 'disabled' })
      await times(50, () => policy.execute(ill))
      await expect(policy.execute(well)).resolves.toBe('well')
      expect(policy.breaker.state).toBe('closed')
      policy.breaker.setMode('auto')
      await times(3, () => policy.execute(ill))
      expect(policy.breaker.state).toBe('open')
    })

    it('[RE-2] observing: tells what it would do, and lets all pass', async () => {
      const policy = breaker({ mode: 'observing' })
      await times(10, () => policy.execute(ill))
      expect(policy.breaker.state).toBe('open')
      await expect(policy.execute(well)).resolves.toBe('well')
      await clock.advance(5000)
      await policy.execute(well)
      expect(policy.breaker.state).toBe('closed')
    })

    it('[RE-2] tripped, and set to what is no mode', () => {
      const policy = breaker()
      policy.breaker.trip()
      expect(policy.breaker.state).toBe('open')
      expect(() => policy.breaker.setMode('on' as 'auto')).toThrow(/`mode` must be one of/)
    })
  })

  describe('told to others', () => {
    const told: BreakerStateMessage[] = []
    const listener = (message: BreakerStateMessage): void => void told.push(message)
    beforeEach(() => {
      told.length = 0
      channels.breakerState.subscribe(listener)
    })
    afterEach(() => channels.breakerState.unsubscribe(listener))

    it('[RE-2] 3.4.11 each change goes to the channel and to onStateChange', async () => {
      const changes: unknown[] = []
      const policy = breaker({ onStateChange: (change) => changes.push(change) })
      await times(3, () => policy.execute(ill))
      await clock.advance(5000)
      await policy.execute(well)
      policy.breaker.isolate()
      const expected = ['open', 'half-open', 'closed', 'isolated']
      expect(told.map(({ to }) => to)).toEqual(expected)
      expect(told.map(({ from }) => from)).toEqual(['closed', 'open', 'half-open', 'closed'])
      expect(changes).toEqual(told)
      expect(new Set(told.map(({ breaker }) => breaker))).toEqual(new Set(['billing']))
    })

    it('[RE-2] 3.4.11 labels are as many as policies, however many calls', async () => {
      const policies = ['a', 'b', 'c'].map((name) => circuitBreaker(name, { clock, opens: consecutive(1) }))
      for (let at = 0; at < 30; at++) {
        for (const policy of policies) await times(1, () => policy.execute(ill))
        await clock.advance(60_000)
      }
      expect(new Set(told.map(({ breaker }) => breaker)).size).toBe(3)
    })

    it('[RE-2] a listener that throws changes nothing', async () => {
      const policy = breaker({
        opens: consecutive(1),
        onStateChange: () => {
          throw new Error('listener')
        },
      })
      await expect(policy.execute(ill)).rejects.toThrow('failed')
      expect(policy.breaker.state).toBe('open')
    })
  })

  describe('createBreakerRegistry', () => {
    it('[RE-2] 3.4.11 lists all breakers as health reads them, until they are closed', async () => {
      const registry = createBreakerRegistry()
      const billing = circuitBreaker('billing', { registry, clock, opens: consecutive(1), openFor: '5s' })
      const search = protect('search', { registry, clock })
      await times(1, () => billing.execute(ill))
      expect(registry.list()).toEqual([
        { name: 'billing', state: 'open', mode: 'auto', retryAfterMs: 5000 },
        { name: 'search', state: 'closed', mode: 'auto', retryAfterMs: 0 },
      ])
      expect([...registry].map(({ name }) => name)).toEqual(['billing', 'search'])
      registry.get('billing')?.reset()
      expect(billing.breaker.state).toBe('closed')
      billing.close()
      search.close()
      expect(registry.list()).toEqual([])
    })

    it('[RE-2] refuses a name that is taken', () => {
      const registry = createBreakerRegistry()
      circuitBreaker('billing', { registry })
      expect(() => protect('billing', { registry })).toThrow(/a name that is not taken/)
    })
  })
})
