import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'

const root = join(__dirname, '../../..')
/** What looks like a code of ours and is Node's. */
const foreign = new Set(['ERR_HTTP_HEADERS_SENT'])
const codePattern =
  /\bERR_(?:CONFIG|REDIS|HTTP|SECURITY|RATELIMIT|VALIDATION|CACHE|METRICS|HEALTH|LOGGING|RESILIENCE|JOBS)_[A-Z_]+\b/g

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
}

describe('docs/errors.md', () => {
  it('[RP-4] has a heading for every code in the sources, and none for others', () => {
    const packages = readdirSync(join(root, 'packages'))
    const used = packages
      .flatMap((name) => sources(join(root, 'packages', name, 'src')))
      .flatMap((text) => text.match(codePattern) ?? [])
    const headings = readFileSync(join(root, 'docs/errors.md'), 'utf8').match(/^### (ERR_[A-Z_]+)$/gm) ?? []
    const wanted = [...new Set(used)].filter((code) => !foreign.has(code)).sort()
    expect(headings.map((heading) => heading.slice(4)).sort()).toEqual(wanted)
  })
})
