import { demoPromises } from '../suites/demo-promises.mjs'
import { tell } from './failure.mjs'
import { main, stopAll } from './processes.mjs'
import { Tally } from './tally.mjs'

// Somebody's real servers: the promise is that the demo needs none.
delete process.env.REDIS_URL
delete process.env.DATABASE_URL

await main(async () => {
  const [before] = process.argv.slice(2)
  const tally = before === undefined ? new Tally() : Tally.parse(before)
  if (!tally) throw new Error(`Not a closing line: ${before}`)
  try {
    tally.add(await demoPromises())
  } catch (error) {
    tell(error)
    tally.add({ failed: 1 })
  }
  await stopAll()
  console.log(tally.line)
  return tally.exitCode(false)
})
