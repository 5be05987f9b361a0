import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { transformSync } from '@swc/core'
import * as errors from '../src/errors.js'
import * as ratelimit from '../src/index.js'
import { optionNames, policyOptionNames } from '../src/options.js'

const root = join(__dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const examples = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code)

function listed(from: string, to: string): string[] {
  const section = readme.split(from)[1]?.split(to)[0] ?? ''
  return [...section.matchAll(/^\| `(\w+)` /gm)].map(([, option]) => option as string)
}

describe('the README', () => {
  it('[RL-1] shows a use of at most twelve lines, and examples that are TypeScript', () => {
    expect((examples[0] as string).trim().split('\n').length).toBeLessThanOrEqual(12)
    for (const example of examples) {
      transformSync(example, { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } })
    }
  })

  it('[RL-1] imports nothing that is not there', () => {
    for (const example of examples) {
      for (const [, names = ''] of example.matchAll(/import \{ (.*) \} from '@hardening\/ratelimit'/g)) {
        for (const name of names.split(', ')) expect(ratelimit).toHaveProperty(name)
      }
    }
  })

  it('[RL-1] lists every option and no other', () => {
    expect(new Set(listed('\n## Options\n', '\nA policy:\n'))).toEqual(new Set(optionNames))
    expect(new Set(listed('\nA policy:\n', '\n## Recipes\n'))).toEqual(new Set(policyOptionNames))
  })

  it('[RL-5] has a heading for every error', () => {
    const codes = Object.values(errors).map(
      (Class) => new (Class as new (...args: unknown[]) => { code: string })({ policies: [], retryAfter: 1 }).code,
    )
    for (const code of codes) expect(readme).toContain(`### ${code}\n`)
  })
})
