import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { compilePackages, type CompiledPackages } from '@hardening/test-utils'

/** A folder in which a plain Node process can `require('@hardening/logging')`, with the libraries that it needs. */
export function compiledFolder(): CompiledPackages {
  const compiled = compilePackages('core', 'logging')
  for (const name of ['winston', 'winston-transport']) {
    symlinkSync(join(__dirname, '../node_modules', name), join(compiled.folder, 'node_modules', name))
  }
  return compiled
}
