import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { itWith, listen, startRedis, until } from '@hardening/test-utils'
import { transformSync } from '@swc/core'
import express, { type Express } from 'express'
import * as ioredis from 'ioredis'
import * as cache from '../src/index.js'
import * as errors from '../src/errors.js'

const root = join(__dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const examples = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code)

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

interface Product {
  readonly id: string
  readonly turn: number
}

/** Runs an example, with what it takes for granted. */
function run(code: string, given: Record<string, unknown>): void {
  const { code: script } = transformSync(code, {
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    module: { type: 'commonjs' },
  })
  const library: Record<string, unknown> = { ioredis: recording, '@hardening/cache': recordingCache }
  const names = ['require', 'exports', ...Object.keys(given)]
  // oxlint-disable-next-line typescript/no-implied-eval, no-new-func -- the README is ours
  const main = new Function(...names, script) as (...args: unknown[]) => void
  main((name: string) => library[name], {}, ...Object.values(given))
}

/** As the libraries are, but closed when the test is over. */
const recording = {
  Redis: class extends ioredis.Redis {
    constructor(url: string) {
      super(url)
      open.push(() => this.disconnect())
    }
  },
}
const recordingCache = {
  ...cache,
  createCache: (options: cache.CreateCacheOptions) => {
    const made = cache.createCache(options)
    open.push(() => made.close())
    return made
  },
  responseCache: (options: cache.ResponseCacheOptions) => {
    const made = cache.responseCache(options)
    open.push(() => made.close())
    return made
  },
}

describe('the README', () => {
  itWith('redis', '[CA-1] shows a use of at most twelve lines that works as it stands', async () => {
    expect((examples[0] as string).trim().split('\n').length).toBeLessThanOrEqual(12)
    const server = await startRedis()
    open.push(() => server.stop())
    let turn = 0
    const app: Express = express()
    const db = { product: (id: string): Product => ({ id, turn: ++turn }) }
    const before = process.env['REDIS_URL']
    process.env['REDIS_URL'] = server.url
    try {
      run(examples[0] as string, { app, db, save: (req: { params: { id: string } }) => Promise.resolve(req.params) })
    } finally {
      if (before === undefined) delete process.env['REDIS_URL']
      else process.env['REDIS_URL'] = before
    }
    const listening = await listen(app)
    open.push(() => listening.close())
    const get = async (): Promise<Product> => (await (await fetch(`${listening.url}/products/7`)).json()) as Product
    const first = await get()
    expect(first.id).toBe('7')
    expect(await get()).toEqual(first)
    expect((await fetch(`${listening.url}/products/7`, { method: 'PUT' })).status).toBe(200)
    await until(async () => (await get()).turn > first.turn)
  })

  it('[CA-1] imports nothing that is not there', () => {
    for (const example of examples) {
      for (const [, names = ''] of example.matchAll(/import \{ (.*) \} from '@hardening\/cache'/g)) {
        for (const name of names.split(', ')) expect(cache).toHaveProperty(name)
      }
    }
  })

  it.each<[string, (options: never) => unknown]>([
    ['createCache', cache.createCache],
    ['responseCache', cache.responseCache],
    ['compress', cache.compress],
    ['cacheControl', cache.cacheControl],
    ['conditional', cache.conditional],
  ])('[CA-1] names every option of %s', (_name, factory) => {
    let message = ''
    try {
      factory({ nonsense: 1 } as never)
    } catch (error) {
      message = (error as Error).message
    }
    const known = /\(known: ([^)]+)\)/.exec(message)?.[1]?.split(', ') ?? []
    expect(known.length).toBeGreaterThan(0)
    for (const name of known) expect(readme).toContain(`\`${name}\``)
  })

  it('[CA-1] has a heading for every error', () => {
    const source = readFileSync(join(root, 'src/errors.ts'), 'utf8')
    const codes = [...source.matchAll(/'(ERR_CACHE_\w+)'/g)].map(([, code]) => code as string)
    expect(codes.length).toBeGreaterThanOrEqual(Object.keys(errors).length)
    for (const code of codes) expect(readme).toContain(`### ${code}\n`)
  })
})
