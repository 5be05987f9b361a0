import { describe, expect, it } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkSync } from 'recheck'

/** Every regular expression that is written in the sources of detection and guards. */
function* expressions(folder: string): Generator<[file: string, source: string, flags: string]> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* expressions(path)
    else {
      for (const line of readFileSync(path, 'utf8').split('\n')) {
        if (/^\s*(?:\*|\/\/|\/\*)/.test(line)) continue
        // A slash that begins an operand, up to the slash that ends it outside a class.
        for (const match of line.matchAll(
          /(?<=(?:^\s*|[=(,[!&|?:]\s?|return ))\/((?:[^/\\[]|\\.|\[(?:[^\]\\]|\\.)*\])+)\/([dgimsuy]*)/g,
        ))
          yield [entry.name, match[1] as string, match[2] as string]
      }
    }
  }
}

const found = ['detect', 'guards'].flatMap((folder) => [...expressions(join(__dirname, '../../src', folder))])

describe('regular expressions of detection and guards', () => {
  it('[VA-4] are found', () => {
    expect(found.length).toBeGreaterThan(50)
  })

  it.each(found)('[VA-4] %s: /%s/%s is linear', (_file, source, flags) => {
    expect(checkSync(source, flags, { timeout: 20_000 }).status).toBe('safe')
  })
})
