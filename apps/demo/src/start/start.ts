import { join } from 'node:path'
import { isHardeningError } from '@hardening/core'
import { onProcessError } from '@hardening/errors'
import { createRedisConnections, type Environment, type RedisConnections, type Settings } from '@hardening/kit'
import { createLogger, type Logger } from '@hardening/logging'
import { createApp } from '../app.js'
import { workerTimeout } from '../background/run-worker.js'
import type { Database } from '../database/database.js'
import { migrate } from '../database/migrate.js'
import { openPglite } from '../database/pglite.js'
import { openPostgres } from '../database/postgres.js'
import { greeting } from './greeting.js'
import { demoUser, firstStart } from './first-start.js'
import { listenOn, PortError } from './port.js'
import { demoSettings } from './settings.js'

/** Files and folders of the application. */
export interface Folders {
  /** What the worker process runs. */
  readonly workerFile: string
  readonly publicFolder: string
  readonly dataFolder: string
}

/** Starts the demo. What cannot work is told in sentences, and ends the process with code 1. */
export async function start(env: Environment, folders: Folders): Promise<void> {
  try {
    await run(env, demoSettings(env), folders)
  } catch (error) {
    const expected = error instanceof PortError || isHardeningError(error, 'ERR_CONFIG_INVALID')
    process.stderr.write(`\n${expected ? (error as Error).message : ((error as Error).stack ?? String(error))}\n\n`)
    process.exitCode = 1
    // What was opened before it failed must not keep the process.
    setTimeout(() => process.exit(1), 100)
  }
}

async function run(env: Environment, given: Settings, folders: Folders): Promise<void> {
  const { publicFolder, dataFolder, workerFile } = folders
  const first = firstStart(dataFolder)
  const settings: Settings = {
    ...given,
    healthToken: given.healthToken ?? first.secrets.healthToken,
    metricsToken: given.metricsToken ?? first.secrets.metricsToken,
  }
  const logger = createLogger({
    service: settings.serviceName,
    environment: settings.environment,
    level: settings.logLevel,
    format: settings.logFormat,
    ...(settings.logFile !== undefined && { file: settings.logFile }),
  })
  const database = await openDatabase(settings, logger, dataFolder)
  const applied = await migrate(database)
  for (const { id, name } of applied) logger.info('A migration was applied', { id, name })
  const redis = openRedis(settings, logger)
  const worker = { file: workerFile, env }
  const made = createApp({ settings, logger, database, redis, publicFolder, worker })
  const { kit, cache, sessions, upstream, background } = made

  const newPassword =
    first.newPassword ?? ((await sessions.hasUser(demoUser)) ? undefined : firstStart(undefined).newPassword)
  if (newPassword !== undefined) await sessions.setPassword(demoUser, newPassword)

  await background.start()
  const server = kit.createServer()
  const port = await listenOn(server, settings.port, settings.host)
  const stop = kit.shutdownOn(server, { delay: settings.shutdownDelayMs, deadline: settings.shutdownTimeoutMs })
  const workerMs = workerTimeout(settings) + 500
  stop.onShutdown('before', 'worker', () => background.stopWorker(workerMs), { timeout: workerMs + 500 })
  stop.onShutdown('after', 'cache', () => cache.close())
  stop.onShutdown('after', 'upstream', () => upstream.close())
  stop.onShutdown('after', 'redis', () => redis?.close())
  stop.onShutdown('after', 'database', () => database.close())
  stop.onShutdown('flush', 'logs', () => logger.close())
  onProcessError({ logger, flush: () => logger.flush() })
  const newTokens = first.newPassword !== undefined
  process.stdout.write(
    greeting({
      port,
      settings,
      database: database.kind,
      redis: redis !== undefined,
      jobs: background.jobs.durable ? 'worker' : 'server',
      newPassword,
      newTokens,
    }),
  )
}

function openRedis(settings: Settings, logger: Logger): RedisConnections | undefined {
  if (settings.redisUrl === undefined) return undefined
  const redis = createRedisConnections({
    url: settings.redisUrl,
    busUrl: settings.redisBusUrl,
    jobsUrl: settings.redisJobsUrl,
    tokensUrl: settings.redisTokensUrl,
    timeout: settings.redisTimeoutMs,
    name: settings.serviceName,
    onWarning: (message) => logger.warn(message),
  })
  // Jobs have connections of their own; this one is what warns where its server may throw them away.
  redis.get('jobs')
  return redis
}

function openDatabase(settings: Settings, logger: Logger, dataFolder: string): Database | Promise<Database> {
  if (settings.databaseUrl !== undefined) return openPostgres(settings.databaseUrl, settings, logger)
  return openPglite(join(dataFolder, 'postgres'))
}
