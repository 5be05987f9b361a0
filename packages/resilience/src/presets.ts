import { consecutive, sampled, slowCalls } from './breaker/rules.js'
import type { ProtectOptions } from './protect.js'

/** Options of `protect` for kinds of services, to be spread and changed: `protect('db', { ...presets.postgres() })`. */
export const presets: {
  /** Another service over HTTP: quick answers, a breaker that also minds slow ones. */
  readonly http: () => ProtectOptions
  /** PostgreSQL: conflicts of transactions are tried again at once; as many calls as a pool has connections. */
  readonly postgres: () => ProtectOptions
  /** Redis: what does not answer within a quarter of a second is not waited for. */
  readonly redis: () => ProtectOptions
  /** A model provider: long answers, long waits where it asks for them, few at once. */
  readonly llm: () => ProtectOptions
} = {
  http: () => ({
    classify: 'http',
    timeout: '5s',
    totalTimeout: '15s',
    retry: { retries: 2, backoff: { initial: 100, max: '2s' }, maxRetryAfter: '5s' },
    breaker: { opens: [consecutive(5), sampled(), slowCalls({ over: '3s' })] },
  }),
  postgres: () => ({
    classify: 'postgres',
    timeout: '5s',
    totalTimeout: '10s',
    retry: { retries: 3, backoff: { initial: 10, max: 500, jitter: 'full' } },
    breaker: { opens: [consecutive(5), sampled()], openFor: ['1s', '15s'] },
    bulkhead: { limit: 20, queue: 200, maxWait: '2s' },
  }),
  redis: () => ({
    classify: 'redis',
    timeout: 250,
    totalTimeout: '1s',
    retry: { retries: 1, backoff: { kind: 'constant', initial: 20, jitter: 'full' } },
    breaker: { opens: [consecutive(5), sampled()], openFor: ['1s', '15s'] },
    bulkhead: { limit: 1000 },
  }),
  llm: () => ({
    classify: 'llm',
    timeout: '60s',
    totalTimeout: '3m',
    retry: { retries: 4, backoff: { initial: '1s', max: '30s' }, maxRetryAfter: '1m', budget: { ratio: 0.5 } },
    breaker: { opens: [consecutive(8), sampled({ window: '2m' })], openFor: ['10s', '2m'] },
    bulkhead: { limit: 10, queue: 50, maxWait: '10s' },
  }),
}
