import { provideServices } from '../services/services.mjs'
import { consumers } from '../suites/consumers.mjs'
import { jest } from '../suites/jest.mjs'
import { scripts } from '../suites/scripts.mjs'
import { types } from '../suites/types.mjs'
import { prepare } from './prepare.mjs'
import { tell } from './failure.mjs'
import { main, stopAll } from './processes.mjs'
import { inCi, Tally } from './tally.mjs'

// Somebody's real servers: nothing that a test starts shall know them.
delete process.env.REDIS_URL
delete process.env.DATABASE_URL

const filters = process.argv.slice(2)
const suites = filters.length > 0 ? [jest] : [types, scripts, jest, consumers]

await main(async () => {
  const tally = new Tally()
  try {
    await prepare()
    const services = await provideServices()
    for (const suite of suites) tally.add(await suite({ variables: services.variables, filters }))
    for (const service of services.skipped) console.log(`Skipped, and with it the tests that need it: ${service}`)
    tally.add({ skipped: services.skipped.length })
    if (inCi() && tally.skipped > 0) console.log('In CI what is skipped counts as a failure.')
  } catch (error) {
    tell(error)
    tally.add({ failed: 1 })
  }
  await stopAll()
  console.log(tally.line)
  return tally.exitCode(inCi())
})
