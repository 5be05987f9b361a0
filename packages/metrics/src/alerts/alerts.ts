import type { Registry } from 'prom-client'
import { ConfigError, durationOption, functionOption, rejectUnknownOptions, systemClock } from '@hardening/core'
import type { Clock, Duration } from '@hardening/core'
import { registerFamily } from '../exposition/family.js'
import { LabelSet } from '../exposition/label-set.js'
import { prefixOption, registryOption } from '../options.js'
import { AlertState, type AlertPhase } from './alert-state.js'
import { defaultAlertRules } from './default-rules.js'
import type { AlertEvent, AlertNotifier } from './notifiers.js'
import { Outbox } from './outbox.js'
import { Reading } from './reading.js'
import { resolveRules, type AlertRule } from './rule.js'

/** Options of {@link alerts}. */
export interface AlertsOptions {
  /** Whose metrics are watched. */
  registry: Registry
  /** @defaultValue {@link defaultAlertRules} */
  rules?: readonly AlertRule[]
  /** Who is told. @defaultValue nobody: ask `states()` */
  notifiers?: readonly AlertNotifier[]
  /** How often the rules are evaluated. @defaultValue `'15s'` */
  interval?: Duration
  /** Start of the name of the metric `alerts_firing`. @defaultValue none */
  prefix?: string
  /** Where time comes from. @defaultValue the system's */
  clock?: Clock
}

/** An alert as it stands. */
export interface AlertStatus {
  readonly alert: string
  readonly state: AlertPhase
  readonly severity: 'info' | 'warning' | 'critical'
  readonly summary: string
  readonly value: number | undefined
  readonly threshold: number
  readonly startsAt?: string
  readonly endsAt?: string
}

/** Rules that are being evaluated. */
export interface Alerts {
  /** All alerts as they stand. */
  states(): AlertStatus[]
  /** Evaluates now, and resolves when the notifiers have been told. */
  evaluate(): Promise<void>
  /** Ends the evaluation. */
  close(): void
}

/**
 * Evaluates rules over the metrics of a registry, in this process alone, and tells notifiers when one begins to fire
 * and when it is over.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 *
 * @example
 * const watching = alerts({ registry: metrics.registry, notifiers: [logNotifier(logger)] })
 */
export function alerts(options: AlertsOptions): Alerts {
  const known = ['registry', 'rules', 'notifiers', 'interval', 'prefix', 'clock']
  rejectUnknownOptions('alerts', options, known)
  const { registry, prefix = '', rules = defaultAlertRules({ prefix }), notifiers = [] } = options
  const { interval = '15s', clock = systemClock } = options
  registryOption('alerts', registry)
  prefixOption('alerts', prefix)
  const intervalMs = durationOption('alerts', 'interval', interval, { min: 100 })
  if (!Array.isArray(notifiers)) throw new ConfigError('alerts', 'notifiers', 'a list of functions', notifiers)
  const outboxes = notifiers.map((notify: AlertNotifier, at) => {
    return new Outbox(functionOption('alerts', `notifiers[${at}]`, notify), clock)
  })
  const states = resolveRules('alerts', rules).map((rule) => new AlertState(rule))
  const names = new Set(states.flatMap(({ rule }) => rule.conditions.map(({ metric }) => metric)))
  registerFiring(registry, prefix, states)

  async function evaluate(): Promise<void> {
    const reading = await Reading.of(registry, names)
    const now = clock.monotonic()
    for (const state of states) {
      const told = state.update(reading, now, clock.now())
      if (told !== undefined) for (const outbox of outboxes) outbox.add(eventOf(state, told))
    }
    await Promise.all(outboxes.map((outbox) => outbox.deliver()))
  }

  let timer: unknown
  let isClosed = false
  function schedule(): void {
    if (isClosed) return
    timer = clock.setTimeout(() => {
      evaluate().catch((error: unknown) => {
        process.emitWarning(`Alerts could not be evaluated: ${String(error)}`, { code: 'HARDENING_ALERT_EVALUATE' })
      })
      schedule()
    }, intervalMs)
  }
  schedule()

  return {
    states: () => states.map(statusOf),
    evaluate,
    close() {
      isClosed = true
      clock.clearTimeout(timer)
    },
  }
}

function registerFiring(registry: Registry, prefix: string, states: readonly AlertState[]): void {
  const series = states.map((state) => {
    return { state, labels: new LabelSet({ alert: state.rule.name, severity: state.rule.severity }) }
  })
  registerFamily('alerts', registry, {
    name: `${prefix}alerts_firing`,
    help: 'Alerts: 1 firing, 0 not.',
    type: 'gauge',
    series: () => series.map(({ state, labels }) => ({ labels, value: state.phase === 'firing' ? 1 : 0 })),
    reset: () => undefined,
  })
}

function statusOf({ rule, phase, value, startedAt, endedAt }: AlertState): AlertStatus {
  return {
    alert: rule.name,
    state: phase,
    severity: rule.severity,
    summary: rule.summary,
    value,
    threshold: (rule.conditions[0] as { threshold: number }).threshold,
    ...(startedAt === undefined ? {} : { startsAt: new Date(startedAt).toISOString() }),
    ...(endedAt === undefined ? {} : { endsAt: new Date(endedAt).toISOString() }),
  }
}

function eventOf(state: AlertState, told: 'firing' | 'resolved'): AlertEvent {
  const { description, labels } = state.rule
  return { ...(statusOf(state) as AlertStatus & { startsAt: string }), state: told, description, labels }
}
