import { join } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import {
  itWith,
  knownOptions,
  listen,
  Readme,
  readmeContract,
  startRedis,
  transpile,
  until,
} from '@hardening/test-utils'
import express, { type Express } from 'express'
import * as ioredis from 'ioredis'
import * as cache from '../src/index.js'

const readme = new Readme(join(__dirname, '..'))
const [use = ''] = readme.examples

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
  const library: Record<string, unknown> = { ioredis: recording, '@hardening/cache': recordingCache }
  const names = ['require', 'exports', ...Object.keys(given)]
  // oxlint-disable-next-line typescript/no-implied-eval, no-new-func -- the README is ours
  const main = new Function(...names, transpile(code)) as (...args: unknown[]) => void
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
  readmeContract({ it, prefix: '[CA-1] ', readme, codes: 'ERR_CACHE_' })

  itWith('redis', '[CA-1] shows a use that works as it stands', async () => {
    const server = await startRedis()
    open.push(() => server.stop())
    let turn = 0
    const app: Express = express()
    const db = { product: (id: string): Product => ({ id, turn: ++turn }) }
    const before = process.env['REDIS_URL']
    process.env['REDIS_URL'] = server.url
    try {
      run(use, { app, db, save: (req: { params: { id: string } }) => Promise.resolve(req.params) })
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

  it.each<[string, (options: never) => unknown]>([
    ['createCache', cache.createCache],
    ['responseCache', cache.responseCache],
    ['compress', cache.compress],
    ['cacheControl', cache.cacheControl],
    ['conditional', cache.conditional],
  ])('[CA-1] names every option of %s', async (_name, factory) => {
    const known = await knownOptions(factory)
    expect(known.length).toBeGreaterThan(0)
    for (const name of known) expect(readme.text).toContain(`\`${name}\``)
  })
})
