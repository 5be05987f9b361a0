import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { folderFor, node, scripts } from './support.mjs'

const pretend = (version) => `
const versions = { ...process.versions, node: '${version}' }
Object.defineProperty(process, 'versions', { value: versions })
`

for (const command of ['start', 'test', 'check']) {
  for (const version of ['18.20.8', '20.18.3']) {
    test(`[RP-1] npm ${command} on Node ${version} says one sentence and ends`, async (t) => {
      const folder = folderFor(t, { 'old.cjs': pretend(version) })
      const { ended } = node(t, ['--require', join(folder, 'old.cjs'), join(scripts, `${command}.mjs`)])
      const { code, output } = await ended
      assert.equal(code, 1)
      assert.match(output, new RegExp(`^This needs Node 20\\.19 or newer; this is Node ${version}\\. .*\\n$`))
    })
  }
}

for (const version of ['20.19.0', '22.0.0', '26.1.0']) {
  test(`[RP-1] Node ${version} is new enough`, async (t) => {
    const folder = folderFor(t, { 'node.cjs': pretend(version) })
    const { ended } = node(t, ['--require', join(folder, 'node.cjs'), join(scripts, 'lib/require-node.mjs')])
    assert.deepEqual(await ended, { code: 0, signal: null, output: '', stdout: '' })
  })
}
