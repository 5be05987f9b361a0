import { consumers } from '../suites/consumers.mjs'
import { prepare } from './prepare.mjs'
import { main } from './processes.mjs'
import { Tally } from './tally.mjs'

await main(async () => {
  const names = process.argv.slice(2)
  await prepare()
  const tally = new Tally().add(await consumers(names.length > 0 ? { names } : {}))
  console.log(tally.line)
  return tally.exitCode(false)
})
