import { join } from 'node:path'
import { publishedPackages } from './packages.mjs'
import { temporaryFolder } from './processes.mjs'
import { quietly } from './stage.mjs'
import { build } from './turbo.mjs'

/** Builds and packs every published package, as it would go to the registry. Returns a Map from name to tarball. */
export async function packAll(folder = temporaryFolder('tarballs')) {
  await build('./packages/*')
  const args = ['-r', '--filter=./packages/*', '--workspace-concurrency=2', 'pack', '--pack-destination', folder]
  await quietly('The packages could not be packed', 'pnpm', args)
  return new Map(
    publishedPackages().map(({ name, manifest }) => {
      const file = `${name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`
      return [name, join(folder, file)]
    }),
  )
}
