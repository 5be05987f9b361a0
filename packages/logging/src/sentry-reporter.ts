import {
  booleanOption,
  createRedactor,
  currentContext,
  durationOption,
  functionOption,
  middleware,
  numberOption,
  rejectUnknownOptions,
  stringOption,
  type Duration,
  type Exchange,
  type RedactorOptions,
  type StepMiddleware,
} from '@hardening/core'
import { inTime } from './in-time.js'
import { scrubber, sentryPrivacyPreset } from './sentry-privacy.js'

/** What is needed of `@sentry/node`, 10 or 11. */
export interface SentryLike {
  init(options: Record<string, unknown>): unknown
  captureException(error: unknown, context?: Record<string, unknown>): string
  flush(timeoutMs?: number): PromiseLike<boolean>
  close(timeoutMs?: number): PromiseLike<boolean>
}

/** Options of {@link createSentryReporter}. */
export interface SentryReporterOptions {
  /** The module: `import * as Sentry from '@sentry/node'`. */
  sentry: SentryLike
  /** Where reports go. Without one nothing is started or sent. @defaultValue none */
  dsn?: string | undefined
  /** Version of the application, on every report. @defaultValue none */
  release?: string
  /** `production`, `staging` ..., on every report. @defaultValue none */
  environment?: string
  /** Share of the requests that are traced, 0 to 1. @defaultValue 0: none */
  tracesSampleRate?: number
  /** Sends bodies, cookies, headers, queries and user data as Sentry itself would. @defaultValue `false` */
  dangerouslySendPersonalData?: boolean
  /** What is hidden beside the defaults. */
  redact?: RedactorOptions
  /** Time that {@link SentryReporter.flush} and `close` have. @defaultValue `'2s'` */
  flushTimeout?: Duration
  /** More options of `Sentry.init`, which win over the ones made here. @defaultValue `{}` */
  init?: Readonly<Record<string, unknown>>
}

/** Reports failures to Sentry. */
export interface SentryReporter {
  /** Whether there is a DSN. */
  readonly enabled: boolean
  /** Reports the error of every request that ends with a 5xx; mount it with the other steps. */
  readonly middleware: StepMiddleware
  /** Reports an error, once however often it comes; not what is the client's fault (a status from 400 to 499). */
  report(error: unknown): void
  /** Resolves when reports have been sent, or time is over. Never rejects. */
  flush(): Promise<void>
  /** As {@link SentryReporter.flush}, and ends the client. */
  close(): Promise<void>
}

const FACTORY = 'createSentryReporter'
const OPTIONS: readonly (keyof SentryReporterOptions)[] = [
  'sentry',
  'dsn',
  'release',
  'environment',
  'tracesSampleRate',
  'dangerouslySendPersonalData',
  'redact',
  'flushTimeout',
  'init',
]

// They end the process, or keep it from ending, by rules of their own; crashes are reported by `report`.
const PROCESS_HANDLERS: readonly string[] = ['OnUncaughtException', 'OnUnhandledRejection']

// They hook into every request and report what they see there themselves, at several times the cost of the application's
// own work. Only tracing needs them.
const REQUEST_HOOKS: readonly string[] =
  'Http NodeFetch Console ChildProcess Express Connect Fastify Hapi Hono Koa Nitro'.split(' ')

/**
 * Starts Sentry with a privacy preset and a scrubber, and reports what fails: each 5xx and each crash once, with request
 * id and release, never a 4xx. Nothing waits for Sentry but `flush` and `close`, and those for a bounded time.
 *
 * @example
 * const reporter = createSentryReporter({ sentry: Sentry, dsn: settings.sentryDsn, release: '1.2.3' })
 * app.use(reporter.middleware)
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 */
export function createSentryReporter(options: SentryReporterOptions): SentryReporter {
  rejectUnknownOptions(FACTORY, options, OPTIONS)
  const { sentry, dsn, release, environment, tracesSampleRate = 0, flushTimeout = '2s', init = {} } = options
  const { dangerouslySendPersonalData = false } = options
  for (const name of ['init', 'captureException', 'flush', 'close'] as const) {
    functionOption(FACTORY, `sentry.${name}`, sentry?.[name])
  }
  for (const [name, text] of Object.entries({ release, environment })) {
    if (text !== undefined) stringOption(FACTORY, name, text)
  }
  numberOption(FACTORY, 'tracesSampleRate', tracesSampleRate, { min: 0, max: 1 })
  booleanOption(FACTORY, 'dangerouslySendPersonalData', dangerouslySendPersonalData)
  const flushMs = durationOption(FACTORY, 'flushTimeout', flushTimeout, { min: 1 })
  const enabled = typeof dsn === 'string' && dsn !== ''
  const scrub = scrubber(createRedactor(options.redact))
  const isTracing = tracesSampleRate > 0
  const left = isTracing ? PROCESS_HANDLERS : [...PROCESS_HANDLERS, ...REQUEST_HOOKS]

  if (enabled) {
    sentry.init({
      dsn,
      ...(release !== undefined && { release }),
      ...(environment !== undefined && { environment }),
      // Without its hooks Sentry cannot tell one request's breadcrumbs from another's.
      ...(isTracing ? { tracesSampleRate } : { maxBreadcrumbs: 0 }),
      ...(!dangerouslySendPersonalData && sentryPrivacyPreset),
      integrations: (all: readonly { name: string }[]) => all.filter(({ name }) => !left.includes(name)),
      ...init,
      beforeSend: (event: SentryEvent) => scrub(withContext(event)),
      // Spans that are sent one by one pass no scrubber; whole transactions do.
      ...(isTracing && { traceLifecycle: 'static', beforeSendTransaction: scrub }),
    })
  }

  const seen = new WeakSet()
  function report(error: unknown, context = contextOf(currentContext())): void {
    if (!enabled || isClientFault(error)) return
    if (typeof error === 'object' && error !== null) {
      if (seen.has(error)) return
      seen.add(error)
    }
    try {
      sentry.captureException(error, context)
    } catch {
      // What reports failures must not be one.
    }
  }

  return {
    enabled,
    middleware: middleware({
      name: 'sentryReporter',
      end(x) {
        if (x.status >= 500 && x.error !== undefined) report(x.error, contextOf(x.context, x))
      },
    }),
    report: (error) => report(error),
    flush: () => inTime(flushMs, () => (enabled ? sentry.flush(flushMs) : undefined)),
    close: () => inTime(flushMs, () => (enabled ? sentry.close(flushMs) : undefined)),
  }
}

function contextOf(context: Exchange['context'] | undefined, exchange?: Exchange): Record<string, unknown> {
  if (context === undefined) return {}
  const { requestId, trace, user } = context
  const { req, route, status } = exchange ?? {}
  return {
    tags: { requestId, traceId: trace.traceId, ...(exchange && { route, method: req?.method, status }) },
    ...(user !== undefined && { user: { id: user } }),
  }
}

interface SentryEvent {
  readonly tags?: Readonly<Record<string, unknown>>
}

/** What Sentry has reported of its own accord belongs to the request that it happened in all the same. */
function withContext(event: SentryEvent): SentryEvent {
  const context = event.tags?.['requestId'] === undefined ? currentContext() : undefined
  if (context === undefined) return event
  const { requestId, trace } = context
  return { ...event, tags: { ...event.tags, requestId, traceId: trace.traceId } }
}

function isClientFault(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  const { status, statusCode } = error as { status?: unknown; statusCode?: unknown }
  const code = status ?? statusCode
  return typeof code === 'number' && code >= 400 && code < 500
}
