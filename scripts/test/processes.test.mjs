import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { folderFor, isAlive, node, scripts, until } from './support.mjs'

// A script that starts a program with a child and, as browsers do, a grandchild in a session of its own; all three
// ignore polite requests. What they are is written to `tree.json`.
const stubborn = `process.on('SIGINT', () => {}); process.on('SIGTERM', () => {}); setInterval(() => {}, 1e6)`
const program = `
import { spawn } from 'node:child_process'
import { writeFileSync, renameSync } from 'node:fs'
const child = spawn(process.execPath, ['-e', ${JSON.stringify(stubborn)}], { stdio: 'ignore' })
const away = spawn(process.execPath, ['-e', ${JSON.stringify(stubborn)}], { stdio: 'ignore', detached: true })
writeFileSync('tree.tmp', JSON.stringify({ pids: [process.pid, child.pid, away.pid], folder: process.argv[2] }))
renameSync('tree.tmp', 'tree.json')
${stubborn}
`
const script = (ending) => `
import { main, start, temporaryFolder } from '${pathToFileURL(join(scripts, 'lib/processes.mjs'))}'
import { existsSync } from 'node:fs'
await main(async () => {
  const folder = temporaryFolder('test')
  const { ended } = start(process.execPath, ['program.mjs', folder], { cwd: process.cwd(), grace: 100 })
  while (!existsSync('tree.json')) await new Promise((resolve) => setTimeout(resolve, 20))
  ${ending}
})
`

async function treeOf(t, ending) {
  const cwd = folderFor(t, { 'script.mjs': script(ending), 'program.mjs': program })
  const running = node(t, ['script.mjs'], { cwd })
  const file = join(cwd, 'tree.json')
  await until(() => existsSync(file))
  const tree = JSON.parse(readFileSync(file, 'utf8'))
  t.after(() => tree.pids.filter(isAlive).forEach((pid) => process.kill(pid, 'SIGKILL')))
  return { ...running, ...tree, isGone: () => !tree.pids.some(isAlive) && !existsSync(tree.folder) }
}

describe('nothing is left running', { timeout: 30_000 }, () => {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ]) {
    test(`[RP-1] after ${signal}`, async (t) => {
      const { child, ended, isGone } = await treeOf(t, 'await ended')
      child.kill(signal)
      assert.equal((await ended).code, code)
      await until(isGone)
    })
  }

  test('[RP-1] after the end', async (t) => {
    const { ended, isGone } = await treeOf(t, 'return 7')
    assert.equal((await ended).code, 7)
    await until(isGone)
  })

  test('[RP-1] after a failure', async (t) => {
    const { ended, isGone } = await treeOf(t, `throw new Error('on purpose')`)
    const { code, output } = await ended
    assert.equal(code, 1)
    assert.match(output, /on purpose/)
    await until(isGone)
  })

  test('[RP-1] after a crash', async (t) => {
    const { ended, isGone } = await treeOf(t, `setTimeout(() => { throw new Error('crash') }); await ended`)
    assert.notEqual((await ended).code, 0)
    await until(isGone)
  })

  test('[RP-1] after SIGKILL', async (t) => {
    const { child, ended, isGone } = await treeOf(t, 'await ended')
    child.kill('SIGKILL')
    await ended
    await until(isGone)
  })
})

test('[RP-1] a program in the foreground gets the signal once and its exit code is handed on', async (t) => {
  const polite = `
    let signals = 0
    process.on('SIGINT', () => { signals++; setTimeout(() => process.exit(40 + signals), 300) })
    console.log('up'); setInterval(() => {}, 1e6)`
  const source = `
    import { main, start } from '${pathToFileURL(join(scripts, 'lib/processes.mjs'))}'
    await main(async () => {
      const options = { stdio: 'inherit', foreground: true }
      await start(process.execPath, ['-e', ${JSON.stringify(polite)}], options).ended
    })`
  const cwd = folderFor(t, { 'script.mjs': source })
  const { child, ended } = node(t, ['script.mjs'], { cwd })
  await new Promise((resolve) => child.stdout.once('data', resolve))
  // As a terminal and npm do.
  child.kill('SIGINT')
  setTimeout(() => child.kill('SIGINT'), 50)
  assert.equal((await ended).code, 41)
})
