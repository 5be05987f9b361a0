import { cpSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { publishedPackages, withDependencies } from './packages.mjs'
import { Failure } from './failure.mjs'
import { temporaryFolder } from './processes.mjs'
import { readJson } from './root.mjs'
import { quietly } from './stage.mjs'

/**
 * Installs a consumer outside the workspace, with npm as a stranger would, and runs its `npm test`. Each package of ours
 * that it depends on is replaced by its tarball, together with the tarballs of what that one stands on. `only` is one
 * package to depend on, whose name the consumer finds in its environment.
 */
export async function runConsumer(source, tarballs, only) {
  const folder = temporaryFolder('consumer')
  cpSync(source, folder, { recursive: true })
  const manifestPath = join(folder, 'package.json')
  const manifest = readJson(manifestPath)
  const asked = only ? [only] : Object.keys(manifest.dependencies)
  for (const name of withDependencies(asked, publishedPackages())) {
    manifest.dependencies[name] = `file:${tarballs.get(name)}`
  }
  writeFileSync(manifestPath, JSON.stringify(manifest, null, 2))
  const options = { cwd: folder, env: only ? { HARDENING_CONSUMER_PACKAGE: only } : {} }
  const flags = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']
  await quietly('npm install failed', 'npm', ['install', ...flags], options)
  const missing = asked.filter((name) => !existsSync(join(folder, 'node_modules', name)))
  if (missing.length > 0) throw new Failure(`npm did not install ${missing.join(', ')}`)
  await quietly('npm test failed', 'npm', ['test', '--silent'], options)
}
