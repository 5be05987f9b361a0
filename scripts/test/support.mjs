import { spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

export const scripts = resolve(import.meta.dirname, '..')

/** A folder that the test removes when it ends. */
export function folderFor(t, files = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'hardening-scripts-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

/** A PATH on which nothing but the programs named can be found. */
export function pathWithOnly(t, ...programs) {
  const folder = folderFor(t)
  for (const name of programs) {
    const found = process.env.PATH.split(delimiter).find((where) => existsSync(join(where, name)))
    if (found) symlinkSync(realpathSync(join(found, name)), join(folder, name))
  }
  return folder
}

/** Starts `node ...args`; `ended` resolves with what it printed and how it ended. */
export function node(t, args, { env = {}, cwd } = {}) {
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  let stdout = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => (output += text))
  t.after(() => child.kill('SIGKILL'))
  const ended = new Promise((done) => child.once('close', (code, signal) => done({ code, signal, output, stdout })))
  return { child, ended }
}

/** Waits for something to become true; the test's own time-out is the limit. */
export async function until(condition) {
  for (let value; ; await wait(20)) if ((value = await condition())) return value
}

/** Whether a process runs; one that has ended and only waits to be fetched by its parent does not. */
export function isAlive(pid) {
  try {
    process.kill(pid, 0)
    if (process.platform !== 'linux') return true
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

export function answers(port) {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1', () => done(true))
    socket.once('error', () => done(false)).once('connect', () => socket.destroy())
  })
}
