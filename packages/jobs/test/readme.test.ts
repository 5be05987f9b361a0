import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { transformSync } from '@swc/core'
import * as jobs from '../src/index.js'

const root = join(__dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const examples = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code)

describe('the README', () => {
  it('[JO-1] shows a use of at most twelve lines, and examples that are TypeScript', () => {
    expect((examples[0] as string).trim().split('\n').length).toBeLessThanOrEqual(12)
    for (const example of examples) {
      transformSync(example, { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } })
    }
  })

  it('[JO-1] imports nothing that is not there', () => {
    expect(examples.length).toBeGreaterThan(4)
    for (const example of examples) {
      for (const [, names = ''] of example.matchAll(/import \{ (.*) \} from '@hardening\/jobs'/g)) {
        for (const name of names.split(', ')) expect(jobs).toHaveProperty(name)
      }
    }
  })

  it.each([
    ['### `createJobs(options)`', 'create-jobs.ts', 'CreateJobsOptions'],
    ['### `jobs.define(name, options, handler)`', 'queue-options.ts', 'QueueOptions<Data = unknown>'],
    ['### `batch(run, options)`', 'batch.ts', 'BatchOptions'],
  ])('[JO-1] %s lists every option and no other', (heading, file, name) => {
    const section = readme.split(`${heading}\n`)[1]?.split(/\n##+ /)[0] ?? ''
    const listed = [...section.matchAll(/^\| `(\w+)` /gm)].map(([, option]) => option)
    const source = readFileSync(join(root, 'src', file), 'utf8')
    const body = source.split(`export interface ${name} {`)[1]?.split('\n}')[0] ?? ''
    const options = [...body.matchAll(/^ {2}(\w+)\?:/gm)].map(([, option]) => option)
    expect(options.length).toBeGreaterThan(3)
    expect(new Set(listed)).toEqual(new Set(options))
  })

  it('[JO-1] has a heading for every error', () => {
    const source = readFileSync(join(root, 'src/errors.ts'), 'utf8')
    const codes = new Set(source.match(/ERR_JOBS_\w+/g))
    expect(codes.size).toBe(9)
    for (const code of codes) expect(readme).toContain(`### ${code}\n`)
  })
})
