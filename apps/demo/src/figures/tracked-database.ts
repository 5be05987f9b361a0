import type { Kit } from '@hardening/kit'
import type { Database, Queryable } from '../database/database.js'

/** The database with every statement measured, also those within transactions. */
export function trackedDatabase(db: Database, trackers: () => Kit['trackers']): Database {
  const on = (target: Queryable): Queryable => ({
    query(sql, parameters) {
      const run = () => target.query<never>(sql, parameters)
      return trackers()?.trackQuery(nameOf(sql), run) ?? run()
    },
  })
  return { ...db, ...on(db), transaction: (run) => db.transaction((inner) => run(on(inner))) }
}

/** What a statement does and to which table: as many names as there are tables, whatever the parameters. */
export function nameOf(sql: string): string {
  const verb = /^\s*([a-z]+)/i.exec(sql)?.[1] ?? 'statement'
  const table = /\b(?:from|into|update)\s+([a-z_]+)/i.exec(sql)?.[1]
  return table === undefined ? verb.toLowerCase() : `${verb.toLowerCase()} ${table.toLowerCase()}`
}
