import { describe, expect } from '@jest/globals'
import { createTestDatabase, itWith } from '../src/index.js'

describe('createTestDatabase', () => {
  itWith('postgres', '[RP-1] gives each caller an empty database, gone after drop()', async () => {
    const [one, two] = await Promise.all([createTestDatabase(), createTestDatabase()])
    await one.query('CREATE TABLE t (n int)')
    await one.query('INSERT INTO t VALUES ($1)', [7])
    expect(await one.query<{ n: number }>('SELECT n FROM t')).toEqual([{ n: 7 }])
    await expect(two.query('SELECT n FROM t')).rejects.toThrow(/does not exist/)
    await one.drop()
    expect(await two.query('SELECT 1 FROM pg_database WHERE datname = $1', [one.name])).toEqual([])
    await two.drop()
  })
})
