import { join } from 'node:path'
import { isHardeningError } from '@hardening/core'
import { onProcessError } from '@hardening/errors'
import { createRedisConnections, loadSettings, type Environment, type Settings } from '@hardening/kit'
import { createLogger, type Logger } from '@hardening/logging'
import { createApp } from '../app.js'
import type { Database } from '../database/database.js'
import { migrate } from '../database/migrate.js'
import { openPglite } from '../database/pglite.js'
import { openPostgres } from '../database/postgres.js'
import { greeting } from './greeting.js'
import { demoUser, firstStart } from './first-start.js'
import { listenOn, PortError } from './port.js'

/** Folders of the application. */
export interface Folders {
  readonly publicFolder: string
  readonly dataFolder: string
}

/** Starts the demo. What cannot work is told in sentences, and ends the process with code 1. */
export async function start(env: Environment, folders: Folders): Promise<void> {
  try {
    await run(
      loadSettings({ SERVICE_NAME: 'hardening-demo', LOG_FORMAT: 'pretty', LOG_LEVEL: 'warn', ...env }),
      folders,
    )
  } catch (error) {
    const expected = error instanceof PortError || isHardeningError(error, 'ERR_CONFIG_INVALID')
    process.stderr.write(`\n${expected ? (error as Error).message : ((error as Error).stack ?? String(error))}\n\n`)
    process.exitCode = 1
    // What was opened before it failed must not keep the process.
    setTimeout(() => process.exit(1), 100)
  }
}

async function run(given: Settings, { publicFolder, dataFolder }: Folders): Promise<void> {
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
  const redis =
    settings.redisUrl === undefined
      ? undefined
      : createRedisConnections({ url: settings.redisUrl, timeout: settings.redisTimeoutMs, name: settings.serviceName })
  const { kit, cache, sessions, upstream } = createApp({ settings, logger, database, redis, publicFolder })

  const newPassword =
    first.newPassword ?? ((await sessions.hasUser(demoUser)) ? undefined : firstStart(undefined).newPassword)
  if (newPassword !== undefined) await sessions.setPassword(demoUser, newPassword)

  const server = kit.createServer()
  const port = await listenOn(server, settings.port, settings.host)
  const stop = kit.shutdownOn(server, { delay: settings.shutdownDelayMs, deadline: settings.shutdownTimeoutMs })
  stop.onShutdown('after', 'cache', () => cache.close())
  stop.onShutdown('after', 'upstream', () => upstream.close())
  stop.onShutdown('after', 'redis', () => redis?.close())
  stop.onShutdown('after', 'database', () => database.close())
  stop.onShutdown('flush', 'logs', () => logger.close())
  onProcessError({ logger, flush: () => logger.flush() })
  const newTokens = first.newPassword !== undefined
  process.stdout.write(
    greeting({ port, settings, database: database.kind, redis: redis !== undefined, newPassword, newTokens }),
  )
}

function openDatabase(settings: Settings, logger: Logger, dataFolder: string): Database | Promise<Database> {
  if (settings.databaseUrl !== undefined) return openPostgres(settings.databaseUrl, settings, logger)
  return openPglite(join(dataFolder, 'postgres'))
}
