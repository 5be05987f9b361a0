import { ConfigError, isHardeningError, requestContext, type ConfigIssue, type StepMiddleware } from '@hardening/core'
import { compress } from '@hardening/cache/compress'
import { health, type HealthRegistry } from '@hardening/health'
import { accessLog, createLogger, type Logger, type SentryReporter } from '@hardening/logging'
import { metricsEndpoint, type Alerts, type HttpMetrics, type Trackers } from '@hardening/metrics'
import { defaultSkipPaths, rateLimit, type RateLimitMiddleware } from '@hardening/ratelimit'
import { createBreakerRegistry, type BreakerRegistry } from '@hardening/resilience/registry'
import {
  corsPolicy,
  csrfGuard,
  httpsRedirect,
  ipFilter,
  requestLimits,
  requestTimeout,
  requireContentType,
  secureHeaders,
  trustedHosts,
  type CsrfGuardOptions,
} from '@hardening/security'
import { detectThreats } from '@hardening/validation/detect'
import { makeHealth } from './health.js'
import { makeMetrics, makeSentry } from './observation.js'
import type { HardenOptions } from './options.js'

/** What `harden` has made; `undefined` where it was left out. */
export interface Parts {
  readonly logger: Logger
  /** Whether the logger was made here, and so is ended here. */
  readonly ownsLogger: boolean
  readonly health: HealthRegistry | undefined
  readonly breakers: BreakerRegistry
  readonly metrics: HttpMetrics | undefined
  readonly trackers: Trackers | undefined
  readonly alerts: Alerts | undefined
  readonly sentry: SentryReporter | undefined
  readonly limiter: RateLimitMiddleware | undefined
  /** Ends what was made here and lives on by itself. */
  close(): void
  /** Every part as middleware, in no order. */
  readonly middlewares: readonly StepMiddleware[]
}

/** Makes a part, unless its options are `false`. */
export type Make = <Options extends object, Part>(
  own: Options | false | undefined,
  make: (own: Options) => Part,
) => Part | undefined

/** Makes the parts. @throws ConfigError that names all that is wrong with any of them */
export function makeParts(options: HardenOptions): Parts {
  const issues: ConfigIssue[] = []
  const on: Make = (own, make) => (own === false ? undefined : attempt(() => make(own ?? ({} as never)), issues))
  const { service = {}, production = true, redis, staticPaths = [] } = options
  const { name = 'app', version, environment = production ? 'production' : 'development' } = service
  const logger =
    options.logger ?? createLogger({ service: name, environment, ...(version && { version }), ...options.log })
  const { breakers = createBreakerRegistry() } = options
  const metering = makeMetrics(options, logger, breakers, on)
  const { metrics } = metering
  const sentry = on(options.sentry ?? false, (own) => makeSentry(own, version, environment))
  const healthRegistry = on(options.health, ({ checks = [] }) => makeHealth(checks, breakers, options.jobs))
  const limiter = on(options.rateLimit, (own) =>
    rateLimit({
      ...own,
      ...(redis && { redis }),
      ...(staticPaths.length > 0 && { skipPaths: skipPaths(own.skipPaths, staticPaths) }),
    }),
  )
  const probes = options.health === false ? undefined : (options.health?.path ?? '/health')
  const exempt = probes === undefined ? [] : [probes]

  const middlewares: (StepMiddleware | undefined)[] = [
    requestContext(options.context),
    on(options.accessLog, (own) => accessLog({ logger, ...own })),
    metrics,
    metering.requests,
    sentry?.middleware,
    on(options.health, ({ checks: _checks, ...own }) =>
      health({
        serviceId: name,
        ...(version && { version }),
        breakers: () => breakers,
        ...own,
        registry: healthRegistry as HealthRegistry,
      }),
    ),
    metrics && on(options.metricsEndpoint, (own) => metricsEndpoint({ ...own, registry: metrics.registry })),
    on(options.headers, (own) => secureHeaders({ ...own, production })),
    options.hosts ? trustedHosts({ hosts: options.hosts, exempt }) : undefined,
    options.https ? httpsRedirect({ exempt, ...(options.https === true ? {} : options.https) }) : undefined,
    options.addresses ? ipFilter({ exempt, ...options.addresses }) : undefined,
    on(options.limits, requestLimits),
    on(options.cors, corsPolicy),
    limiter,
    on(options.csrf, (own) => csrfGuard({ ...trusting(options.cors), ...own })),
    options.contentTypes ? requireContentType({ exempt, ...options.contentTypes }) : undefined,
    on(options.timeout, requestTimeout),
    on(options.compress, compress),
    on(options.threats, detectThreats),
    ...(options.steps ?? []),
  ]
  if (issues.length > 0) {
    limiter?.close()
    metering.close()
    void sentry?.close()
    throw new ConfigError('harden', issues)
  }
  return {
    logger,
    ownsLogger: options.logger === undefined,
    health: healthRegistry,
    breakers,
    metrics,
    trackers: metering.trackers,
    alerts: metering.alerts,
    sentry,
    limiter,
    close() {
      limiter?.close()
      metering.close()
    },
    middlewares: middlewares.filter((part) => part !== undefined),
  }
}

/** Makes a part; what is wrong with its options is kept, to be told with what is wrong with the others. */
function attempt<Part>(make: () => Part, issues: ConfigIssue[]): Part | undefined {
  try {
    return make()
  } catch (error) {
    if (!isHardeningError(error, 'ERR_CONFIG_INVALID')) throw error
    const { factory, issues: found } = error as ConfigError
    issues.push(...found.map((issue) => ({ ...issue, option: `${factory}.${issue.option}` })))
    return undefined
  }
}

/** Adds static files to the paths that a limiter does not count. */
function skipPaths(own: readonly string[] = defaultSkipPaths, paths: readonly string[]): string[] {
  return [...own, ...paths.map((path) => `${path.replace(/\/$/, '')}/*`)]
}

/** Origins that may call from a browser may also send what changes things. */
function trusting(cors: HardenOptions['cors']): CsrfGuardOptions {
  const origins = cors === false ? undefined : cors?.origins
  // Who lets all of them read lets none of them write.
  return Array.isArray(origins) && !origins.includes('*') ? { trustedOrigins: origins } : {}
}
