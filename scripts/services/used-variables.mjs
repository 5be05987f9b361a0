import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inRoot } from '../lib/root.mjs'

/** The `TEST_...` variables that tests and their helpers read: what none reads need not be started or installed. */
export function usedVariables() {
  const folders = ['packages', 'apps', 'internal'].flatMap((parent) =>
    readdirSync(inRoot(parent)).flatMap((name) => [inRoot(parent, name, 'test'), inRoot(parent, name, 'src')]),
  )
  const files = folders.filter((folder) => existsSync(folder)).flatMap(sources)
  return new Set(files.flatMap((file) => readFileSync(file, 'utf8').match(/\bTEST_[A-Z_]+\b/g) ?? []))
}

function sources(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => /\.[cm]?[jt]sx?$/.test(name) && !name.includes('node_modules'))
    .map((name) => join(folder, name))
}
