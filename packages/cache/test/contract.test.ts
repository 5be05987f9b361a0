import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { FakeClock, hasService, itWith, startRedis, until, type RedisServer } from '@hardening/test-utils'
import { Redis } from 'ioredis'
import { Redis as Redis5 } from 'ioredis5'
import { cached, cachePresets, createCache } from '../src/index.js'
import { cacheContract } from '../src/testing.js'

describe('memory', () => cacheContract({ it, expect, prefix: '[CA-1] ', create: () => createCache() }))

describe.each([
  ['ioredis 5', Redis5 as unknown as typeof Redis],
  ['ioredis 6', Redis],
])('%s', (_name, Client) => {
  let server: RedisServer
  let client: Redis
  let count = 0
  beforeAll(async () => {
    if (!hasService('redis')) return
    server = await startRedis()
    client = new Client(server.port, '127.0.0.1')
    await until(() => client.status === 'ready')
  })
  afterAll(async () => {
    client?.disconnect()
    await server?.stop()
  })
  const create = () => createCache({ redis: client, name: `contract${count++}` })
  cacheContract({ it: (title, run) => itWith('redis', title, run), expect, prefix: '[CA-1] ', create })
})

describe('forms', () => {
  it('[CA-7] presets: embeddings for 24 hours, search for 30 minutes', async () => {
    const clock = new FakeClock()
    const cache = createCache({ clock, jitter: 0 })
    const [embeddings, search] = [
      cache.namespace('e', cachePresets.embeddings),
      cache.namespace('s', cachePresets.search),
    ]
    await embeddings.set('k', [1, 2])
    await search.set('k', ['found'])
    await clock.advance(30 * 60_000 - 1)
    expect(await search.get('k')).toEqual(['found'])
    await clock.advance(1)
    expect(await search.get('k')).toBeUndefined()
    await clock.advance(23.5 * 3_600_000 - 1)
    expect(await embeddings.get('k')).toEqual([1, 2])
    await clock.advance(1)
    expect(await embeddings.get('k')).toBeUndefined()
    await cache.close()
  })

  it('[CA-1] the decorator caches a method by a key of its arguments', async () => {
    const cache = createCache()
    const find = jest.fn(function (this: { base: number }, id: number) {
      return Promise.resolve(this.base + id)
    })
    const decorate = cached(cache, { key: (id: number) => ['product', id] })
    const method = decorate(find as never, { kind: 'method', name: 'find' } as never) as (
      this: object,
      id: number,
    ) => Promise<number>
    const object = { base: 10, find: method }
    expect(await object.find(1)).toBe(11)
    expect(await object.find(1)).toBe(11)
    expect(await object.find(2)).toBe(12)
    expect(find).toHaveBeenCalledTimes(2)
    expect(() => decorate(find as never, { kind: 'field' } as never)).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG_INVALID' }),
    )
    await cache.close()
  })
})
