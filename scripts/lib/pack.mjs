import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { publishedPackages } from './packages.mjs'
import { inRoot } from './root.mjs'
import { quietly } from './stage.mjs'
import { build } from './turbo.mjs'

/** Builds and packs every published package, as it would go to the registry. Returns a Map from name to tarball. */
export async function packAll(folder = inRoot('.tools', 'tarballs')) {
  await build('./packages/*')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const args = ['-r', '--filter=./packages/*', '--workspace-concurrency=2', 'pack', '--pack-destination', folder]
  await quietly('The packages could not be packed', 'pnpm', args)
  return new Map(
    publishedPackages().map(({ name, manifest }) => {
      const file = `${name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`
      return [name, join(folder, file)]
    }),
  )
}
