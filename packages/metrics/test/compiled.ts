import { realpathSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { compilePackages, type CompiledPackages } from '@hardening/test-utils'

/** A folder in which a plain Node process can `require('@hardening/metrics')`, with the libraries that it needs. */
export function compiledFolder(): CompiledPackages {
  const compiled = compilePackages('core', 'metrics')
  for (const name of ['prom-client', 'express']) {
    symlinkSync(realpathSync(join(__dirname, '../node_modules', name)), join(compiled.folder, 'node_modules', name))
  }
  return compiled
}
