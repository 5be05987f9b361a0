import type { HealthCheck } from '../check.js'

/** Anything that runs SQL: a `pg` pool or client, PGlite, a query builder's raw query. */
export interface QueryableLike {
  query(sql: string): Promise<unknown>
}

/** Whether Postgres answers `SELECT 1`. */
export function postgresCheck(database: QueryableLike, { name = 'postgres', critical = true } = {}): HealthCheck {
  return {
    name,
    critical,
    type: 'datastore',
    async check() {
      await database.query('SELECT 1')
    },
  }
}
