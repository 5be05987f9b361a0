import { Pool, types, type PoolClient } from 'pg'
import type { Logger } from '@hardening/logging'
import type { Settings } from '@hardening/kit'
import type { Database, Queryable, Row } from './database.js'

type PoolSettings = Pick<
  Settings,
  'databasePoolMax' | 'databasePoolMin' | 'databaseConnectTimeoutMs' | 'databaseStatementTimeoutMs' | 'databaseMaxAgeMs'
>

// count(*) is a bigint, which pg gives as text: what is counted here stays far below 2^53. PGlite does the same.
types.setTypeParser(types.builtins.INT8, Number)

/** Idle time after which a connection is tried before it is used. */
const pingAfterMs = 30_000

/**
 * A pool of connections to a Postgres server: connections are tried before use where they have been idle, replaced at an
 * age, and their comings and goings are logged.
 */
export function openPostgres(url: string, settings: PoolSettings, logger: Logger): Database {
  const pool = new Pool({
    connectionString: url,
    max: settings.databasePoolMax,
    min: settings.databasePoolMin,
    connectionTimeoutMillis: settings.databaseConnectTimeoutMs,
    statement_timeout: settings.databaseStatementTimeoutMs,
    query_timeout: settings.databaseStatementTimeoutMs + 1000,
    maxLifetimeSeconds: Math.ceil(settings.databaseMaxAgeMs / 1000),
    idleTimeoutMillis: 60_000,
    application_name: 'hardening-demo',
  })
  pool.on('error', (error) => logger.warn('An idle database connection was lost', { error }))
  pool.on('connect', () => logger.debug('A database connection was opened', figures()))
  pool.on('remove', () => logger.debug('A database connection was closed', figures()))
  const figures = () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount })
  const lastUse = new WeakMap<PoolClient, number>()

  /** A connection that is known to answer: one that sat idle may have died with the server it was to. */
  async function connect(): Promise<PoolClient> {
    for (let attempt = 0; ; attempt++) {
      const client = await pool.connect()
      const idleMs = Date.now() - (lastUse.get(client) ?? Date.now())
      if (idleMs < pingAfterMs || attempt > settings.databasePoolMax) return client
      try {
        await client.query('SELECT 1')
        return client
      } catch (error) {
        client.release(error as Error)
      }
    }
  }

  async function use<T>(run: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await connect()
    let broken: Error | undefined
    try {
      return await run(client)
    } catch (error) {
      // An error without an SQLSTATE is the connection's: it must not go back into the pool.
      if ((error as { code?: string }).code === undefined) broken = error as Error
      throw error
    } finally {
      lastUse.set(client, Date.now())
      client.release(broken)
    }
  }

  const on = (client: PoolClient): Queryable => ({
    query: async <R extends Row>(sql: string, parameters: readonly unknown[] = []) =>
      (await client.query<R>(sql, [...parameters])).rows,
  })

  return {
    kind: 'postgres',
    query: <R extends Row>(sql: string, parameters: readonly unknown[] = []) =>
      use((client) => on(client).query<R>(sql, parameters)),
    transaction: (run) =>
      use(async (client) => {
        await client.query('BEGIN')
        try {
          const result = await run(on(client))
          await client.query('COMMIT')
          return result
        } catch (error) {
          await client.query('ROLLBACK')
          throw error
        }
      }),
    script: (sql) => use(async (client) => void (await client.query(sql))),
    pool: figures,
    close: () => pool.end(),
  }
}
