import type { HealthCheck } from '../check.js'

/** Anything that runs SQL: a `pg` pool or client, PGlite, a query builder's raw query. */
export interface QueryableLike {
  query(sql: string): Promise<unknown>
}

/** Options of {@link postgresCheck}. */
export interface PostgresCheckOptions {
  /** Name in reports. @defaultValue `'postgres'` */
  name?: string
  /** Whether the application cannot work without it. @defaultValue `true` */
  critical?: boolean
}

/** Whether Postgres answers `SELECT 1`. */
export function postgresCheck(database: QueryableLike, options: PostgresCheckOptions = {}): HealthCheck {
  const { name = 'postgres', critical = true } = options
  return {
    name,
    critical,
    type: 'datastore',
    async check() {
      await database.query('SELECT 1')
    },
  }
}
