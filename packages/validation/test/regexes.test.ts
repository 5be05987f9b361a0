import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseSync } from '@swc/core'
import { describe, expect, it } from '@jest/globals'
import { checkSync } from 'recheck'

const root = join(__dirname, '..', 'src')

interface Literal {
  readonly pattern: string
  readonly flags: string
}

/** Every regular expression that is written in a file, found by parsing it. */
function literalsOf(file: string): Literal[] {
  const found: Literal[] = []
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    if ((node as { type?: string }).type === 'RegExpLiteral') found.push(node as Literal)
    for (const child of Object.values(node)) visit(child)
  }
  visit(parseSync(readFileSync(file, 'utf8'), { syntax: 'typescript', target: 'es2022' }))
  return found
}

const files = (readdirSync(root, { recursive: true }) as string[])
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join(root, name))
  .map((file) => ({ name: relative(root, file), literals: literalsOf(file) }))
  .filter(({ literals }) => literals.length > 0)

describe('regular expressions', () => {
  it('[VA-4] C3 are found: the check is not empty', () => {
    expect(files.flatMap(({ literals }) => literals).length).toBeGreaterThan(60)
  })

  it.each(files)(
    '[VA-4] C3 [VA-1] are linear on any input: $name',
    ({ literals }) => {
      const slow = literals
        .map(({ pattern, flags }) => ({ pattern, flags, result: checkSync(pattern, flags, { timeout: 60_000 }) }))
        .filter(({ result }) => result.status !== 'safe')
        .map(({ pattern, flags, result }) => [
          `/${pattern}/${flags}`,
          result.status,
          'complexity' in result ? result.complexity?.summary : undefined,
        ])
      expect(slow).toEqual([])
    },
    120_000,
  )
})
