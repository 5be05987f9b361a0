import { Failure } from '../lib/failure.mjs'
import { run } from '../lib/processes.mjs'
import { inRoot } from '../lib/root.mjs'

/** Runs an installed tool; what it printed is the failure. */
export async function tool(name, ...args) {
  const { ok, output, error } = await run(inRoot('node_modules/.bin', name), args)
  if (!ok) throw new Failure(error?.message ?? output.trim())
}

/** Runs the work for every item, two at a time, and fails with all that failed. */
export async function forEach(items, work) {
  const queue = [...items]
  const failures = []
  const worker = async () => {
    for (let item; (item = queue.shift()) !== undefined;) {
      await work(item).catch((error) => failures.push(error.message))
    }
  }
  await Promise.all([worker(), worker()])
  if (failures.length > 0) throw new Failure(failures.join('\n'))
}
