import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { exitCode, start, temporaryFolder } from '../lib/processes.mjs'
import { inRoot, readJson } from '../lib/root.mjs'
import { inCi } from '../lib/tally.mjs'

/** All jest projects. */
export async function jest({ variables, filters }) {
  console.log('\nTests')
  const results = join(temporaryFolder('jest'), 'results.json')
  const flags = ['--maxWorkers=2', '--json', `--outputFile=${results}`, ...(inCi() ? ['--ci'] : [])]
  // PGlite imports its parts when it starts, which Jest's sandbox allows only with this flag.
  const node = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning']
  const args = [...node, inRoot('node_modules/jest/bin/jest.js'), ...flags, ...filters]
  const { child, ended } = start(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], env: variables })
  // With --json the results come on stdout too, beside the file; the report for people is on stderr.
  child.stdout.resume()
  const code = exitCode(await ended)
  const counts = existsSync(results) ? count(readJson(results)) : { failed: 0 }
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
}

function count(results) {
  const tests = results.testResults.flatMap((file) => file.assertionResults)
  const skipped = tests.filter((test) => test.status === 'pending' || test.status === 'todo')
  for (const test of skipped.slice(0, 50)) console.log(`Skipped: ${test.fullName}`)
  return {
    passed: results.numPassedTests,
    failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
    skipped: skipped.length,
  }
}
