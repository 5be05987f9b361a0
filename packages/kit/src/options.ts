import type { RedisLike, RequestContextOptions, RedisGuard, StepMiddleware } from '@hardening/core'
import type { CompressOptions } from '@hardening/cache'
import type { ErrorHandlerOptions } from '@hardening/errors'
import type { HealthCheck, HealthOptions } from '@hardening/health'
import type { Jobs } from '@hardening/jobs'
import type { AccessLogOptions, CreateLoggerOptions, Logger, SentryReporterOptions } from '@hardening/logging'
import type { AlertsOptions, HttpMetricsOptions, MetricsEndpointOptions, TrackersOptions } from '@hardening/metrics'
import type { RateLimitOptions } from '@hardening/ratelimit'
import type { BreakerRegistry } from '@hardening/resilience'
import type {
  BodyLimitsOptions,
  CorsPolicyOptions,
  CsrfGuardOptions,
  IpFilterOptions,
  HttpsRedirectOptions,
  RequestLimitsOptions,
  RequestTimeoutOptions,
  RequireContentTypeOptions,
  SecureHeadersOptions,
} from '@hardening/security'
import type { DetectThreatsOptions } from '@hardening/validation/detect'

/** Options of `harden`. Each part takes the options of its own factory; `false` leaves it out. */
export interface HardenOptions {
  /** What the application is called in logs, metrics and health details. @defaultValue `{ name: 'app' }` */
  service?: { name?: string; version?: string; environment?: string }
  /**
   * Whether this is production: if not, headers that would keep a page from opening over plain HTTP in the local network
   * are left out.
   *
   * @defaultValue `true`
   */
  production?: boolean
  /** Redis for limits: a client of ioredis, or a guard. @defaultValue none: each process counts for itself */
  redis?: RedisLike | RedisGuard
  /** Paths of static files, such as `['/assets']`: reading them does not use up a client's limits. @defaultValue `[]` */
  staticPaths?: readonly string[]

  /** Ids and trace of a request. */
  context?: RequestContextOptions
  /** Logger of the application's own. @defaultValue one made with `log` */
  logger?: Logger
  /** How the logger is made, where none is given. */
  log?: CreateLoggerOptions
  /** One line a request, also for one that becomes a WebSocket. @defaultValue on */
  accessLog?: Omit<AccessLogOptions, 'logger'> | false
  /** Requests, durations and sizes by route. @defaultValue on */
  metrics?: HttpMetricsOptions | false
  /** `/metrics`. @defaultValue on, for loopback and those with the token */
  metricsEndpoint?: Omit<MetricsEndpointOptions, 'registry'> | false
  /**
   * Functions, queries, language models and events of the business as metrics and as a summary: `kit.trackers`. With
   * `requests` the summary has requests too, at about a microsecond each. Needs metrics.
   *
   * @defaultValue on, without requests
   */
  trackers?: (Omit<TrackersOptions, 'registry'> & { requests?: boolean }) | false
  /** Rules over the metrics: `kit.alerts`. Needs metrics. @defaultValue the built-in rules, told to the log and to Sentry */
  alerts?: Omit<AlertsOptions, 'registry'> | false
  /** Reports what fails to Sentry: `{ sentry: Sentry, dsn }`, or `sentryOptions(settings, Sentry)`. @defaultValue off */
  sentry?: SentryReporterOptions | false
  /** `/health` and its probes. @defaultValue on */
  health?: (Omit<HealthOptions, 'registry'> & { checks?: readonly HealthCheck[] }) | false
  /**
   * Circuit breakers, shown by health and metrics: `protect('billing', { registry: kit.breakers })`.
   *
   * @defaultValue a registry of its own
   */
  breakers?: BreakerRegistry
  /** Background jobs, made with `createJobs`: a check of health, and an end in order with the server. @defaultValue none */
  jobs?: Pick<Jobs, 'check' | 'stop' | 'close'>
  /** Headers that tell browsers to defend the application. @defaultValue on */
  headers?: Omit<SecureHeadersOptions, 'production'> | false
  /** Host names that are served: `['example.com', '.example.com']`. @defaultValue off: all are */
  hosts?: readonly string[] | false
  /** Sends plain HTTP on to HTTPS. @defaultValue off */
  https?: HttpsRedirectOptions | boolean
  /** Addresses that may come, or may not. @defaultValue off */
  addresses?: IpFilterOptions | false
  /** Limits of URL, query and headers. @defaultValue on */
  limits?: RequestLimitsOptions | false
  /** Who may call from a browser. @defaultValue on: nobody from elsewhere */
  cors?: CorsPolicyOptions | false
  /** How often a client may call. @defaultValue on: 60 a minute and 1,000 an hour */
  rateLimit?: Omit<RateLimitOptions, 'redis'> | false
  /** Refuses what other sites make a browser send. @defaultValue on */
  csrf?: CsrfGuardOptions | false
  /** Content types that are taken and given. @defaultValue off: the routes know */
  contentTypes?: RequireContentTypeOptions | false
  /** Time that a request has. @defaultValue on: 30 s */
  timeout?: RequestTimeoutOptions | false
  /** Compresses answers. @defaultValue on */
  compress?: CompressOptions | false
  /** Looks for attacks. @defaultValue on: reports, refuses nothing */
  threats?: DetectThreatsOptions | false
  /** Limits of a parsed body, for `kit.body()`. @defaultValue on */
  bodyLimits?: BodyLimitsOptions | false
  /** Answers errors and what nothing serves. @defaultValue on */
  errors?: ErrorHandlerOptions | false
  /**
   * Whether servers made by the kit refuse clients that are known to be over their limit before Express sees them.
   *
   * @defaultValue `true`
   */
  gate?: boolean
  /**
   * Whether the application is entered when all requests of a turn of the event loop have been through the protections:
   * see `cohorts` of core's `fuse`.
   *
   * @defaultValue `true`
   */
  cohorts?: boolean
  /** Whether `res.json` sends its bytes, which are the same, in less time. @defaultValue `true` */
  fastJson?: boolean
  /** Steps of your own, by factories made with `middleware(step)`; run after all others. @defaultValue `[]` */
  steps?: readonly StepMiddleware[]
}

/** Names of the options, to tell typing errors from parts. */
export const hardenOptionNames: readonly (keyof HardenOptions)[] = [
  'service',
  'production',
  'redis',
  'staticPaths',
  'context',
  'logger',
  'log',
  'accessLog',
  'metrics',
  'metricsEndpoint',
  'trackers',
  'alerts',
  'sentry',
  'health',
  'breakers',
  'jobs',
  'headers',
  'hosts',
  'https',
  'addresses',
  'limits',
  'cors',
  'rateLimit',
  'csrf',
  'contentTypes',
  'timeout',
  'compress',
  'threats',
  'bodyLimits',
  'errors',
  'gate',
  'cohorts',
  'fastJson',
  'steps',
]
