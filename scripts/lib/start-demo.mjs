import { existsSync } from 'node:fs'
import { prepare } from './prepare.mjs'
import { Failure } from './failure.mjs'
import { exitCode, main, start } from './processes.mjs'
import { inRoot } from './root.mjs'
import { stage } from './stage.mjs'
import { build } from './turbo.mjs'

await main(async () => {
  await prepare()
  await stage('Build', () => build('@hardening/demo'))
  const entry = inRoot('apps/demo/dist/esm/server.js')
  if (!existsSync(entry)) throw new Failure('The demo has no apps/demo/dist/esm/server.js after the build.')
  // Its own shutdown drains requests, which may take a while; a second Ctrl-C does not wait.
  const options = { stdio: 'inherit', foreground: true, grace: 40_000, cwd: inRoot('apps/demo') }
  const { ended } = start(process.execPath, ['--enable-source-maps', entry, ...process.argv.slice(2)], options)
  return exitCode(await ended)
})
