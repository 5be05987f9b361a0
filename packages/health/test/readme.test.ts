import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { transformSync } from '@swc/core'
import * as health from '../src/index.js'

const root = join(__dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const examples = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code)

describe('the README', () => {
  it('[HE-1] shows a use of at most twelve lines, and examples that are TypeScript', () => {
    expect((examples[0] as string).trim().split('\n').length).toBeLessThanOrEqual(12)
    for (const example of examples)
      transformSync(example, { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } })
  })

  it('[HE-1] imports nothing that is not there', () => {
    for (const example of examples) {
      for (const [, names = ''] of example.matchAll(/import \{ (.*) \} from '@hardening\/health'/g)) {
        for (const name of names.split(', ')) expect(health).toHaveProperty(name)
      }
    }
  })

  it.each([
    ['### `health(options)`', 'health.ts', 'HealthOptions'],
    ['### `createHealthRegistry(options)`', 'health-registry.ts', 'HealthRegistryOptions'],
    ['### `gracefulShutdown(server, options)`', 'graceful-shutdown.ts', 'GracefulShutdownOptions'],
  ])('[HE-1] %s lists every option and no other', (heading, file, name) => {
    const section = readme.split(`${heading}\n`)[1]?.split(/\n##+ /)[0] ?? ''
    const listed = [...section.matchAll(/^\| `(\w+)` /gm)].map(([, option]) => option)
    const source = readFileSync(join(root, 'src', file), 'utf8')
    const body = source.split(`export interface ${name} {`)[1]?.split('\n}')[0] ?? ''
    const options = [...body.matchAll(/^ {2}(\w+)\?:/gm)].map(([, option]) => option)
    expect(options.length).toBeGreaterThan(3)
    expect(new Set(listed)).toEqual(new Set(options))
  })
})
