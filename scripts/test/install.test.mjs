import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { importers } from '../lib/install.mjs'
import { scripts } from './support.mjs'

test('[RP-1] the folders that have dependencies are read from the lockfile', () => {
  const lockfile = [
    "lockfileVersion: '9.0'",
    'importers:',
    '',
    '  .:',
    '    devDependencies:',
    '      jest:',
    '        version: 30.0.0',
    '',
    '  internal/none: {}',
    '',
    "  'packages/core':",
    '    dependencies:',
    '      a:',
    '        version: 1.0.0',
    '',
    'packages:',
    '  a@1.0.0:',
    '    resolution: {integrity: x}',
  ].join('\n')
  assert.deepEqual(importers(lockfile), ['.', 'packages/core'])
})

test('[RP-1] the real lockfile is understood', () => {
  const found = importers(readFileSync(join(scripts, '../pnpm-lock.yaml'), 'utf8'))
  assert.ok(found.includes('.') && found.includes('packages/core') && found.includes('apps/demo'))
})
