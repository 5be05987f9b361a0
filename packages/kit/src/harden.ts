import type { Server } from 'node:http'
import bodyParser from 'body-parser'
import type { Application, RequestHandler } from 'express'
import {
  ConfigError,
  fuse,
  rejectUnknownOptions,
  stepsOf,
  type ErrorMiddleware,
  type Exchange,
  type StepMiddleware,
} from '@hardening/core'
import { errorHandler, toProblem } from '@hardening/errors'
import {
  gracefulShutdown,
  type GracefulShutdown,
  type GracefulShutdownOptions,
  type HealthRegistry,
} from '@hardening/health'
import type { Logger, SentryReporter } from '@hardening/logging'
import type { Alerts, HttpMetrics, Trackers } from '@hardening/metrics'
import type { RateLimitMiddleware } from '@hardening/ratelimit'
import type { BreakerRegistry } from '@hardening/resilience'
import { bodyLimits } from '@hardening/security'
import { detectBodyThreats } from '@hardening/validation/detect'
import { answerErrorsOf } from './automatic-errors.js'
import { endJobs } from './end-jobs.js'
import { installFastJson } from './fast-json.js'
import { createGate } from './gate.js'
import { hardenOptionNames, type HardenOptions } from './options.js'
import { inOrder } from './order.js'
import { makeParts } from './parts.js'
import { adoptListen, createServer, followServers, setGate } from './server.js'
import { logUpgrades } from './upgrades.js'

/** Options of {@link Kit.body}. */
export interface BodyOptions {
  /** Largest body, as the parsers of Express take it. @defaultValue `'1mb'` */
  limit?: string | number
}

/** What {@link harden} gives back: its parts, and what belongs behind or beside them. */
export interface Kit {
  readonly logger: Logger
  /** The health checks; add your own with `add`. `undefined` where health was left out. */
  readonly health: HealthRegistry | undefined
  /** The circuit breakers that health and metrics show; give it to policies as their `registry`. */
  readonly breakers: BreakerRegistry
  /** The HTTP metrics and their registry. `undefined` where metrics were left out. */
  readonly metrics: HttpMetrics | undefined
  /** Measures functions, queries, language models and events. `undefined` where metrics or trackers were left out. */
  readonly trackers: Trackers | undefined
  /** The alerts as they stand. `undefined` where metrics or alerts were left out. */
  readonly alerts: Alerts | undefined
  /** Reports to Sentry; give crashes to its `report`. `undefined` where Sentry was not asked for. */
  readonly sentry: SentryReporter | undefined
  /** The rate limiter with its admin functions. `undefined` where it was left out. */
  readonly limiter: RateLimitMiddleware | undefined
  /** Names of the steps, in the order in which a request meets them. */
  readonly steps: readonly string[]
  /**
   * Parsers for JSON and forms, with limits and threat detection behind them. In place of `express.json()`; leave it out
   * where routes parse for themselves.
   */
  body(options?: BodyOptions): RequestHandler[]
  /**
   * The error handler, for applications that want to see it stand: behind the routes. Without it errors are answered all
   * the same.
   */
  errors(): ErrorMiddleware
  /** A server that spares Express work on every request; `app.listen` uses it by itself. */
  createServer(): Server
  /** Stops the server on SIGTERM and SIGINT without losing a request, ends the jobs, then the parts. */
  shutdownOn(server: Server, options?: Omit<GracefulShutdownOptions, 'registry' | 'logger'>): GracefulShutdown
  /** Ends what the kit has made. The user's own logger and Redis client stay. */
  close(): Promise<void>
}

const hardened = new WeakSet<object>()

/**
 * Puts the whole stack in front of an application, in the right order, with safe defaults. Call it before anything else
 * is mounted: it refuses an application that has routes already, because they would stand unprotected.
 *
 * @example
 * const app = express()
 * const kit = harden(app, { hosts: ['example.com'], rateLimit: { policies: [{ name: 'm', limit: 100, window: '1m' }] } })
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 */
export function harden(app: Application, options: HardenOptions = {}): Kit {
  rejectUnknownOptions('harden', options, hardenOptionNames)
  refuseUsedApp(app)
  const parts = makeParts(options)
  const steps = inOrder(parts.middlewares.flatMap((part) => [...stepsOf(part)]))
  const handler = errorHandler({
    onError: logErrors(parts.logger),
    ...(options.errors === false ? {} : options.errors),
  })

  hardened.add(app)
  app.disable('x-powered-by')
  adoptListen(app)
  if (options.fastJson !== false) installFastJson(app)
  if (options.gate !== false && parts.limiter !== undefined)
    setGate(app, createGate(parts.limiter, steps, parts.logger))
  const follow = (server: Server): void => {
    if (options.accessLog !== false) logUpgrades(server, parts.logger)
  }
  followServers(app, follow)
  app.use(fuse(steps, { cohorts: options.cohorts !== false }) as RequestHandler)
  if (options.errors !== false) answerErrorsOf(app as never, handler)

  const kit: Kit = {
    logger: parts.logger,
    health: parts.health,
    breakers: parts.breakers,
    metrics: parts.metrics,
    trackers: parts.trackers,
    alerts: parts.alerts,
    sentry: parts.sentry,
    limiter: parts.limiter,
    steps: steps.map(({ name }) => name),
    body: ({ limit = '1mb' } = {}) => [
      bodyParser.json({ limit }),
      bodyParser.urlencoded({ extended: false, limit }),
      fuse(bodySteps(options)) as RequestHandler,
    ],
    errors: () => handler,
    createServer: () => createServer(app),
    shutdownOn(server, own = {}) {
      follow(server)
      const stop = gracefulShutdown(server, {
        ...own,
        ...(parts.health && { registry: parts.health }),
        logger: parts.logger,
      })
      if (options.jobs !== undefined) endJobs(stop, options.jobs, own.deadline ?? '25s')
      stop.onShutdown('flush', 'hardening', () => kit.close())
      return stop
    },
    async close() {
      parts.close()
      await parts.sentry?.close()
      if (parts.ownsLogger) await parts.logger.close()
    },
  }
  return kit
}

/** A 5xx is somebody's fault here: the access line tells that it was, this one tells why. */
function logErrors(logger: Logger): (error: unknown, exchange: Exchange) => void {
  return (error) => {
    const { status } = toProblem(error)
    if (status >= 500) logger.error('A request failed', { error })
  }
}

function bodySteps({ bodyLimits: limits, threats }: HardenOptions): ReturnType<typeof inOrder> {
  const parts: StepMiddleware[] = []
  if (limits !== false) parts.push(bodyLimits(limits))
  if (threats !== false) parts.push(detectBodyThreats(threats))
  return parts.flatMap((part) => [...stepsOf(part)])
}

/** Whatever was mounted before would answer without any protection. */
function refuseUsedApp(app: Application): void {
  if (hardened.has(app)) throw new ConfigError('harden', 'app', 'hardened once only', 'an app that is hardened already')
  // Express 4 puts two layers of its own first.
  const own = new Set(['query', 'expressInit'])
  const layers = stackOf(app).filter(({ name }) => !own.has(name))
  if (layers.length === 0) return
  const names = layers.slice(0, 3).map(({ name }) => name || 'anonymous')
  throw new ConfigError(
    'harden',
    'app',
    'an app on which nothing is mounted yet: call harden(app) before app.use() and routes',
    `${layers.length} mounted already (${names.join(', ')})`,
  )
}

function stackOf(app: object): readonly { readonly name: string }[] {
  const { _router, lazyrouter } = app as { _router?: { stack: { name: string }[] }; lazyrouter?: unknown }
  // Express 4 throws where `app.router` is read.
  if (typeof lazyrouter === 'function') return _router?.stack ?? []
  return (app as { router?: { stack?: { name: string }[] } }).router?.stack ?? []
}
