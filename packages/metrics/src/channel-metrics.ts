import type { Registry } from 'prom-client'
import { channels, functionOption, integerOption, rejectUnknownOptions, type TypedChannel } from '@hardening/core'
import { histogram } from './exposition/histogram.js'
import { counter, gauge, type Cell, type Labelled } from './exposition/labelled.js'
import { prefixOption, registryOption } from './options.js'

/** Options of {@link channelMetrics}. */
export interface ChannelMetricsOptions {
  /** Where the metrics are registered. */
  registry: Registry
  /** Start of the metrics' names. @defaultValue none */
  prefix?: string
  /** Series of each metric at most; further ones share the label `other`. @defaultValue 500 */
  maxSeries?: number
  /** The circuit breakers to show from their beginning, also those that never changed. @defaultValue none */
  breakers?: () => Iterable<{ readonly name: string; readonly state: string }>
}

/** Metrics that follow the channels until they are closed. */
export interface ChannelMetrics {
  /** Stops listening. What was counted stays in the registry. */
  close(): void
}

const lookupBounds = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5]
const jobBounds = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 1_800]
const jobStates = ['waiting', 'delayed', 'active', 'completed', 'dead'] as const
const healthValues = { pass: 0, warn: 1, fail: 2 } as const

/**
 * Counts what the other packages tell on their channels: decisions of rate limiters, cache look-ups, states of
 * breakers, Redis connections and health checks, threats, slow operations, audit entries and jobs. Channels are of the
 * process: in a process with two applications both are counted.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 *
 * @example
 * const metrics = httpMetrics()
 * const following = channelMetrics({ registry: metrics.registry })
 */
export function channelMetrics(options: ChannelMetricsOptions): ChannelMetrics {
  rejectUnknownOptions('channelMetrics', options, ['registry', 'prefix', 'maxSeries', 'breakers'])
  const { registry, prefix = '', maxSeries = 500, breakers: known } = options
  registryOption('channelMetrics', registry)
  prefixOption('channelMetrics', prefix)
  integerOption('channelMetrics', 'maxSeries', maxSeries, { min: 1, max: 100_000 })
  if (known !== undefined) functionOption('channelMetrics', 'breakers', known)

  const describe = (name: string, help: string, labels: readonly string[]) => ({
    name: prefix + name,
    help,
    labels,
    maxSeries,
  })
  const counts = (...[name, help, labels]: Parameters<typeof describe>) =>
    counter('channelMetrics', registry, describe(name, help, labels))
  const states = (...[name, help, labels]: Parameters<typeof describe>) =>
    gauge('channelMetrics', registry, describe(name, help, labels))
  const times = (bounds: readonly number[], ...[name, help, labels]: Parameters<typeof describe>) =>
    histogram('channelMetrics', registry, bounds, describe(name, help, labels))

  const decisions = counts('rate_limit_decisions_total', 'Decisions of rate limiters.', [
    'limiter',
    'policy',
    'outcome',
    'degraded',
  ])
  const lookups = counts('cache_lookups_total', 'Look-ups in caches.', ['cache', 'outcome', 'level'])
  const lookupTimes = times(lookupBounds, 'cache_lookup_duration_seconds', 'Time of look-ups in caches.', ['cache'])
  const breakers: Labelled<Cell> = gauge('channelMetrics', registry, {
    ...describe('circuit_breaker_state', 'Breakers: 0 closed, 1 half-open, 2 open or isolated.', ['breaker']),
    refresh: known && (() => void showBreakers(known, breakers)),
  })
  const transitions = counts('circuit_breaker_transitions_total', 'Changes of state of breakers.', ['breaker', 'to'])
  const redis = states('redis_up', 'Redis connections: 1 up, 0 degraded.', ['name'])
  const outages = counts('redis_degradations_total', 'Losses of Redis connections.', ['name', 'reason'])
  const threats = counts('threats_total', 'What looks like an attack.', ['kind', 'rule', 'blocked'])
  const health = states('health_check_status', 'Health checks: 0 pass, 1 warn, 2 fail.', ['check', 'critical'])
  const slow = counts('operations_slow_total', 'Operations beyond their threshold.', ['kind', 'name'])
  const audits = counts('audit_entries_total', 'Entries of the audit log.', ['action'])
  const jobs = counts('jobs_total', 'What happened to background jobs.', ['queue', 'event'])
  const jobTimes = times(jobBounds, 'job_duration_seconds', 'Time that jobs took.', ['queue'])
  const jobWaits = times(jobBounds, 'job_wait_seconds', 'Time that jobs waited to be started.', ['queue'])

  const jobCounts = states('job_queue_jobs', 'Background jobs by state; finished ones as far as they are kept.', [
    'queue',
    'state',
  ])

  const ends = [
    follow(channels.rateLimitDecision, ({ limiter, policy, outcome, degraded, count = 1 }) => {
      decisions.with(limiter, policy, outcome, degraded ? 'true' : 'false').value += count
    }),
    follow(channels.cacheLookup, ({ cache, outcome, level, durationMs }) => {
      lookups.with(cache, outcome, level).value += 1
      lookupTimes.with(cache).observe(durationMs / 1000)
    }),
    follow(channels.breakerState, ({ breaker, to }) => {
      breakers.with(breaker).value = breakerValue(to)
      transitions.with(breaker, to).value += 1
    }),
    follow(channels.redisState, ({ name, state, reason = 'unknown' }) => {
      redis.with(name).value = state === 'up' ? 1 : 0
      if (state === 'degraded') outages.with(name, reason).value += 1
    }),
    follow(channels.threat, ({ kind, rule, blocked }) => {
      threats.with(kind, rule, String(blocked)).value += 1
    }),
    follow(channels.healthChange, ({ check, to, critical }) => {
      health.with(check, String(critical)).value = healthValues[to]
    }),
    follow(channels.slowOperation, ({ kind, name }) => {
      slow.with(kind, name).value += 1
    }),
    follow(channels.auditEntry, ({ action }) => {
      audits.with(action).value += 1
    }),
    follow(channels.job, ({ queue, event, durationMs, waitMs }) => {
      // Progress is told as often as a job likes and says nothing of how many there are.
      if (event !== 'progress') jobs.with(queue, event).value += 1
      if (durationMs !== undefined) jobTimes.with(queue).observe(durationMs / 1000)
      if (waitMs !== undefined) jobWaits.with(queue).observe(waitMs / 1000)
    }),
    follow(channels.jobQueue, ({ queue, ...counts }) => {
      for (const state of jobStates) jobCounts.with(queue, state).value = counts[state]
    }),
  ]
  return {
    close() {
      for (const end of ends.splice(0)) end()
    },
  }
}

function breakerValue(state: string): number {
  return state === 'closed' ? 0 : state === 'half-open' ? 1 : 2
}

function showBreakers(known: NonNullable<ChannelMetricsOptions['breakers']>, shown: Labelled<Cell>): void {
  for (const { name, state } of known()) shown.with(name).value = breakerValue(state)
}

function follow<Message>(channel: TypedChannel<Message>, count: (message: Message) => void): () => void {
  const listener = (message: Message): void => count(message)
  channel.subscribe(listener)
  return () => channel.unsubscribe(listener)
}
