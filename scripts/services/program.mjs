import { accessSync, constants, realpathSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { run } from '../lib/processes.mjs'
import { installPackage } from './apt.mjs'

const standardFolders = ['/usr/local/bin', '/usr/bin', '/bin', '/usr/local/sbin', '/usr/sbin', '/sbin']
const pathFolders = () => (process.env.PATH ?? '').split(delimiter).filter(Boolean)

/** A service that cannot be had here, and why. */
export class Unavailable extends Error {}

export function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

function* candidates(names, folders) {
  const seen = new Set()
  for (const path of folders.flatMap((folder) => names.map((name) => join(folder, name)))) {
    if (!isExecutable(path)) continue
    const real = realpathSync(path)
    if (!seen.has(real)) yield path
    seen.add(real)
  }
}

/**
 * The first of the programs that does what it should: from the variable that names it, else from the PATH, else from
 * Debian's package. `attempt` gets a path and returns what the caller wants, or throws the reason why it does not work.
 * Where a program lives outside the PATH by custom, `folders` says so.
 */
export async function firstThatWorks({ names, given, debianPackage, folders = () => [], attempt }) {
  if (given) return attempt(given)
  const reasons = []
  const tryAll = async (where) => {
    for (const path of candidates(names, where)) {
      try {
        return await attempt(path)
      } catch (error) {
        reasons.push(`${path}: ${error.message}`)
      }
    }
  }
  const found = await tryAll([...pathFolders(), ...folders()])
  if (found !== undefined) return found
  const why = await installPackage(debianPackage)
  const installed = why ? undefined : await tryAll([...pathFolders(), ...standardFolders, ...folders()])
  if (installed !== undefined) return installed
  throw new Unavailable([`no ${names[0]} on the PATH that works`, ...reasons, why].filter(Boolean).join('; '))
}

/** A service that is just a program whose path the tests get. */
export function programService({ name, variable, names, versionFlag = '--version', debianPackage, folders }) {
  const attempt = async (path) => {
    const { ok, output, error } = await run(path, [versionFlag], { timeout: 20_000 })
    if (!ok) throw new Unavailable(error?.message ?? `does not tell its version: ${output.trim().slice(0, 200)}`)
    return path
  }
  return {
    name,
    variables: [variable],
    async provide() {
      const given = process.env[variable]
      const path = await firstThatWorks({ names, given, debianPackage, folders, attempt })
      return { variables: { [variable]: path }, word: path }
    },
  }
}
