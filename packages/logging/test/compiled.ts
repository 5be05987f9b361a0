import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { transformFileSync } from '@swc/core'

/** A folder in which a plain Node process can `require('@hardening/logging')`: the sources as CommonJS, nothing built. */
export function compiledFolder(): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'hardening-logging-'))
  for (const name of ['core', 'logging']) compile(name, join(folder, 'node_modules', '@hardening', name))
  for (const name of ['winston', 'winston-transport']) {
    symlinkSync(join(__dirname, '../node_modules', name), join(folder, 'node_modules', name))
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

function compile(name: string, target: string): void {
  const source = join(__dirname, '../..', name, 'src')
  for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const from = join(entry.parentPath, entry.name)
    const to = join(target, from.slice(source.length)).replace(/\.ts$/, '.js')
    mkdirSync(dirname(to), { recursive: true })
    if (!entry.name.endsWith('.ts')) cpSync(from, to)
    else {
      const { code } = transformFileSync(from, {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'commonjs' },
      })
      writeFileSync(to, code)
    }
  }
  writeFileSync(join(target, 'package.json'), JSON.stringify({ name: `@hardening/${name}`, main: 'index.js' }))
}
