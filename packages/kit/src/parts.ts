import { ConfigError, isHardeningError, requestContext, type ConfigIssue, type StepMiddleware } from '@hardening/core'
import { compress } from '@hardening/cache'
import { createHealthRegistry, health, type HealthRegistry } from '@hardening/health'
import { accessLog, createLogger, type Logger } from '@hardening/logging'
import { channelMetrics, httpMetrics, metricsEndpoint, type HttpMetrics } from '@hardening/metrics'
import { defaultSkipPaths, rateLimit, type RateLimitMiddleware } from '@hardening/ratelimit'
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
import { detectThreats } from '@hardening/validation'
import type { HardenOptions } from './options.js'

/** What `harden` has made; `undefined` where it was left out. */
export interface Parts {
  readonly logger: Logger
  /** Whether the logger was made here, and so is ended here. */
  readonly ownsLogger: boolean
  readonly health: HealthRegistry | undefined
  readonly metrics: HttpMetrics | undefined
  readonly limiter: RateLimitMiddleware | undefined
  /** Ends what was made here and lives on by itself. */
  close(): void
  /** Every part as middleware, in no order. */
  readonly middlewares: readonly StepMiddleware[]
}

/** Makes the parts. @throws ConfigError that names all that is wrong with any of them */
export function makeParts(options: HardenOptions): Parts {
  const issues: ConfigIssue[] = []
  const on = <Options extends object, Part>(own: Options | false | undefined, make: (own: Options) => Part) =>
    own === false ? undefined : attempt(() => make(own ?? ({} as Options)), issues)
  const { service = {}, production = true, redis, staticPaths = [] } = options
  const { name = 'app', version, environment = production ? 'production' : 'development' } = service
  const logger =
    options.logger ?? createLogger({ service: name, environment, ...(version && { version }), ...options.log })
  const metrics = on(options.metrics, (own) => httpMetrics(own))
  const heard = metrics && channelMetrics({ registry: metrics.registry })
  const healthRegistry = on(options.health, ({ checks = [] }) => createHealthRegistry({ checks }))
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
    on(options.health, ({ checks: _checks, ...own }) =>
      health({ serviceId: name, ...(version && { version }), ...own, registry: healthRegistry as HealthRegistry }),
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
    heard?.close()
    throw new ConfigError('harden', issues)
  }
  return {
    logger,
    ownsLogger: options.logger === undefined,
    health: healthRegistry,
    metrics,
    limiter,
    close() {
      limiter?.close()
      heard?.close()
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
  return Array.isArray(origins) ? { trustedOrigins: origins } : {}
}
