import { rmSync } from 'node:fs'
import { run } from '../lib/processes.mjs'
import { readJson } from '../lib/root.mjs'
import { turboPath } from '../lib/turbo.mjs'

/** The type check of every package; each counts as one test. */
export async function types() {
  console.log('\nTypes')
  const args = [
    'run',
    'typecheck',
    '--continue=always',
    '--summarize',
    '--output-logs=errors-only',
    '--log-order=grouped',
  ]
  const { ok, output } = await run(turboPath(), args)
  if (!ok) console.log(output)
  const summary = /^\s*Summary:\s+(.+\.json)$/m.exec(output)?.[1]
  if (!summary) return { failed: 1 }
  const { attempted, failed } = readJson(summary).execution
  rmSync(summary)
  console.log(`${attempted - failed} of ${attempted} packages are sound`)
  return { passed: attempted - failed, failed }
}
