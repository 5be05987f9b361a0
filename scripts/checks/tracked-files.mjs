import { readFileSync, statSync } from 'node:fs'
import { run } from '../lib/processes.mjs'
import { inRoot } from '../lib/root.mjs'

const binary = /\.(png|jpe?g|gif|ico|pdf|zip|gz|woff2?|wasm)$/

/** The lines of all text files that git tracks, as `{ path, number, text }`. */
export async function* trackedLines() {
  const { ok, stdout } = await run('git', ['ls-files', '-z'])
  if (!ok) throw new Error('git cannot list the files here')
  for (const path of stdout.split('\0').filter((path) => path && !binary.test(path) && path !== 'pnpm-lock.yaml')) {
    const full = inRoot(path)
    if (!statSync(full, { throwIfNoEntry: false })?.isFile()) continue
    for (const [index, text] of readFileSync(full, 'utf8').split('\n').entries()) {
      yield { path, number: index + 1, text }
    }
  }
}
