import { setTimeout as wait } from 'node:timers/promises'
import { start, stop } from '../lib/processes.mjs'
import { lastLines } from '../lib/stage.mjs'

/** Starts a server and resolves once `isReady(output)` says so; rejects with what it printed when it ends or takes 30 s. */
export async function startServer(path, args, options, isReady) {
  const { child, ended } = start(path, args, options)
  let output = ''
  let end
  ended.then((value) => (end = value))
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text) => (output = (output + text).slice(-10_000)))
  }
  const deadline = Date.now() + 30_000
  while (!end && Date.now() < deadline) {
    if (await isReady(output)) return child
    await wait(50)
  }
  await stop(child, 'SIGKILL')
  const why = end?.error?.message ?? (end ? 'ended at once' : 'did not get ready within 30 s')
  throw new Error(`${why}${output && `: ${lastLines(output, 3).replaceAll('\n', ' ')}`}`)
}
