import { join } from 'node:path'
import { loadSettings, createRedisConnections, type RedisConnections, type Settings } from '@hardening/kit'
import { createLogger, type LogSink } from '@hardening/logging'
import { createApp, type DemoApp } from '../src/app.js'
import type { Database } from '../src/database/database.js'
import { migrate } from '../src/database/migrate.js'
import { openPglite } from '../src/database/pglite.js'
import { openPostgres } from '../src/database/postgres.js'

/** Where a demo of the tests keeps its data. */
export interface Servers {
  readonly databaseUrl?: string
  readonly redisUrl?: string
}

/** The demo as it stands behind a server, with the lines that it has logged. */
export interface RunningDemo extends DemoApp {
  readonly lines: Record<string, unknown>[]
  readonly database: Database
  readonly redis: RedisConnections | undefined
  readonly settings: Settings
  /** Signs the demo's user in. */
  token(): Promise<string>
  close(): Promise<void>
}

export const password = 'a password of the tests'

/** Builds the demo on the servers given, or on PGlite and memory. */
export async function startDemo(servers: Servers = {}, env: Record<string, string> = {}): Promise<RunningDemo> {
  const settings = loadSettings({
    NODE_ENV: 'test',
    HEALTH_TOKEN: 'health-token-of-the-tests',
    METRICS_TOKEN: 'metrics-token-of-the-tests',
    RATE_LIMIT_PER_MINUTE: '100000',
    RATE_LIMIT_PER_HOUR: '1000000',
    ...(servers.redisUrl !== undefined && { REDIS_URL: servers.redisUrl }),
    ...env,
  })
  const lines: Record<string, unknown>[] = []
  const sink: LogSink = {
    write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>),
    flush: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }
  const logger = createLogger({ service: 'demo', level: 'debug', sink })
  const database =
    servers.databaseUrl === undefined
      ? await openPglite(undefined)
      : openPostgres(servers.databaseUrl, settings, logger)
  await migrate(database)
  const redis = settings.redisUrl === undefined ? undefined : createRedisConnections({ url: settings.redisUrl })
  const publicFolder = join(__dirname, '../public')
  const demo = createApp({ settings, logger, database, redis, publicFolder })
  await demo.background.start()
  await demo.sessions.setPassword('demo@example.com', password)
  return {
    ...demo,
    lines,
    database,
    redis,
    settings,
    async token() {
      const session = await demo.sessions.login('demo@example.com', password)
      return (session as { token: string }).token
    },
    async close() {
      await demo.background.close()
      await demo.upstream.close()
      await demo.cache.close()
      await demo.kit.close()
      redis?.close()
      await database.close()
    },
  }
}
