import type { StepMiddleware } from '@hardening/core'
import { createSentryReporter, type Logger, type SentryReporter, type SentryReporterOptions } from '@hardening/logging'
import {
  alerts,
  channelMetrics,
  httpMetrics,
  logNotifier,
  sentryNotifier,
  trackers,
  type Alerts,
  type AlertNotifier,
  type HttpMetrics,
  type Trackers,
} from '@hardening/metrics'
import type { BreakerRegistry } from '@hardening/resilience'
import type { HardenOptions } from './options.js'
import type { Make } from './parts.js'
import type { Settings } from './settings/table.js'

/** What counts, and what looks at the counts. */
export interface Metering {
  readonly metrics: HttpMetrics | undefined
  readonly trackers: Trackers | undefined
  /** Puts requests into the summary of the trackers, where that is wanted. */
  readonly requests: StepMiddleware | undefined
  readonly alerts: Alerts | undefined
  close(): void
}

/** Makes all that shares the registry of the HTTP metrics, with one start for all names. */
export function makeMetrics(options: HardenOptions, logger: Logger, breakers: BreakerRegistry, on: Make): Metering {
  const metrics = on(options.metrics, (own) => httpMetrics(own))
  const shared = metrics && {
    registry: metrics.registry,
    ...(options.metrics !== false && options.metrics?.prefix !== undefined && { prefix: options.metrics.prefix }),
  }
  const heard = shared && channelMetrics({ ...shared, breakers: () => breakers })
  const wanted = options.trackers
  const tracking = shared && on(wanted, ({ requests: _requests, ...own }) => trackers({ ...shared, ...own }))
  const watching =
    shared && on(options.alerts, (own) => alerts({ ...shared, notifiers: notifiers(logger, options.sentry), ...own }))
  return {
    metrics,
    trackers: tracking,
    requests: wanted !== false && wanted?.requests === true ? tracking?.trackRequests() : undefined,
    alerts: watching,
    close() {
      heard?.close()
      tracking?.close()
      watching?.close()
    },
  }
}

/** Sentry for this service: its version and environment, unless it has others for Sentry. */
export function makeSentry(
  own: SentryReporterOptions,
  version: string | undefined,
  environment: string,
): SentryReporter {
  return createSentryReporter({ environment, ...(version && { release: version }), ...own })
}

/**
 * What `SENTRY_DSN` and the settings beside it say, for `harden(app, { sentry })`. Without a DSN nothing is started or
 * sent.
 *
 * @param sentry - the module: `import * as Sentry from '@sentry/node'`
 *
 * @example
 * harden(app, { sentry: sentryOptions(loadSettings(process.env), Sentry) })
 */
export function sentryOptions(
  settings: Pick<Settings, 'sentryDsn' | 'sentryTracesSampleRate' | 'serviceVersion' | 'environment'>,
  sentry: SentryReporterOptions['sentry'],
): SentryReporterOptions {
  const { sentryDsn, sentryTracesSampleRate, serviceVersion, environment } = settings
  return {
    sentry,
    dsn: sentryDsn,
    tracesSampleRate: sentryTracesSampleRate,
    release: serviceVersion,
    environment,
  }
}

function notifiers(logger: Logger, sentry: HardenOptions['sentry']): AlertNotifier[] {
  const told = [logNotifier(logger)]
  const module = sentry ? (sentry.sentry as { captureMessage?: unknown } | undefined) : undefined
  if (sentry && sentry.dsn && typeof module?.captureMessage === 'function') told.push(sentryNotifier(module as never))
  return told
}
