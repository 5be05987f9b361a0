import { randomBytes } from 'node:crypto'
import { Client, type QueryResultRow } from 'pg'

/** A database of the test's own. */
export interface TestDatabase {
  /** Connection string of the new database. */
  readonly url: string
  readonly name: string
  /** Runs one statement on a connection of the helper's own. */
  query<Row extends QueryResultRow = QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]>
  /** Ends all connections to it and drops it. */
  drop(): Promise<void>
}

/**
 * Creates an empty database on the server of `TEST_DATABASE_URL`, so that test files do not meet. Drop it at the end:
 * `afterAll(() => database.drop())`.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const serverUrl = process.env['TEST_DATABASE_URL']
  if (!serverUrl) throw new Error('TEST_DATABASE_URL is not set')
  const name = `hardening_test_${randomBytes(8).toString('hex')}`
  await onServer(serverUrl, `CREATE DATABASE ${name}`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  const client = new Client({ connectionString: url.href })
  // Emitted when `drop` of another test, or the server, ends the connection while it is idle.
  client.on('error', () => undefined)
  await client.connect()
  return {
    url: url.href,
    name,
    query: async <Row extends QueryResultRow>(sql: string, values?: unknown[]) =>
      (await client.query<Row>(sql, values)).rows,
    drop: async () => {
      await client.end()
      await onServer(serverUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    },
  }
}

async function onServer(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
