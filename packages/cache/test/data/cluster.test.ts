import { afterAll, afterEach, beforeAll, describe, expect, jest } from '@jest/globals'
import { hasService, itWith, startRedisCluster, until, type RedisCluster } from '@hardening/test-utils'
import { Cluster as Cluster6 } from 'ioredis'
import { Cluster as Cluster5 } from 'ioredis5'
import { createCache, type Cache } from '../../src/index.js'

let cluster: RedisCluster
beforeAll(async () => {
  if (hasService('redis')) cluster = await startRedisCluster()
}, 60_000)
afterAll(() => cluster?.stop())

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

const versions = [
  ['ioredis 5', Cluster5],
  ['ioredis 6', Cluster6],
] as const

describe.each(versions)('%s, a cluster of three masters', (_name, Cluster) => {
  async function join(name: string, keyPrefix = ''): Promise<Cache> {
    const client = new (Cluster as typeof Cluster6)(cluster.startupNodes, { keyPrefix })
    client.on('error', () => undefined)
    open.push(() => client.disconnect())
    const cache = createCache({ redis: client, name, jitter: 0, redisTimeout: '10s' })
    open.push(() => cache.close())
    const isConnected = async (): Promise<boolean> => {
      await cache.set('probe', 1)
      return cache.stats().pending === 0
    }
    await until(isConnected, { within: 20_000, what: 'the connection' })
    return cache
  }

  const sizes = (): Promise<number[]> =>
    Promise.all(cluster.nodes.map(async (node) => Number(await node.command('DBSIZE'))))

  for (const prefix of ['', 'app:'] as const) {
    itWith('redis', `[CA-3] deleteByPattern sweeps every master, key prefix "${prefix}"`, async () => {
      for (const node of cluster.nodes) await node.command('FLUSHALL')
      const cache = await join(`pattern${_name.at(-1)}`, prefix)
      await Promise.all(Array.from({ length: 90 }, (_, at) => cache.set(`user:${at}`, at)))
      await cache.set('order:1', 'kept')
      expect(Math.min(...(await sizes()))).toBeGreaterThan(10)
      await cache.deleteByPattern('user:*')
      // What is left: the kept values, the journal, and leases.
      expect((await sizes()).reduce((sum, size) => sum + size, 0)).toBeLessThan(10)
      const late = await join(`pattern${_name.at(-1)}`, prefix)
      expect(await late.get('user:7')).toBeUndefined()
      expect(await late.get('order:1')).toBe('kept')
    })
  }

  itWith('redis', '[CA-3] keys, tags and everything are forgotten by other processes', async () => {
    const name = `bus${_name.at(-1)}`
    const [a, b] = [await join(name), await join(name)]
    for (const forget of [() => a.delete('k'), () => a.deleteByTag('t'), () => a.clear()]) {
      await a.set('k', 1, { tags: ['t'] })
      await until(async () => (await b.get('k')) === 1)
      await forget()
      await until(async () => (await b.get('k')) === undefined)
    }
  })

  itWith('redis', '[CA-2] 2.6.1 one of two processes loads', async () => {
    const name = `load${_name.at(-1)}`
    const caches = [await join(name), await join(name)]
    let finish!: (value: string) => void
    const load = jest.fn(() => new Promise<string>((resolve) => (finish = resolve)))
    const all = Promise.all(Array.from({ length: 50 }, (_, at) => (caches[at % 2] as Cache).getOrSet('k', load)))
    await until(() => finish !== undefined)
    finish('value')
    expect(new Set(await all)).toEqual(new Set(['value']))
    expect(load).toHaveBeenCalledTimes(1)
  })
})
