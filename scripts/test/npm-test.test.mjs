import assert from 'node:assert/strict'
import { existsSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { answers, folderFor, isAlive, node, pathWithOnly, scripts, until } from './support.mjs'

// A jest project of its own, whose tests write down what environment they got.
const project = {
  'jest.config.json': JSON.stringify({ testMatch: ['**/*.test.cjs'] }),
  'counts.test.cjs': `
    const { renameSync, writeFileSync } = require('node:fs')
    test('passes', () => {
      writeFileSync(__dirname + '/seen.tmp', JSON.stringify({ pid: process.pid, env: process.env }))
      renameSync(__dirname + '/seen.tmp', __dirname + '/seen.json')
    })
    test('fails or not', () => { if (process.env.FAIL) throw new Error('on purpose') })
    if (process.env.SKIP) test.skip('is skipped', () => {})
    if (process.env.HANG) test('hangs', () => new Promise(() => setInterval(() => {}, 1000)), 1e6)
  `,
}
const noServers = { TEST_REDIS_URL: '', TEST_REDIS_SERVER: '', TEST_DATABASE_URL: '', TEST_POSTGRES_BIN: '' }

function npmTest(t, env = {}, ...filters) {
  const cwd = folderFor(t, project)
  const args = [join(scripts, 'test.mjs'), `--config=${join(cwd, 'jest.config.json')}`, ...filters]
  const seen = () => JSON.parse(readFileSync(join(cwd, 'seen.json'), 'utf8'))
  return { ...node(t, args, { env: { CI: '', ...env } }), seen, hasSeen: () => existsSync(join(cwd, 'seen.json')) }
}

const lastLine = (text) => text.trimEnd().split('\n').at(-1)

describe('npm test', { timeout: 120_000 }, () => {
  test('[RP-1] ends with one line that counts, and fails when a test fails', async (t) => {
    const { code, output, stdout } = await npmTest(t, { FAIL: '1', SKIP: '1' }).ended
    assert.equal(code, 1)
    assert.equal(lastLine(stdout), '1 passed, 1 failed, 1 skipped')
    assert.equal(output.match(/^\d+ passed, \d+ failed, \d+ skipped$/gm).length, 1)
    assert.match(output, /Skipped: is skipped/)
  })

  test('[RP-1] passes with a skipped test, but not in CI', async (t) => {
    const local = await npmTest(t, { SKIP: '1' }).ended
    assert.equal(local.code, 0)
    assert.equal(lastLine(local.stdout), '2 passed, 0 failed, 1 skipped')
    const ci = await npmTest(t, { SKIP: '1', CI: 'true' }).ended
    assert.equal(ci.code, 1)
    assert.match(ci.stdout, /In CI what is skipped counts as a failure/)
    assert.equal(lastLine(ci.stdout), '2 passed, 0 failed, 1 skipped')
  })

  test('[RP-1] hands a filter on to jest', async (t) => {
    const { stdout } = await npmTest(t, {}, '--testPathPatterns=no-such-file', '--passWithNoTests').ended
    assert.equal(lastLine(stdout), '0 passed, 0 failed, 0 skipped')
  })

  test('[RP-1] gives the tests a Redis of their own, and never REDIS_URL or DATABASE_URL', async (t) => {
    const env = { ...noServers, REDIS_URL: 'redis://production', DATABASE_URL: 'postgres://production' }
    const { ended, seen } = npmTest(t, env)
    assert.equal((await ended).code, 0)
    assert.equal('REDIS_URL' in seen().env, false)
    assert.equal('DATABASE_URL' in seen().env, false)
    assert.match(seen().env.TEST_REDIS_URL, /^redis:\/\/127\.0\.0\.1:\d+$/)
    assert.equal(existsSync(seen().env.TEST_REDIS_SERVER), true)
    assert.equal(await answers(new URL(seen().env.TEST_REDIS_URL).port), false)
  })

  test('[RP-1] uses the Redis of TEST_REDIS_URL', async (t) => {
    const { ended, seen } = npmTest(t, { TEST_REDIS_URL: 'redis://127.0.0.1:1/5' })
    assert.equal((await ended).code, 0)
    assert.equal(seen().env.TEST_REDIS_URL, 'redis://127.0.0.1:1/5')
  })

  test('[RP-1] names and counts a server that cannot be had, which in CI is a failure', async (t) => {
    const PATH = pathWithOnly(t, 'node', 'npm', 'pnpm', 'sh', 'id')
    for (const [CI, expected] of [
      ['', 0],
      ['true', 1],
    ]) {
      const { code, stdout } = await npmTest(t, { ...noServers, PATH, CI }).ended
      assert.match(stdout, /^Redis \.\.\. SKIPPED/m)
      assert.match(stdout, /Redis: no redis-server on the PATH that works; there is no apt-get here to install/)
      assert.match(lastLine(stdout), /^2 passed, 0 failed, [1-9] skipped$/)
      assert.equal(code, expected)
    }
  })

  test('[RP-1] takes the next program when the first on the PATH does not start', async (t) => {
    const broken = folderFor(t)
    symlinkSync('/bin/false', join(broken, 'redis-server'))
    const { ended, seen } = npmTest(t, { ...noServers, PATH: `${broken}:${process.env.PATH}` })
    assert.equal((await ended).code, 0)
    assert.notEqual(seen().env.TEST_REDIS_SERVER, join(broken, 'redis-server'))
  })

  test('[RP-1] Ctrl-C in the middle leaves neither tests nor servers', async (t) => {
    const { child, ended, seen, hasSeen } = npmTest(t, { ...noServers, HANG: '1' })
    await until(hasSeen)
    const { pid, env } = seen()
    const { port } = new URL(env.TEST_REDIS_URL)
    assert.equal(await answers(port), true)
    child.kill('SIGINT')
    const { code, stdout } = await ended
    assert.equal(code, 130)
    assert.doesNotMatch(stdout, /\d passed/)
    assert.equal(isAlive(pid), false)
    assert.equal(await answers(port), false)
  })
})
