import { localPaths } from '../checks/local-paths.mjs'
import { attw, pack, publint } from '../checks/packed.mjs'
import { readmes } from '../checks/readmes.mjs'
import { regexes } from '../checks/regexes.mjs'
import { secrets } from '../checks/secrets.mjs'
import { format, lint, types, unused } from '../checks/sources.mjs'
import { prepare } from './prepare.mjs'
import { Failure } from './failure.mjs'
import { main } from './processes.mjs'

const checks = [format, lint, types, unused, regexes, readmes, secrets, localPaths, pack, publint, attw]

async function runCheck({ title, run }) {
  const started = Date.now()
  try {
    await run()
    return { title, seconds: (Date.now() - started) / 1000 }
  } catch (error) {
    const why = error instanceof Failure ? error.message : error.stack
    console.log(`\n${title}\n${'-'.repeat(title.length)}\n${why}`)
    return { title, seconds: (Date.now() - started) / 1000, failed: true }
  }
}

await main(async () => {
  await prepare()
  const rows = []
  for (const check of checks) rows.push(await runCheck(check))
  const width = Math.max(...rows.map(({ title }) => title.length))
  console.log()
  for (const { title, seconds, failed } of rows) {
    console.log(`${title.padEnd(width)}  ${failed ? 'FAILED' : 'ok    '}  ${seconds.toFixed(1).padStart(6)} s`)
  }
  return rows.some(({ failed }) => failed) ? 1 : 0
})
