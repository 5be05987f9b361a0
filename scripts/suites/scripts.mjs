import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { exitCode, start, temporaryFolder } from '../lib/processes.mjs'
import { inRoot } from '../lib/root.mjs'

/** The tests of these scripts, by Node's own runner: they run before anything is installed. */
export async function scripts({ variables }) {
  console.log('\nTests of the scripts')
  const folder = inRoot('scripts/test')
  const files = readdirSync(folder).filter((name) => name.endsWith('.test.mjs'))
  const tap = join(temporaryFolder('scripts'), 'results.tap')
  const reporters = ['spec=stdout', `tap=${tap}`].flatMap((reporter) => {
    const [name, destination] = reporter.split('=')
    return [`--test-reporter=${name}`, `--test-reporter-destination=${destination}`]
  })
  const args = ['--test', ...reporters, ...files.map((name) => join(folder, name))]
  const { ended } = start(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'], env: variables })
  const code = exitCode(await ended)
  const counts = count(readFileSync(tap, 'utf8'))
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
}

function count(tap) {
  const number = (name) => Number(new RegExp(`^# ${name} (\\d+)`, 'm').exec(tap)?.[1] ?? 0)
  return {
    passed: number('pass'),
    failed: number('fail') + number('cancelled'),
    skipped: number('skipped') + number('todo'),
  }
}
