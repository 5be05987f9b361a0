import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { Failure } from './failure.mjs'
import { packAll } from './pack.mjs'
import { prepare } from './prepare.mjs'
import { main } from './processes.mjs'
import { stage } from './stage.mjs'

await main(async () => {
  const [given] = process.argv.slice(2)
  if (!given) throw new Failure('Say where to: `npm run pack -- <folder>`.')
  // npm runs scripts in the workspace; the folder is meant from where the person is.
  const folder = resolve(process.env.INIT_CWD ?? '.', given)
  mkdirSync(folder, { recursive: true })
  await prepare()
  let tarballs
  await stage('Pack', async () => void (tarballs = await packAll(folder)))
  console.log([...tarballs.values()].join('\n'))
})
