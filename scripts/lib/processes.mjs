// Every program that a script starts runs in a process group of its own, known to the keeper, so that none is left.
import { spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { environment } from './environment.mjs'
import { Failure, tell } from './failure.mjs'
import { root } from './root.mjs'

const marker = `HARDENING_RUN=${process.pid}-${Date.now()}`
const running = new Map()
let keeper
let interrupted = false
let foreground

function tellKeeper(line) {
  if (!keeper) {
    const stdio = ['pipe', 'ignore', 'ignore']
    const script = join(import.meta.dirname, 'keeper.mjs')
    keeper = spawn(process.execPath, [script, marker], { detached: true, stdio, cwd: '/' })
    keeper.stdin.on('error', () => {})
    keeper.unref()
    keeper.stdin.unref()
  }
  keeper.stdin.write(`${line}\n`)
}

/**
 * Starts a program. `options.stopSignal` and `options.grace` (milliseconds) say how it is asked to end and how long it
 * may take; `foreground` makes its exit code that of this script when a signal ends both.
 */
export function start(command, args, options = {}) {
  if (interrupted) throw new Failure('Interrupted.')
  const { stopSignal, grace = 5000, foreground: isForeground = false, env, ...rest } = options
  const [name, value] = marker.split('=')
  const child = spawn(command, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...rest,
    env: environment({ ...env, [name]: value }),
    detached: true,
  })
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, error }))
    child.once('exit', (code, signal) => resolve({ code, signal }))
  }).then((end) => {
    if (child.pid !== undefined) {
      signalGroup(child.pid, 'SIGKILL')
      tellKeeper(`-group ${child.pid}`)
    }
    running.delete(child)
    return end
  })
  running.set(child, { stopSignal, grace, ended })
  if (child.pid !== undefined) tellKeeper(`+group ${child.pid}`)
  if (isForeground) foreground = ended
  return { child, ended: ended.then(unlessInterrupted) }
}

/** After a signal, nobody goes on with what they waited for: the script is ending. */
function unlessInterrupted(value) {
  return interrupted ? new Promise(() => {}) : value
}

/** Runs a program to its end. What it prints is returned. */
export async function run(command, args, options) {
  const { child, ended } = start(command, args, options)
  let output = ''
  let stdout = ''
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    output += text
    stdout += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text) => (output += text))
  const closed = new Promise((resolve) => child.once('close', resolve).once('error', resolve))
  const end = await ended
  await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 1000).unref())])
  return { ...end, ok: end.code === 0, output, stdout }
}

/** A new folder under the system's temporary one, removed when the script ends. */
export function temporaryFolder(name) {
  const folder = mkdtempSync(join(tmpdir(), `hardening-${name}-`))
  removeAtEnd(folder)
  return folder
}

/** Removes a folder when the script ends, however it ends. */
export function removeAtEnd(folder) {
  tellKeeper(`+folder ${folder}`)
}

function signalGroup(id, signal) {
  try {
    process.kill(-id, signal)
  } catch {
    // No such group any more.
  }
}

/** Asks one program to end, and makes it end if it does not. */
export async function stop(child, signal = 'SIGTERM') {
  const entry = running.get(child)
  if (!entry) return
  signalGroup(child.pid, entry.stopSignal ?? signal)
  const timer = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), entry.grace)
  await entry.ended
  clearTimeout(timer)
}

/** Ends everything that was started and removes the temporary folders. */
export async function stopAll(signal) {
  await Promise.all([...running.keys()].map((child) => stop(child, signal)))
  if (!keeper) return
  const gone = new Promise((resolve) => keeper.once('exit', resolve))
  keeper.ref()
  keeper.stdin.end()
  await gone
  keeper = undefined
}

/** The exit code that a shell would show. */
export function exitCode({ code, signal }) {
  return code ?? (signal ? 128 + constants.signals[signal] : 1)
}

/** Ctrl-C, `kill` and a closed terminal end what runs, then this script; a second one later ends it at once. */
function endOnSignals() {
  let first = 0
  const onSignal = async (signal) => {
    // A terminal and npm both deliver the same Ctrl-C.
    if (first && Date.now() - first < 1000) return
    if (first) return running.forEach((_, child) => signalGroup(child.pid, 'SIGKILL'))
    first = Date.now()
    interrupted = true
    if (!foreground) console.log('\nInterrupted: ending what runs.')
    await stopAll(signal === 'SIGHUP' ? 'SIGTERM' : signal)
    process.exit(foreground ? exitCode(await foreground) : 128 + constants.signals[signal])
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, onSignal)
}

/** Runs a script's work under all of the above; a `Failure` is told in its own words, anything else with its stack. */
export async function main(work) {
  endOnSignals()
  let code
  try {
    code = await work()
  } catch (error) {
    if (interrupted) return
    tell(error)
    code = 1
  }
  if (interrupted) return
  await stopAll()
  process.exit(code ?? 0)
}
