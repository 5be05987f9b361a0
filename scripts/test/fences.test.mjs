import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { folderFor, scripts } from './support.mjs'

const root = join(scripts, '..')
const config = readFileSync(join(root, '.oxlintrc.json'), 'utf8')

/** The rules that oxlint finds broken in one file at that place. */
function broken(t, path, source) {
  const folder = folderFor(t, { '.oxlintrc.json': config, [path]: source })
  const oxlint = join(root, 'node_modules/.bin/oxlint')
  const { stdout } = spawnSync(oxlint, ['--format=json'], { cwd: folder, encoding: 'utf8' })
  return JSON.parse(stdout).diagnostics.map((diagnostic) => diagnostic.code)
}

const fence = 'eslint(no-restricted-imports)'
const imports = (from) => `import { thing } from '${from}'\nthing()\n`

for (const [path, from] of [
  ['packages/core/src/a.ts', '@hardening/errors'],
  ['packages/core/src/a.ts', 'express'],
  ['packages/core/src/deep/a.ts', 'nodemon'],
  ['packages/cache/src/a.ts', '@hardening/ratelimit'],
  ['packages/cache/src/a.ts', '@hardening/crypto'],
  ['packages/cache/src/a.ts', '@hardening/kit'],
  ['packages/cache/src/deep/a.ts', 'express'],
  ['packages/cache/src/a.ts', 'express4'],
  ['packages/kit/src/a.ts', 'express'],
]) {
  test(`[RP-3] the fence holds ${from} out of ${path}`, (t) => {
    assert.deepEqual(broken(t, path, imports(from)), [fence])
  })
}

for (const [path, from] of [
  ['packages/core/src/a.ts', 'node:http'],
  ['packages/core/src/a.ts', '../b.js'],
  ['packages/cache/src/a.ts', '@hardening/core'],
  ['packages/cache/src/a.ts', '@hardening/core/testing'],
  ['packages/cache/src/a.ts', 'lru-cache'],
  ['packages/kit/src/a.ts', '@hardening/cache'],
  ['packages/cache/test/a.ts', 'express'],
  ['apps/demo/src/a.ts', 'express'],
]) {
  test(`[RP-3] the fence lets ${from} into ${path}`, (t) => {
    assert.deepEqual(broken(t, path, imports(from)), [])
  })
}

test('[RP-3] the types of Express may be imported by a feature package', (t) => {
  const source = `import type { Request } from 'express'\nexport type Asked = Request\n`
  assert.deepEqual(broken(t, 'packages/cache/src/a.ts', source), [])
})

test('[RP-3] a default export is refused, except in the configuration of a tool', (t) => {
  assert.deepEqual(broken(t, 'packages/cache/src/a.ts', 'export default 1\n'), ['import(no-default-export)'])
  assert.deepEqual(broken(t, 'packages/cache/jest.config.mjs', 'export default {}\n'), [])
})
