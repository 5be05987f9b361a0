import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { transpile } from './transpile.js'

/** A folder of compiled packages. */
export interface CompiledPackages {
  readonly folder: string
  /** Removes the folder. */
  remove(): void
}

/**
 * A folder in which a plain Node process can `require('@hardening/<name>')` of these packages: their sources as CommonJS,
 * nothing built.
 *
 * @param names - folders in `packages`
 */
export function compilePackages(...names: readonly string[]): CompiledPackages {
  const folder = mkdtempSync(join(tmpdir(), `hardening-${names.at(-1)}-`))
  for (const name of names) compile(name, join(folder, 'node_modules', '@hardening', name))
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

function compile(name: string, target: string): void {
  const source = join(__dirname, '../../../packages', name, 'src')
  for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const from = join(entry.parentPath, entry.name)
    const to = join(target, from.slice(source.length)).replace(/\.ts$/, '.js')
    mkdirSync(dirname(to), { recursive: true })
    if (!entry.name.endsWith('.ts')) cpSync(from, to)
    else writeFileSync(to, transpile(readFileSync(from, 'utf8')))
  }
  writeFileSync(join(target, 'package.json'), JSON.stringify({ name: `@hardening/${name}`, main: 'index.js' }))
}
