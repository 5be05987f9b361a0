import { deepEqual, ok } from 'node:assert/strict'
import type { Readme } from './readme.js'
import { transpile } from './transpile.js'

/** What the suite needs of a package and of a test runner. */
export interface ReadmeContractOptions {
  /** Declares a test. */
  it(title: string, run: () => void): void
  /** Begins each title: the id of a requirement. */
  readonly prefix: string
  readonly readme: Readme
  /** How the codes of its errors begin; left out where they have no headings. */
  readonly codes?: string
  /** Lines above tables that list the members of an interface. @defaultValue `[]` */
  readonly options?: readonly (readonly [line: string, name: string])[]
}

/** What holds of the README of every package, as tests. Needs no more of a runner than `it`; what is wrong throws. */
export function readmeContract({ it, prefix, readme, codes, options = [] }: ReadmeContractOptions): void {
  it(`${prefix}shows a use of at most twelve lines, and examples that are TypeScript`, () => {
    const lines = (readme.examples[0] ?? '').trim().split('\n')
    ok(lines[0] !== '' && lines.length <= 12, `${lines.length} lines`)
    for (const example of readme.examples) transpile(example)
  })

  it(`${prefix}imports nothing that is not there`, () => deepEqual(readme.missingImports(), []))

  for (const [line, name] of options) {
    it(`${prefix}${line} lists every option and no other`, () => {
      const listed = readme.listed(line)
      ok(listed.length > 0, 'a table')
      deepEqual(listed.toSorted(), readme.declared(name).toSorted())
    })
  }

  if (codes === undefined) return
  it(`${prefix}has a heading for every error`, () => {
    const named = readme.codes(codes)
    ok(named.length > 0, codes)
    const headed = readme.headedCodes.filter((code) => code.startsWith(codes))
    deepEqual(headed.toSorted(), named.toSorted())
  })
}
