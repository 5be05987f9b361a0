import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Tally } from '../lib/tally.mjs'

test('[RP-1] the closing line counts over the whole run', () => {
  const tally = new Tally().add({ passed: 3, skipped: 1 }).add({ passed: 2, failed: 4 }).add({})
  assert.equal(tally.line, '5 passed, 4 failed, 1 skipped')
})

test('[RP-1] a failure fails the run, with or without CI', () => {
  const tally = new Tally().add({ passed: 1, failed: 1 })
  assert.deepEqual([tally.exitCode(false), tally.exitCode(true)], [1, 1])
})

test('[RP-1] what is skipped fails the run in CI alone', () => {
  const tally = new Tally().add({ passed: 1, skipped: 1 })
  assert.deepEqual([tally.exitCode(false), tally.exitCode(true)], [0, 1])
})

test('[RP-1] a closing line is read back, and nothing else is taken for one', () => {
  assert.equal(Tally.parse('12 passed, 0 failed, 3 skipped\n').line, '12 passed, 0 failed, 3 skipped')
  for (const other of ['12 passed', 'Tests: 1 passed, 0 failed, 0 skipped', '']) {
    assert.equal(Tally.parse(other), undefined)
  }
})
