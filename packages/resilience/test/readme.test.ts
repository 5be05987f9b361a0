import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { transformSync } from '@swc/core'
import * as resilience from '../src/index.js'

const root = join(__dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const examples = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code)
const types = new Set(['Attempt'])

describe('the README', () => {
  it('[RE-3] shows a use of at most twelve lines, and examples that are TypeScript', () => {
    expect((examples[0] as string).trim().split('\n').length).toBeLessThanOrEqual(12)
    for (const example of examples) {
      transformSync(example, { jsc: { parser: { syntax: 'typescript', decorators: true }, target: 'es2022' } })
    }
  })

  it('[RE-3] imports nothing that is not there', () => {
    expect(examples.length).toBeGreaterThan(4)
    for (const example of examples) {
      for (const [, names = ''] of example.matchAll(/import \{ (.*) \} from '@hardening\/resilience'/g)) {
        for (const name of names.split(', ').map((one) => one.replace(/^type /, ''))) {
          if (!types.has(name)) expect(resilience).toHaveProperty(name)
        }
      }
    }
  })

  it.each([
    ['### `protect(service, options)`', 'protect.ts', 'ProtectOptions<Fallback = never>'],
    ['### Retry rules', 'retry/retry.ts', 'RetryRules'],
    ['### Breaker rules', 'breaker/breaker-options.ts', 'BreakerRules'],
  ])('[RE-3] %s lists every option and no other', (heading, file, name) => {
    const section = readme.split(`${heading}\n`)[1]?.split(/\n##+ /)[0] ?? ''
    const listed = [...section.matchAll(/^\| `(\w+)` /gm)].map(([, option]) => option)
    const source = readFileSync(join(root, 'src', file), 'utf8')
    const body = source.split(`export interface ${name} {`)[1]?.split('\n}')[0] ?? ''
    const options = [...body.matchAll(/^ {2}(\w+)\?:/gm)].map(([, option]) => option)
    expect(options.length).toBeGreaterThan(3)
    expect(new Set(listed)).toEqual(new Set(options))
  })

  it('[RE-3] lists every code and no other', () => {
    const source = readFileSync(join(root, 'src/errors.ts'), 'utf8')
    const codes = new Set(source.match(/'ERR_RESILIENCE_[A-Z]+'/g)?.map((code) => code.slice(1, -1)))
    const headings = readme.match(/^### ERR_\w+$/gm)?.map((heading) => heading.slice(4))
    expect(new Set(headings)).toEqual(codes)
  })
})
