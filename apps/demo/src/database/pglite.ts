import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import type { Database, Queryable, Row } from './database.js'

/**
 * Postgres in this process, by PGlite.
 *
 * @param folder - Where the data lie; `undefined` keeps them in memory.
 */
export async function openPglite(folder: string | undefined): Promise<Database> {
  if (folder !== undefined) mkdirSync(dirname(folder), { recursive: true })
  const db = await PGlite.create(folder === undefined ? {} : { dataDir: folder })
  const on = (target: Pick<PGlite, 'query'>): Queryable => ({
    query: async <R extends Row>(sql: string, parameters: readonly unknown[] = []) =>
      (await target.query<R>(sql, [...parameters])).rows,
  })
  return {
    kind: 'pglite',
    ...on(db),
    transaction: (run) => db.transaction((transaction) => run(on(transaction as unknown as PGlite))),
    script: async (sql) => void (await db.exec(sql)),
    pool: () => ({ total: 1, idle: db.closed ? 0 : 1, waiting: 0 }),
    close: () => db.close(),
  }
}
