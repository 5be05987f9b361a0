import { existsSync, readFileSync } from 'node:fs'
import { inRoot } from './root.mjs'
import { quietly } from './stage.mjs'

const read = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined)

/** The folders of the workspace that have dependencies, as the lockfile names them. */
export function importers(lockfile) {
  const [, block = ''] = /^importers:\n([^]*?)^\S/m.exec(lockfile) ?? []
  return [...block.matchAll(/^ {2}(\S.*):\n {4}\w/gm)].map(([, folder]) => folder.replaceAll("'", ''))
}

/** Whether node_modules is what the lockfile asks for: pnpm keeps a copy of the lockfile that it finished with. */
function isInstalled() {
  const wanted = read(inRoot('pnpm-lock.yaml'))
  if (wanted === undefined || wanted !== read(inRoot('node_modules/.pnpm/lock.yaml'))) return false
  if (!existsSync(inRoot('node_modules/.modules.yaml'))) return false
  return importers(wanted).every((folder) => existsSync(inRoot(folder, 'node_modules')))
}

/** Installs what the lockfile says, unless it is there. */
export async function installDependencies() {
  if (isInstalled()) return 'there'
  const args = ['install', '--frozen-lockfile', '--prefer-offline', '--config.confirmModulesPurge=false']
  await quietly('The dependencies could not be installed', 'pnpm', args)
  return 'installed'
}
