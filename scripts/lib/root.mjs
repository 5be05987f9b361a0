import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The folder of the workspace. */
export const root = resolve(import.meta.dirname, '../..')

/** A path inside the workspace. */
export const inRoot = (...parts) => join(root, ...parts)

export const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'))
