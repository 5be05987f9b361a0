import { describe, expect, it } from '@jest/globals'
import { ConfigError } from '@hardening/core'
import {
  bulkhead,
  circuitBreaker,
  consecutive,
  counted,
  fallback,
  hedge,
  protect,
  resilientFetch,
  retry,
  retryBudget,
  sampled,
  slowCalls,
  timeout,
} from '../src/index.js'

type Case = readonly [what: string, make: () => unknown, option: string]

const wrong = (value: unknown): never => value as never

const cases: readonly Case[] = [
  ['retry, unknown', () => retry(wrong({ retrys: 1 })), 'retrys'],
  ['retry, retries', () => retry({ retries: 101 }), 'retries'],
  ['retry, backoff kind', () => retry({ backoff: wrong('quadratic') }), 'backoff.kind'],
  ['retry, backoff max', () => retry({ backoff: { initial: '1m', max: '1s' } }), 'backoff.max'],
  ['retry, backoff factor', () => retry({ backoff: { factor: 0 } }), 'backoff.factor'],
  ['retry, backoff jitter', () => retry({ backoff: { kind: 'linear', jitter: 'decorrelated' } }), 'backoff.jitter'],
  ['retry, backoff unknown', () => retry({ backoff: wrong({ start: 1 }) }), 'backoff.start'],
  ['retry, empty list', () => retry({ backoff: [] }), 'backoff'],
  ['retry, list', () => retry({ backoff: [wrong('soon')] }), 'backoff[0]'],
  ['retry, budget', () => retry({ budget: wrong(true) }), 'budget'],
  ['retry, maxRetryAfter', () => retry({ maxRetryAfter: -1 }), 'maxRetryAfter'],
  ['retry, onRetry', () => retry({ onRetry: wrong('log') }), 'onRetry'],
  ['retry, idempotent', () => retry({ idempotent: wrong('yes') }), 'idempotent'],
  ['retry, classify', () => retry({ classify: wrong('mysql') }), 'classify'],
  ['retry, service', () => retry({ service: '' }), 'service'],
  ['retry, random', () => retry({ random: wrong(0.5) }), 'random'],
  ['retryBudget, unknown', () => retryBudget(wrong({ percent: 20 })), 'percent'],
  ['retryBudget, ratio', () => retryBudget({ ratio: 1.1 }), 'ratio'],
  ['retryBudget, minPerSecond', () => retryBudget({ minPerSecond: -1 }), 'minPerSecond'],
  ['retryBudget, maxSaved', () => retryBudget({ maxSaved: 0 }), 'maxSaved'],
  ['circuitBreaker, name', () => circuitBreaker(''), 'name'],
  ['circuitBreaker, unknown', () => circuitBreaker('a', wrong({ threshold: 1 })), 'threshold'],
  ['circuitBreaker, opens', () => circuitBreaker('a', { opens: [] }), 'opens'],
  ['circuitBreaker, opens of nothing', () => circuitBreaker('a', { opens: wrong(5) }), 'opens'],
  ['circuitBreaker, openFor', () => circuitBreaker('a', { openFor: 0 }), 'openFor'],
  ['circuitBreaker, openFor falling', () => circuitBreaker('a', { openFor: ['5s', '1s'] }), 'openFor[1]'],
  ['circuitBreaker, openFor of three', () => circuitBreaker('a', { openFor: wrong([1, 2, 3]) }), 'openFor'],
  ['circuitBreaker, probes', () => circuitBreaker('a', { probes: 0 }), 'probes'],
  ['circuitBreaker, probeTimeout', () => circuitBreaker('a', { probeTimeout: 0 }), 'probeTimeout'],
  ['circuitBreaker, mode', () => circuitBreaker('a', { mode: wrong('on') }), 'mode'],
  ['circuitBreaker, onStateChange', () => circuitBreaker('a', { onStateChange: wrong(1) }), 'onStateChange'],
  ['consecutive', () => consecutive(0), 'failures'],
  ['sampled, threshold', () => sampled({ threshold: 0 }), 'threshold'],
  ['sampled, minimum', () => sampled({ minimum: 0 }), 'minimum'],
  ['sampled, window', () => sampled({ window: 1 }), 'window'],
  ['sampled, unknown', () => sampled(wrong({ over: 1 })), 'over'],
  ['slowCalls, over', () => slowCalls({ over: 0 }), 'over'],
  ['counted, size', () => counted({ size: 0 }), 'size'],
  ['counted, minimum', () => counted({ size: 5, minimum: 6 }), 'minimum'],
  ['counted, threshold', () => counted({ threshold: 2 }), 'threshold'],
  ['timeout, after', () => timeout({ after: 0 }), 'after'],
  ['timeout, unknown', () => timeout(wrong({ ms: 1 })), 'ms'],
  ['bulkhead, limit', () => bulkhead({ limit: 0 }), 'limit'],
  ['bulkhead, queue', () => bulkhead({ queue: -1 }), 'queue'],
  ['bulkhead, maxWait', () => bulkhead({ maxWait: 0 }), 'maxWait'],
  ['bulkhead, unknown', () => bulkhead(wrong({ max: 1 })), 'max'],
  ['hedge, after', () => hedge({ after: 0 }), 'after'],
  ['hedge, extra', () => hedge({ extra: 11 }), 'extra'],
  ['hedge, unknown', () => hedge(wrong({ delay: 1 })), 'delay'],
  ['fallback, when', () => fallback(1, { when: wrong(true) }), 'when'],
  ['fallback, unknown', () => fallback(1, wrong({ if: 1 })), 'if'],
  ['protect, service', () => protect(''), 'service'],
  ['protect, unknown', () => protect('a', wrong({ retries: 1 })), 'retries'],
  ['protect, timeout', () => protect('a', { timeout: 0 }), 'timeout'],
  ['protect, totalTimeout', () => protect('a', { totalTimeout: wrong('soon') }), 'totalTimeout'],
  ['protect, retry', () => protect('a', { retry: wrong(true) }), 'retry'],
  ['protect, retry.unknown', () => protect('a', { retry: wrong({ attempts: 1 }) }), 'retry.attempts'],
  ['protect, retry.retries', () => protect('a', { retry: { retries: -1 } }), 'retry.retries'],
  ['protect, breaker.probes', () => protect('a', { breaker: { probes: 0 } }), 'breaker.probes'],
  ['protect, bulkhead.limit', () => protect('a', { bulkhead: { limit: 0 } }), 'bulkhead.limit'],
  ['protect, hedge.after', () => protect('a', { hedge: { after: 0 } }), 'hedge.after'],
  ['protect, discard', () => protect('a', { discard: wrong(1) }), 'discard'],
  ['protect, fallbackWhen', () => protect('a', { fallbackWhen: wrong(1) }), 'fallbackWhen'],
  ['resilientFetch, fallback', () => resilientFetch('a', wrong({ fallback: 1 })), 'fallback'],
  ['resilientFetch, fetch', () => resilientFetch('a', { fetch: wrong(1) }), 'fetch'],
  ['resilientFetch, propagate', () => resilientFetch('a', { propagate: wrong(1) }), 'propagate'],
]

function requirementOf(what: string): string {
  if (what.startsWith('retry')) return 'RE-1'
  return /^(?:circuitBreaker|consecutive|sampled|slowCalls|counted)/.test(what) ? 'RE-2' : 'RE-3'
}

describe('options', () => {
  it.each(cases.map(([what, make, option]) => [requirementOf(what), what, make, option] as const))(
    '[%s] %s is refused at creation',
    (_, __, make, option) => {
      let error: unknown
      try {
        make()
      } catch (caught) {
        error = caught
      }
      expect(error).toBeInstanceOf(ConfigError)
      expect((error as ConfigError).option).toBe(option)
    },
  )

  it('[RE-3] undefined means left out', async () => {
    const policy = protect('a', wrong({ timeout: undefined, retry: undefined, breaker: undefined, hedge: undefined }))
    expect(policy.breaker?.state).toBe('closed')
    await expect(policy.execute(() => 'well', wrong({ signal: undefined, idempotent: undefined }))).resolves.toBe(
      'well',
    )
    policy.close()
  })

  it('[RE-2] bounds are allowed', () => {
    expect(() => {
      circuitBreaker('a', { probes: 1000, openFor: [1, 1], opens: [consecutive(1), sampled({ threshold: 1 })] })
      retry({ retries: 0, backoff: { initial: 0 } })
      retry({ retries: 100 })
      bulkhead({ limit: 1, queue: 0 })
    }).not.toThrow()
  })
})
