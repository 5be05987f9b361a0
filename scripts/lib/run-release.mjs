import { prepare } from './prepare.mjs'
import { Failure } from './failure.mjs'
import { exitCode, main, start } from './processes.mjs'
import { inRoot } from './root.mjs'
import { build } from './turbo.mjs'

/** Runs a program with its output shown: the workflow reads from it what was published. */
async function shown(command, ...args) {
  const code = exitCode(await start(command, args, { stdio: 'inherit' }).ended)
  if (code !== 0) throw new Failure(`${args.join(' ')} failed`)
}

const changeset = (command) => shown(inRoot('node_modules/.bin/changeset'), command)

await main(async () => {
  await prepare()
  const [what] = process.argv.slice(2)
  if (what === 'version') {
    await changeset('version')
    await shown('pnpm', 'install', '--lockfile-only')
  } else if (what === 'publish') {
    await build('./packages/*')
    await changeset('publish')
  } else {
    throw new Failure('Say what: `version` or `publish`.')
  }
})
