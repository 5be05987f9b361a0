import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { transformSync } from '@swc/core'
import express from 'express'
import * as client from '../src/client.js'
import * as errors from '../src/index.js'
import { ask, closeServers } from './support.js'

afterEach(closeServers)

const readme = readFileSync(join(__dirname, '../README.md'), 'utf8')
const examples = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code)
const sources = join(__dirname, '../src')
const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))

function section(heading: string): string {
  return readme.split(`${heading}\n`)[1]?.split(/\n##+ /)[0] ?? ''
}

describe('the README', () => {
  it('[ER-2] shows a use of at most twelve lines that works', async () => {
    const [use = ''] = examples
    expect(use.trim().split('\n').length).toBeLessThanOrEqual(12)
    const { code } = transformSync(use.replace('app.listen(3000)', 'module.exports = app'), {
      jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
      module: { type: 'commonjs' },
    })
    const module = { exports: {} as ReturnType<typeof express> }
    const modules: Record<string, unknown> = {
      express: { __esModule: true, default: express },
      '@hardening/errors': errors,
    }
    new Function('require', 'module', 'exports', code)((name: string) => modules[name], module, module.exports)
    const { json } = await ask(module.exports, '/orders/7')
    expect(Object.keys(json)).toEqual(Object.keys(JSON.parse(/\{\n  "type"[\s\S]*?\n\}/.exec(readme)?.[0] ?? '')))
    expect(json).toMatchObject({ status: 404, detail: 'There is no order 7.', code: 'ERR_HTTP_NOT_FOUND' })
  })

  it('[ER-2] imports nothing in its examples that is not there', () => {
    expect(examples.length).toBeGreaterThan(5)
    for (const example of examples) {
      for (const [, names = '', from] of example.matchAll(/import \{ (.*) \} from '(@hardening\/.*)'/g)) {
        const entry = from === '@hardening/errors' ? errors : client
        for (const name of names.split(', ')) expect(entry).toHaveProperty(name)
      }
    }
  })

  it('[ER-1] has a heading for every code of the sources, and for no other', () => {
    const used = new Set(
      files.flatMap((file) => readFileSync(join(sources, file), 'utf8').match(/'ERR_HTTP_[A-Z_]+'/g) ?? []),
    )
    const headed = [...readme.matchAll(/^### (ERR_HTTP_[A-Z_]+)$/gm)].map(([, code]) => `'${code}'`)
    expect(headed.sort()).toEqual([...used].sort())
  })

  it.each([
    ['### `errorHandler(options)`', 'error-handler-options.ts', 'ErrorHandlerOptions'],
    ['### `notFound(options)`', 'not-found.ts', 'NotFoundOptions'],
    ['### `onProcessError(options)`', 'on-process-error.ts', 'OnProcessErrorOptions'],
  ])('[ER-2] lists the options of %s', (heading, file, name) => {
    const listed = [...section(heading).matchAll(/^\| `(\w+)`/gm)].map(([, option]) => option)
    const source = readFileSync(join(sources, file), 'utf8')
    const declared = source.split(`interface ${name} {`)[1]?.split('\n}')[0] ?? ''
    expect(listed).toEqual([...declared.matchAll(/^ {2}(\w+)\?:/gm)].map(([, option]) => option))
  })

  it('[ER-4] names every function that is exported', () => {
    for (const name of [...Object.keys(errors), ...Object.keys(client)]) {
      if (name === 'problemMediaType') continue
      expect(readme).toContain(name)
    }
  })
})
