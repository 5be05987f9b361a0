import { afterAll, describe, expect } from '@jest/globals'
import { Cluster } from 'ioredis'
import { itWith, startRedisCluster, type RedisCluster } from '../src/index.js'

describe('a cluster of the test', () => {
  let cluster: RedisCluster | undefined
  afterAll(() => cluster?.stop())

  itWith(
    'redis',
    '[RP-1] has three masters that hold all slots, and works with a client',
    async () => {
      cluster = await startRedisCluster()
      expect(cluster.nodes).toHaveLength(3)
      const client = new Cluster(cluster.startupNodes)
      try {
        const keys = Array.from({ length: 30 }, (_, index) => `key-${index}`)
        await Promise.all(keys.map((key) => client.set(key, key)))
        expect(await Promise.all(keys.map((key) => client.get(key)))).toEqual(keys)
        for (const key of keys) expect(await (await cluster.nodeOf(key)).command('GET', key)).toBe(key)
      } finally {
        client.disconnect()
      }
    },
    30_000,
  )
})
