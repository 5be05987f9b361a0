import { join } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { Readme, readmeContract, transpile } from '@hardening/test-utils'
import express from 'express'
import * as client from '../src/client.js'
import * as errors from '../src/index.js'
import { ask, closeServers } from './support.js'

afterEach(closeServers)

const readme = new Readme(join(__dirname, '..'))

describe('the README', () => {
  readmeContract({
    it,
    prefix: '[ER-2] ',
    readme,
    codes: 'ERR_HTTP_',
    options: [
      ['### `errorHandler(options)`', 'ErrorHandlerOptions'],
      ['### `notFound(options)`', 'NotFoundOptions'],
      ['### `onProcessError(options)`', 'OnProcessErrorOptions'],
    ],
  })

  it('[ER-2] shows a use that works', async () => {
    const [use = ''] = readme.examples
    const module = { exports: {} as ReturnType<typeof express> }
    const modules: Record<string, unknown> = {
      express: { __esModule: true, default: express },
      '@hardening/errors': errors,
    }
    const code = transpile(use.replace('app.listen(3000)', 'module.exports = app'))
    new Function('require', 'module', 'exports', code)((name: string) => modules[name], module, module.exports)
    const { json } = await ask(module.exports, '/orders/7')
    expect(Object.keys(json)).toEqual(Object.keys(JSON.parse(/\{\n  "type"[\s\S]*?\n\}/.exec(readme.text)?.[0] ?? '')))
    expect(json).toMatchObject({ status: 404, detail: 'There is no order 7.', code: 'ERR_HTTP_NOT_FOUND' })
  })

  it('[ER-4] names every function that is exported', () => {
    for (const name of [...Object.keys(errors), ...Object.keys(client)]) {
      if (name === 'problemMediaType') continue
      expect(readme.text).toContain(name)
    }
  })
})
