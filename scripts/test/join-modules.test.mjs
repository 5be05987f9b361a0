import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { Failure } from '../lib/failure.mjs'
import { joinModules } from '../lib/join-modules.mjs'
import { folderFor } from './support.mjs'

const entry = (name) => ({ 'module-sync': { default: `./dist/esm/${name}.js` } })

/** A package as the compiler leaves it; `sources` by their path in `dist/esm`. */
function packageOf(t, entries, sources) {
  const exports = {
    ...Object.fromEntries(entries.map((name) => [`./${name}`, entry(name)])),
    './package.json': './package.json',
  }
  const files = { 'package.json': JSON.stringify({ type: 'module', exports }) }
  for (const [path, text] of Object.entries(sources)) {
    files[`dist/esm/${path}`] = text
    if (path.endsWith('.js'))
      files[`dist/esm/${path}.map`] = JSON.stringify({
        version: 3,
        sources: [`${'../'.repeat(path.split('/').length + 1)}src/${path.replace(/js$/, 'ts')}`],
        names: [],
        mappings: 'AAAA;AACA;AACA',
      })
  }
  const folder = folderFor(t, files)
  process.chdir(folder)
  return folder
}

const sources = {
  'index.js': `export { count } from './deep/count.js'\n`,
  'second.js': `import { text } from './deep/text.cjs'\nexport { count } from './deep/count.js'\nexport { text }\n`,
  'deep/count.js': `/** A comment that nobody reads at run time. */\nlet counted = 0\nexport const count = () => ++counted\n`,
  'deep/count.d.ts': 'export declare const count: () => number\n',
  'deep/text.cjs': `exports.text = 'loaded when it is needed'\n`,
}

test('[RP-2] one file an entry is left, and what entries share is one module', async (t) => {
  const folder = packageOf(t, ['index', 'second'], sources)
  await joinModules('dist/esm')
  const files = readdirSync(join(folder, 'dist/esm'), { recursive: true })
  assert.equal(files.filter((file) => file.endsWith('.js')).length, 3)
  assert.ok(files.includes(join('deep', 'count.d.ts')))
  const load = (name) => import(pathToFileURL(join(folder, 'dist/esm', name)).href)
  const [first, second] = [await load('index.js'), await load('second.js')]
  assert.deepEqual([first.count(), second.count(), first.count()], [1, 2, 3])
  assert.equal(second.text, 'loaded when it is needed')
  assert.deepEqual(Object.keys(second).toSorted(), ['count', 'text'])
})

test('[RP-2] comments are left out, and source maps lead to the sources that are published', async (t) => {
  const folder = packageOf(t, ['index'], sources)
  await joinModules('dist/esm')
  const read = (name) => readFileSync(join(folder, 'dist/esm', name), 'utf8')
  assert.doesNotMatch(read('index.js'), /nobody reads/)
  assert.match(read('index.js'), /^\/\/# sourceMappingURL=index\.js\.map$/m)
  assert.deepEqual(JSON.parse(read('index.js.map')).sources, ['../../src/deep/count.ts'])
})

test('[RP-2] two classes of one name are refused, because one would be renamed', async (t) => {
  const folder = packageOf(t, ['index'], {
    'index.js': `export { LostError } from './first.js'\nexport { fail } from './second.js'\n`,
    'first.js': `export class LostError extends Error {}\n`,
    'second.js': `class LostError extends Error {}\nexport const fail = () => new LostError()\n`,
  })
  await assert.rejects(
    joinModules('dist/esm'),
    (error) => error instanceof Failure && /LostError\$1/.test(error.message),
  )
  // What the compiler has made is left as it was.
  assert.deepEqual(
    readdirSync(join(folder, 'dist/esm')).filter((file) => file.endsWith('.js')),
    ['first.js', 'index.js', 'second.js'],
  )
})

test('[RP-2] a module that cannot be found is refused', async (t) => {
  packageOf(t, ['index'], { 'index.js': `export { a } from './missing.js'\n` })
  await assert.rejects(joinModules('dist/esm'))
  writeFileSync('dist/esm/index.js', `import { a } from './there.js'\nexport const b = a\n`)
  writeFileSync('dist/esm/there.js', `export const c = 1\n`)
  writeFileSync('dist/esm/there.js.map', readFileSync('dist/esm/index.js.map'))
  await assert.rejects(joinModules('dist/esm'))
})
