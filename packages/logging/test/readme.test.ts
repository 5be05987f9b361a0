import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { transformSync } from '@swc/core'
import * as logging from '../src/index.js'

const root = join(__dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const examples = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code)

describe('the README', () => {
  it('[LO-1] shows a use of at most twelve lines, and examples that are TypeScript', () => {
    expect((examples[0] as string).trim().split('\n').length).toBeLessThanOrEqual(12)
    for (const example of examples)
      transformSync(example, { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } })
  })

  it('[LO-1] imports nothing that is not there', () => {
    for (const example of examples) {
      for (const [, names = ''] of example.matchAll(/import \{ (.*) \} from '@hardening\/logging'/g)) {
        for (const name of names.split(', ')) expect(logging).toHaveProperty(name)
      }
    }
  })

  it.each([
    ['### `createLogger(options)`', 'create-logger.ts', 'CreateLoggerOptions'],
    ['### `accessLog(options)`', 'access-log.ts', 'AccessLogOptions'],
    ['### `createSentryReporter(options)`', 'sentry-reporter.ts', 'SentryReporterOptions'],
  ])('[LO-1] %s lists every option and no other', (heading, file, name) => {
    const section = readme.split(`${heading}\n`)[1]?.split(/\n##+ /)[0] ?? ''
    const listed = [...section.matchAll(/^\| `(\w+)` /gm)].map(([, option]) => option)
    const source = readFileSync(join(root, 'src', file), 'utf8')
    const body = source.split(`export interface ${name} {`)[1]?.split('\n}')[0] ?? ''
    const options = [...body.matchAll(/^ {2}(\w+)\??:/gm)].map(([, option]) => option)
    expect(options.length).toBeGreaterThan(3)
    expect(new Set(listed)).toEqual(new Set(options))
  })
})
