import { join } from 'node:path'
import express, { type Express, type RequestHandler } from 'express'
import { createCache, type Cache } from '@hardening/cache'
import { postgresCheck, redisCheck, diskCheck, eventLoopCheck, memoryCheck } from '@hardening/health'
import { harden, type Environment, type Kit, type RedisConnections, type Settings } from '@hardening/kit'
import type { Logger } from '@hardening/logging'
import { defaultSkipPaths, rateLimit } from '@hardening/ratelimit'
import { Background } from './background/background.js'
import { backgroundRoutes } from './background/background-routes.js'
import { FindingStore } from './background/finding-store.js'
import type { Database } from './database/database.js'
import { figureRoutes } from './figures/figure-routes.js'
import { trackedDatabase } from './figures/tracked-database.js'
import { DocumentStore } from './documents/document-store.js'
import { documentRoutes } from './documents/document-routes.js'
import { loginRoutes, requireLogin } from './login/login-routes.js'
import { SessionStore } from './login/session-store.js'
import { ProjectStore } from './projects/project-store.js'
import { projectRoutes } from './projects/project-routes.js'
import { modelPrices } from './upstream/model.js'
import { createUpstream, type Upstream } from './upstream/upstream.js'
import { upstreamRoutes } from './upstream/upstream-routes.js'

/** What the application is built from; tests give their own. */
export interface AppParts {
  readonly settings: Settings
  readonly logger: Logger
  readonly database: Database
  readonly redis: RedisConnections | undefined
  /** Folder of the page; served at `/`. */
  readonly publicFolder: string
  /** File and environment of the worker process, which is used where there is Redis. */
  readonly worker?: { readonly file: string; readonly env: Environment } | undefined
}

/** The application and what has to be ended with it. */
export interface DemoApp {
  readonly app: Express
  readonly kit: Kit
  readonly cache: Cache
  readonly sessions: SessionStore
  readonly upstream: Upstream
  readonly background: Background
  readonly findings: FindingStore
}

/** Builds the whole application. It does not listen yet. */
export function createApp({ settings, logger, redis, publicFolder, worker, ...parts }: AppParts): DemoApp {
  const app = express()
  app.set('trust proxy', settings.trustProxy)
  const guard = redis?.get('requests').guard
  const isSwitchable = settings.environment !== 'production'
  const database = trackedDatabase(parts.database, () => kit.trackers)
  const findings = new FindingStore(database)
  const background = new Background({ settings, logger, findings, worker })
  const kit: Kit = harden(app, {
    service: { name: settings.serviceName, version: settings.serviceVersion, environment: settings.environment },
    production: !isSwitchable,
    logger,
    ...(guard && { redis: guard }),
    ...(settings.allowedHosts.length > 0 && { hosts: settings.allowedHosts }),
    https: settings.httpsRedirect,
    cors: { origins: settings.corsOrigins, credentials: settings.corsCredentials },
    staticPaths: ['/assets'],
    rateLimit: {
      policies: [
        { name: 'minute', limit: settings.limitPerMinute, window: '1m' },
        { name: 'hour', limit: settings.limitPerHour, window: '1h' },
      ],
      // The control room looks often; what it looks at has a limit of its own.
      skipPaths: [...defaultSkipPaths, '/api/jobs', '/api/figures'],
    },
    timeout: { timeout: settings.requestTimeoutMs },
    threats: settings.threatMode === 'off' ? false : { mode: settings.threatMode },
    compress: settings.compression ? {} : false,
    trackers: { requests: true, prices: modelPrices },
    metricsEndpoint: settings.metricsToken === undefined ? {} : { token: settings.metricsToken },
    health: {
      ...(settings.healthToken !== undefined && { token: settings.healthToken }),
      checks: [
        postgresCheck(parts.database),
        ...(guard ? [redisCheck(guard)] : []),
        memoryCheck(),
        diskCheck(),
        eventLoopCheck(),
      ],
    },
    jobs: background.jobs,
  })

  const cache = createCache({
    name: 'demo',
    ttl: settings.cacheTtlMs,
    ...(redis && { redis: redis.get('requests').guard, bus: redis.get('bus').client }),
  })
  const sessions = new SessionStore(database)
  const signedIn = requireLogin(sessions)
  const loginLimit = rateLimit({
    name: 'login',
    policies: [{ name: 'login', limit: 100, window: '1m' }],
    ...(guard && { redis: guard }),
  })

  const demoLimit = rateLimit({
    name: 'limited',
    policies: [{ name: 'five', limit: 5, window: '10s', algorithm: 'fixed-window' }],
    ...(guard && { redis: guard }),
  })

  const viewLimit = rateLimit({
    name: 'view',
    policies: [{ name: 'view', limit: 2 * settings.limitPerMinute, window: '1m' }],
    ...(guard && { redis: guard }),
  })

  app.use('/assets', express.static(join(publicFolder, 'assets'), { maxAge: '1h' }))
  app.use('/api', kit.body({ limit: settings.bodyLimit }))
  app.use('/api', loginRoutes(sessions, loginLimit as RequestHandler))
  app.use(
    '/api/projects',
    projectRoutes({ store: new ProjectStore(database), cache, trackers: kit.trackers }, signedIn),
  )
  app.use(
    '/api/projects/:project/documents',
    documentRoutes(
      { store: new DocumentStore(database), findings, background, cache, trackers: kit.trackers },
      signedIn,
    ),
  )
  const upstream = createUpstream(kit.breakers, kit.trackers)
  app.use('/api/upstream', upstreamRoutes(upstream, { isSwitchable }))
  app.get(['/api/jobs', '/api/figures'], viewLimit as RequestHandler)
  app.use('/api/figures', figureRoutes(kit))
  app.use('/api/jobs', backgroundRoutes(background, { isSwitchable }))
  app.get('/api/limited', demoLimit as RequestHandler, (_req, res) => res.json({ passed: true }))
  app.get('/', (_req, res) => res.sendFile(join(publicFolder, 'index.html')))
  return { app, kit, cache, sessions, upstream, background, findings }
}
