import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { inRoot, readJson } from './root.mjs'
import { Failure } from './failure.mjs'
import { removeAtEnd, run } from './processes.mjs'
import { lastLines } from './stage.mjs'

/** The version of pnpm that package.json pins. */
export function pinnedPnpm() {
  return /^pnpm@(\d+\.\d+\.\d+)/.exec(readJson(inRoot('package.json')).packageManager)[1]
}

/** Puts the pinned pnpm first on this process's PATH, where turbo looks for it too. Returns where it came from. */
export async function providePnpm() {
  const version = pinnedPnpm()
  const folder = inRoot('.tools', `pnpm-${version}`)
  if (existsSync(manifest(folder))) return use(folder, 'there')
  if ((await versionOnPath()) === version) return 'on the PATH'
  await fetchPnpm(version, folder)
  return use(folder, 'fetched')
}

const manifest = (folder) => join(folder, 'node_modules', 'pnpm', 'package.json')

function use(folder, word) {
  process.env.PATH = [join(folder, 'node_modules', '.bin'), dirname(process.execPath), process.env.PATH].join(delimiter)
  return word
}

async function versionOnPath() {
  // Inside the workspace, pnpm and Corepack would fetch the pinned version just to tell its number.
  const env = { COREPACK_ENABLE_NETWORK: '0', npm_config_manage_package_manager_versions: 'false' }
  const { ok, stdout } = await run('pnpm', ['--version'], { cwd: tmpdir(), env, timeout: 10_000 })
  return ok ? stdout.trim() : undefined
}

async function fetchPnpm(version, folder) {
  const unfinished = `${folder}.${process.pid}`
  removeAtEnd(unfinished)
  mkdirSync(unfinished, { recursive: true })
  writeFileSync(join(unfinished, 'package.json'), '{"private":true}\n')
  const [command, first] = npm()
  const flags = ['--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const args = [...first, 'install', '--prefix', unfinished, ...flags, `pnpm@${version}`]
  const { ok, output, error } = await run(command, args, { cwd: unfinished })
  if (!ok) {
    const why = lastLines(error ? error.message : output, 6)
    throw new Failure(`pnpm ${version} could not be fetched. Is there a way to the npm registry?\n${why}`)
  }
  rmSync(folder, { recursive: true, force: true })
  renameSync(unfinished, folder)
}

function npm() {
  const path = process.env.npm_execpath ?? ''
  return path.endsWith('npm-cli.js') ? [process.execPath, [path]] : ['npm', []]
}
