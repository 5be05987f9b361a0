import { totalmem } from 'node:os'
import { numberOption, rejectUnknownOptions } from '@hardening/core'
import { prefixOption } from '../options.js'
import type { AlertRule } from './rule.js'

/** Options of {@link defaultAlertRules}. */
export interface DefaultAlertRulesOptions {
  /** Start of the metrics' names, as given to `httpMetrics` and `channelMetrics`. @defaultValue none */
  prefix?: string
  /** Share of requests that may fail with 5xx. @defaultValue 0.05 */
  errorRatio?: number
  /** Seconds that the 99th percentile of requests may take. @defaultValue 1 */
  latencySeconds?: number
  /** Bytes that the process may take. @defaultValue 85 % of what the container, or the machine, has */
  memoryBytes?: number
  /** Seconds that the event loop may lag, 99th percentile. @defaultValue 0.1 */
  eventLoopSeconds?: number
  /** Share of cache look-ups that must hit. @defaultValue 0.5 */
  hitRatio?: number
  /** Share of requests that must not fail with 5xx over 30 days. @defaultValue 0.999 */
  objective?: number
}

const known = ['prefix', 'errorRatio', 'latencySeconds', 'memoryBytes', 'eventLoopSeconds', 'hitRatio', 'objective']
const failed = { status: /5../ }

/** Rules for what goes wrong in most applications. They watch what is there: without caches, no hit rate. */
export function defaultAlertRules(options: DefaultAlertRulesOptions = {}): AlertRule[] {
  rejectUnknownOptions('defaultAlertRules', options, known)
  const { prefix = '', errorRatio = 0.05, latencySeconds = 1, memoryBytes = memoryLimit() } = options
  const { eventLoopSeconds = 0.1, hitRatio = 0.5, objective = 0.999 } = options
  const check = (name: string, value: number, max: number): number =>
    numberOption('defaultAlertRules', name, value, { min: 0, max })
  prefixOption('defaultAlertRules', prefix)
  return [
    {
      name: 'HighErrorRate',
      metric: `${prefix}http_requests_total`,
      match: failed,
      aggregate: 'ratio',
      op: '>',
      threshold: check('errorRatio', errorRatio, 1),
      minimum: 20,
      for: '2m',
      keepFiringFor: '2m',
      severity: 'critical',
      summary: 'Too many requests fail with 5xx.',
      description: 'See which routes fail in the dashboard, and the error log for why.',
    },
    {
      name: 'HighLatency',
      metric: `${prefix}http_request_duration_seconds`,
      aggregate: 'p99',
      op: '>',
      threshold: check('latencySeconds', latencySeconds, 3_600),
      minimum: 20,
      for: '5m',
      keepFiringFor: '2m',
      summary: 'One request in a hundred is slow.',
      description: 'See slow operations, the event loop and the database.',
    },
    {
      name: 'HighMemory',
      metric: `${prefix}process_resident_memory_bytes`,
      aggregate: 'min',
      window: '5m',
      op: '>',
      threshold: check('memoryBytes', memoryBytes, Number.MAX_SAFE_INTEGER),
      for: '5m',
      summary: 'The process is about to run out of memory.',
      description: 'Take a heap snapshot before it restarts.',
    },
    {
      name: 'EventLoopLag',
      metric: `${prefix}nodejs_eventloop_lag_p99_seconds`,
      aggregate: 'avg',
      window: '2m',
      op: '>',
      threshold: check('eventLoopSeconds', eventLoopSeconds, 3_600),
      for: '2m',
      summary: 'The event loop is held up.',
      description: 'Something computes for long without giving way: take a CPU profile.',
    },
    {
      name: 'BreakerOpen',
      metric: `${prefix}circuit_breaker_state`,
      aggregate: 'max',
      window: '1m',
      op: '>=',
      threshold: 2,
      for: '1m',
      summary: 'A circuit breaker is open.',
      description: 'An upstream fails: its calls are refused until it answers again.',
    },
    {
      name: 'HealthCheckFailing',
      metric: `${prefix}health_check_status`,
      match: { critical: 'true' },
      aggregate: 'max',
      window: '1m',
      op: '>=',
      threshold: 2,
      for: '1m',
      severity: 'critical',
      summary: 'A critical health check fails.',
      description: 'See /health/ready for which.',
    },
    {
      name: 'LowCacheHitRate',
      metric: `${prefix}cache_lookups_total`,
      match: { outcome: /hit|stale|negative/ },
      of: { outcome: /hit|stale|negative|miss/ },
      aggregate: 'ratio',
      window: '15m',
      op: '<',
      threshold: check('hitRatio', hitRatio, 1),
      minimum: 100,
      for: '15m',
      severity: 'info',
      summary: 'The caches seldom hit.',
      description: 'See whether keys vary too much, or entries leave too early.',
    },
    ...burnRateRules(prefix, 1 - check('objective', objective, 0.999_999)),
  ]
}

/** Multi-window burn rates (Google's Site Reliability Workbook, chapter 5): budget spent, long window, short window. */
const burnRates = [
  { name: 'ErrorBudgetBurn1h', factor: 14.4, long: '1h', short: '5m', severity: 'critical' },
  { name: 'ErrorBudgetBurn6h', factor: 6, long: '6h', short: '30m', severity: 'critical' },
  { name: 'ErrorBudgetBurn1d', factor: 3, long: '1d', short: '2h', severity: 'warning' },
  { name: 'ErrorBudgetBurn3d', factor: 1, long: '3d', short: '6h', severity: 'warning' },
] as const

function burnRateRules(prefix: string, budget: number): AlertRule[] {
  return burnRates.map(({ name, factor, long, short, severity }) => {
    // Rounded, so that 1 - 0.999 does not show as 0.0010000000000000009.
    const threshold = Number((factor * budget).toPrecision(6))
    const condition = { metric: `${prefix}http_requests_total`, match: failed, aggregate: 'ratio', op: '>' } as const
    return {
      ...condition,
      name,
      window: long,
      threshold,
      minimum: 20,
      and: [{ ...condition, window: short, threshold }],
      severity,
      labels: { slo: 'availability' },
      summary: `The error budget of 30 days burns ${factor} times too fast.`,
      description: `Share of 5xx over ${long} and over ${short}.`,
    }
  })
}

function memoryLimit(): number {
  const limit = process.constrainedMemory()
  // Without a limit some systems tell one that no machine has.
  const bytes = limit > 0 && limit < totalmem() ? limit : totalmem()
  return Math.round(bytes * 0.85)
}
