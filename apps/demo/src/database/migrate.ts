import type { Database } from './database.js'
import { migrations, type Migration } from './migrations.js'

/** Any number will do, as long as every process takes the same one. */
const lock = 7_204_113

/**
 * Brings the schema up to date. Processes that start together take turns; a step that fails leaves nothing of itself.
 *
 * @returns the steps that were applied.
 */
export async function migrate(db: Database, steps: readonly Migration[] = migrations): Promise<readonly Migration[]> {
  await db.script(
    'CREATE TABLE IF NOT EXISTS migrations (id int PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())',
  )
  const applied: Migration[] = []
  for (const step of steps) {
    const isNew = await db.transaction(async (transaction) => {
      if (db.kind === 'postgres') await transaction.query('SELECT pg_advisory_xact_lock($1)', [lock])
      const done = await transaction.query('SELECT 1 FROM migrations WHERE id = $1', [step.id])
      if (done.length > 0) return false
      for (const statement of step.sql.split(';').filter((part) => part.trim() !== ''))
        await transaction.query(statement)
      await transaction.query('INSERT INTO migrations (id, name) VALUES ($1, $2)', [step.id, step.name])
      return true
    })
    if (isNew) applied.push(step)
  }
  return applied
}
