import { Failure } from './failure.mjs'
import { run } from './processes.mjs'

/** One line for one piece of set-up: `Dependencies ... installed (12 s)`. The work returns the word after the dots. */
export async function stage(title, work) {
  const started = Date.now()
  const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`
  const line = `${title} ... `
  process.stdout.write(line)
  const ticking = process.stdout.isTTY && setInterval(() => process.stdout.write(`\r${line}${seconds()} `), 1000)
  try {
    const word = (await work()) ?? 'done'
    clearInterval(ticking)
    process.stdout.write(`${process.stdout.isTTY ? `\r${line}` : ''}${word} (${seconds()})\n`)
  } catch (error) {
    clearInterval(ticking)
    process.stdout.write('failed\n')
    throw error
  }
}

/** Runs a program quietly; when it fails, the end of what it printed is the failure's message, under `title`. */
export async function quietly(title, command, args, options) {
  const result = await run(command, args, options)
  if (result.ok) return result
  const why = result.error ? result.error.message : `exit code ${result.code ?? result.signal}`
  throw new Failure(`\n${title} (${why}):\n${lastLines(result.output, 60)}`)
}

export function lastLines(text, count) {
  return text.trimEnd().split('\n').slice(-count).join('\n')
}
