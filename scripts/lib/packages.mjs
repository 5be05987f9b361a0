import { existsSync, readdirSync } from 'node:fs'
import { inRoot, readJson } from './root.mjs'

/** The packages that are published: name, folder, manifest. */
export function publishedPackages() {
  return readdirSync(inRoot('packages'))
    .map((name) => inRoot('packages', name))
    .filter((folder) => existsSync(`${folder}/package.json`))
    .map((folder) => ({ folder, manifest: readJson(`${folder}/package.json`) }))
    .filter(({ manifest }) => !manifest.private)
    .map(({ folder, manifest }) => ({ name: manifest.name, folder, manifest }))
}

/** The names given and, with them, what they stand on in this workspace. */
export function withDependencies(names, packages) {
  const found = new Set()
  const visit = (name) => {
    const known = packages.find((candidate) => candidate.name === name)
    if (!known || found.has(name)) return
    found.add(name)
    Object.keys(known.manifest.dependencies ?? {}).forEach(visit)
  }
  names.forEach(visit)
  return [...found]
}
