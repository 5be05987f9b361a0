import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * Where a program of the tests is: the path in the given environment variable, else the first one on PATH.
 * `undefined` when there is none.
 */
export function findBinary(name: string, variable: string): string | undefined {
  const given = process.env[variable]
  if (given) return isExecutable(given) ? given : undefined
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
