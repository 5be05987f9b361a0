// Builds the package in the current folder: src -> dist/esm and dist/cjs, each with its own types.
import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { tell } from './lib/failure.mjs'

const tsc = resolve(fileURLToPath(import.meta.url), '../../node_modules/@typescript/native/bin/tsc')
rmSync('dist', { recursive: true, force: true })
// An application that nobody requires has no CommonJS build.
const configs = ['tsconfig.build.json', 'tsconfig.cjs.json'].filter((config) => existsSync(config))
for (const config of configs) {
  try {
    execFileSync(process.execPath, [tsc, '-p', config], { stdio: 'inherit' })
  } catch {
    process.exit(1)
  }
}
if (configs.includes('tsconfig.cjs.json')) {
  try {
    // An application has no library to join its modules with.
    const { joinModules } = await import('./lib/join-modules.mjs')
    await joinModules('dist/esm')
  } catch (error) {
    tell(error)
    process.exit(1)
  }
  mkdirSync(join('dist', 'cjs'), { recursive: true })
  writeFileSync(join('dist', 'cjs', 'package.json'), '{"type":"commonjs"}\n')
}
// What is CommonJS in both builds is written as such, and the compiler leaves it where it is.
for (const file of readdirSync('src', { recursive: true }).filter((name) => name.endsWith('.cjs'))) {
  for (const build of ['esm', 'cjs']) copyFileSync(join('src', file), join('dist', build, file))
}
