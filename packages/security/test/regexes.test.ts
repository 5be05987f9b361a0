import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { parseSync } from '@swc/core'
import { checkSync } from 'recheck'

const root = join(__dirname, '../src')

/** The regular expressions that stand in a source, as its parser finds them. */
function expressionsOf(source: string): (readonly [pattern: string, flags: string])[] {
  const found: (readonly [string, string])[] = []
  JSON.stringify(parseSync(source, { syntax: 'typescript', target: 'es2022' }), (_key, node: unknown) => {
    const literal = node as { type?: string; pattern: string; flags: string } | null
    if (literal?.type === 'RegExpLiteral') found.push([literal.pattern, literal.flags])
    return node
  })
  return found
}

const expressions = (readdirSync(root, { recursive: true }) as string[])
  .filter((file) => file.endsWith('.ts'))
  .flatMap((file) => expressionsOf(readFileSync(join(root, file), 'utf8')).map((one) => [file, ...one] as const))
  // Put together of parts in content/media-type.ts.
  .concat([['content/media-type.ts', "^([a-z0-9!#$%&'*+.^_`|~-]+)/([a-z0-9!#$%&'*+.^_`|~-]+)$", '']])

describe('regular expressions', () => {
  it('[SE-5] are found', () => expect(expressions.length).toBeGreaterThan(30))

  it.each(expressions)('[SE-5] take linear time on any input: %s /%s/%s', (_file, pattern, flags) => {
    expect(checkSync(pattern, flags, { timeout: 60_000 }).status).toBe('safe')
  })
})
