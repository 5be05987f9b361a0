// Joins the modules of a package: Node keeps some kilobytes for each one as long as the process lives.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { Failure } from './failure.mjs'

/**
 * Makes of the compiled modules in `folder` one file for each entry of the package, and one of what entries share.
 *
 * @param {string} folder `dist/esm` of the package in the current folder
 */
export async function joinModules(folder) {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8'))
  const entries = Object.values(exports).flatMap((conditions) => conditions['module-sync']?.default ?? [])
  const input = Object.fromEntries(entries.map((file) => [file.slice(`./${folder}/`.length, -'.js'.length), file]))
  const modules = await rolldown({ input, platform: 'node', external, plugins: [mapsOfCompiler], onLog: fail })
  const { output } = await modules.generate({
    dir: folder,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'shared-[hash].js',
    // The types have them, and so have the sources that are published.
    comments: false,
    sourcemap: true,
  })
  await modules.close()
  for (const { fileName, code } of output) if (code !== undefined) refuseOtherNames(fileName, code)
  const separate = readdirSync(folder, { recursive: true }).filter((file) => /\.js(?:\.map)?$/.test(file))
  for (const file of separate) rmSync(join(folder, file))
  for (const { fileName, code, source } of output) writeFileSync(join(folder, fileName), code ?? source)
}

/** Libraries and Node's own modules, and what is CommonJS in both builds. */
const external = (id) => !/^[./]/.test(id) || id.endsWith('.cjs')

/** Leads from the joined file to the TypeScript that the compiler had. */
const mapsOfCompiler = {
  name: 'maps-of-the-compiler',
  load(id) {
    if (!id.endsWith('.js')) return
    return { code: readFileSync(id, 'utf8'), map: JSON.parse(readFileSync(`${id}.map`, 'utf8')) }
  },
}

function fail(level, { code, message }) {
  // It has nothing to say of anything but what could be left out.
  if (level === 'warn' && code !== 'INVALID_ANNOTATION') throw new Failure(message)
}

/** Two of one name in a package: one gets another, which an error or a stack would show. */
function refuseOtherNames(file, code) {
  const found = /\bclass (\w+\$\d+)|\bvar (\w+\$\d+) = class\b|(\w+\$\d+) as\b/.exec(code)
  if (found) throw new Failure(`${file}: two classes or exports are named ${found.slice(1).find(Boolean)}`)
}
