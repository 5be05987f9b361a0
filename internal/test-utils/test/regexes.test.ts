import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { slowRegexes } from '../src/index.js'

const root = join(__dirname, '../../..')

/** What a script of ES modules prints, as JSON. */
function ask(code: string): unknown {
  const args = ['--input-type=module', '--eval', code]
  return JSON.parse(execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' }))
}

describe('regular expressions of the workspace', () => {
  it('[RP-3] all take linear time on any input', async () => {
    const { count, packages, slow } = await slowRegexes()
    expect(slow).toEqual([])
    expect(count).toBeGreaterThan(300)
    for (const name of ['cache', 'core', 'jobs', 'kit', 'logging', 'ratelimit', 'security', 'validation']) {
      expect(packages).toContain(`packages/${name}`)
    }
    expect(packages).toContain('apps/demo')
  }, 900_000)

  it('[RP-3] are found wherever they stand in a source', () => {
    const source = [
      "const a = /x+/g, b = 'a'.replace(/[/]y/u, '') as string",
      "class C { #d = /z/; e = (f = /in a default/) => new RegExp('(p+)', 'i') }",
      'const g: RegExp = RegExp(`${h}+`), text = "/no expression/"',
    ].join('\n')
    const code = `import { regexesIn } from './scripts/checks/find-regexes.mjs'
      console.log(JSON.stringify(regexesIn(${JSON.stringify(source)}, 'x.ts')))`
    expect(ask(code)).toEqual({
      whole: [
        { pattern: 'x+', flags: 'g' },
        { pattern: '[/]y', flags: 'u' },
        { pattern: 'z', flags: '' },
        { pattern: 'in a default', flags: '' },
        { pattern: '(p+)', flags: 'i' },
      ],
      composed: 1,
    })
  })

  it('[RP-3] are found where a source puts them together when it is loaded', () => {
    const source = [
      "import { part, Base } from './elsewhere.js'",
      "const gap = String.raw`(?:\\s{1,8}|_)`, shape = (text: string): RegExp => new RegExp(`^${text.replace('_', gap)}$`, 'i')",
      "class C extends Base { static shapes = ['a_b', 'c'].map(shape); later = () => new RegExp(part) }",
      'export const made = part(new C()).shapes',
    ].join('\n')
    const code = `import { regexesBuiltBy } from './scripts/checks/find-regexes.mjs'
      console.log(JSON.stringify(regexesBuiltBy(${JSON.stringify(source)})))`
    expect(ask(code)).toEqual([
      { pattern: '^a(?:\\s{1,8}|_)b$', flags: 'i' },
      { pattern: '^c$', flags: 'i' },
    ])
  })
})
