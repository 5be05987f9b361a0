import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stopAll } from '../lib/processes.mjs'
import { postgres } from '../services/postgres.mjs'
import { Unavailable } from '../services/program.mjs'
import { answers } from './support.mjs'

test('[RP-1] a Postgres of the tests starts, also for root, and goes', { timeout: 120_000 }, async (t) => {
  delete process.env.TEST_DATABASE_URL
  let provided
  try {
    provided = await postgres.provide()
  } catch (error) {
    if (error instanceof Unavailable) return t.skip(error.message)
    throw error
  }
  const { port } = new URL(provided.variables.TEST_DATABASE_URL)
  assert.equal(await answers(port), true)
  await stopAll()
  assert.equal(await answers(port), false)
})
