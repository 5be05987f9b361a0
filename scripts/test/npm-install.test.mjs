import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { folderFor, node, scripts } from './support.mjs'

const manifest = readFileSync(join(scripts, '../package.json'), 'utf8')

test('[RP-1] npm install by habit says what to do and installs nothing', (t) => {
  const folder = folderFor(t, { 'package.json': manifest })
  const { status, stderr } = spawnSync('npm', ['install', '--offline'], { cwd: folder, encoding: 'utf8' })
  assert.notEqual(status, 0)
  assert.match(stderr, /installed with pnpm - run `npm start` or `npm test` instead/)
})

test('[RP-1] another package manager gets told to use npm start, npm test or the pinned pnpm', async (t) => {
  const env = { npm_config_user_agent: 'yarn/1.22.22 npm/? node/v20.19.0 linux x64' }
  const { code, output } = await node(t, [join(scripts, 'only-pnpm.mjs')], { env }).ended
  assert.equal(code, 1)
  assert.match(output, /`npm start`.*`npm test`/)
  assert.ok(output.includes(`npx ${JSON.parse(manifest).packageManager} install`))
})

test('[RP-1] pnpm is let through', async (t) => {
  const env = { npm_config_user_agent: 'pnpm/10.34.8 npm/? node/v20.19.0 linux x64' }
  const { code, output } = await node(t, [join(scripts, 'only-pnpm.mjs')], { env }).ended
  assert.deepEqual([code, output], [0, ''])
})
