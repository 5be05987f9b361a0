import { durationOption, functionOption, stringOption, type Duration } from '@hardening/core'

/** What is told of an alert. */
export interface AlertEvent {
  readonly alert: string
  readonly state: 'firing' | 'resolved'
  readonly severity: 'info' | 'warning' | 'critical'
  readonly summary: string
  readonly description: string
  readonly labels: Readonly<Record<string, string>>
  /** The value that was compared, and with what. */
  readonly value: number | undefined
  readonly threshold: number
  /** ISO 8601. */
  readonly startsAt: string
  readonly endsAt?: string
}

/** Whoever is told of alerts. What it throws or rejects with is tried again, and never reaches a request. */
export type AlertNotifier = (event: AlertEvent, signal: AbortSignal) => unknown

/** What {@link logNotifier} needs of a logger: winston, pino and the console have it. */
export interface AlertLogger {
  info(message: string, details: Readonly<Record<string, unknown>>): unknown
  warn(message: string, details: Readonly<Record<string, unknown>>): unknown
  error(message: string, details: Readonly<Record<string, unknown>>): unknown
}

/** Tells alerts to a logger: critical ones as errors, others as warnings, the end of each as information. */
export function logNotifier(logger: AlertLogger): AlertNotifier {
  functionOption('logNotifier', 'logger.error', logger?.error as () => unknown)
  return function logAlert(event) {
    const message = `Alert ${event.alert} is ${event.state}: ${event.summary}`
    if (event.state === 'resolved') logger.info(message, { ...event })
    else if (event.severity === 'critical') logger.error(message, { ...event })
    else logger.warn(message, { ...event })
  }
}

/** Options of {@link webhookNotifier}. */
export interface WebhookNotifierOptions {
  /** Where the event is posted as JSON. */
  url: string
  /** Further headers, such as `Authorization`. @defaultValue none */
  headers?: Readonly<Record<string, string>>
  /** How long an answer may take. @defaultValue `'5s'` */
  timeout?: Duration
}

/** Posts alerts as JSON. Any answer but 2xx is a failure, and so is a redirect. */
export function webhookNotifier(options: WebhookNotifierOptions): AlertNotifier {
  const { url, headers = {}, timeout = '5s' } = options
  const target = new URL(stringOption('webhookNotifier', 'url', url))
  const timeoutMs = durationOption('webhookNotifier', 'timeout', timeout, { min: 1 })
  return async function postAlert(event, signal) {
    const response = await fetch(target, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(event),
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    })
    await response.body?.cancel()
    if (!response.ok) throw new Error(`The webhook answered ${response.status}`)
  }
}

/** What {@link sentryNotifier} needs of Sentry. */
export interface SentryLike {
  captureMessage(message: string, context: object): unknown
}

/** Tells firing alerts to Sentry, all of one rule as one issue. */
export function sentryNotifier(sentry: SentryLike): AlertNotifier {
  functionOption('sentryNotifier', 'sentry.captureMessage', sentry?.captureMessage as () => unknown)
  const levels = { info: 'info', warning: 'warning', critical: 'fatal' } as const
  return function captureAlert(event) {
    if (event.state !== 'firing') return
    const { alert, severity, summary, labels, ...extra } = event
    sentry.captureMessage(`${alert}: ${summary}`, {
      level: levels[severity],
      fingerprint: ['alert', alert],
      tags: { ...labels, alert, severity },
      extra,
    })
  }
}
