import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import {
  hasService,
  itWith,
  startRedisCluster,
  until,
  type RedisCluster,
  type RedisServer,
} from '@hardening/test-utils'
import { Cluster as Cluster6 } from 'ioredis'
import { Cluster as Cluster5 } from 'ioredis5'
import { createCluster } from 'redis'
import type { RedisLike } from '../../src/redis/client.js'
import { createRedisGuard } from '../../src/redis/guard.js'
import type { RedisGuard } from '../../src/redis/redis-guard.js'
import type { RedisGuardOptions } from '../../src/redis/guard-options.js'
import { redisKeyspace } from '../../src/redis/key.js'
import { fromNodeRedis } from '../../src/redis/node-redis.js'
import { defineScript } from '../../src/redis/script.js'

const add = defineScript({ name: 'add', lua: `return redis.call('INCRBY', KEYS[1], ARGV[1])`, keys: 1 })
const space = redisKeyspace({ area: 'test', version: 1, name: 'cluster' })

let cluster: RedisCluster
const openThings: (() => unknown)[] = []

const clients: readonly (readonly [name: string, open: () => RedisLike])[] = [
  ['ioredis 5', () => new Cluster5(cluster.startupNodes)],
  ['ioredis 6', () => new Cluster6(cluster.startupNodes)],
  [
    'node-redis 6',
    () => {
      const rootNodes = cluster.nodes.map((node) => ({ url: node.url }))
      const client = createCluster({ rootNodes })
      client.connect().catch(() => undefined)
      return fromNodeRedis(client)
    },
  ],
]

async function guardOf(open: () => RedisLike, options?: RedisGuardOptions): Promise<RedisGuard> {
  const client = open()
  openThings.push(() => client.disconnect())
  const guard = createRedisGuard(client, options)
  openThings.push(() => guard.close())
  await until(() => guard.available, { what: 'the cluster client' })
  return guard
}

afterEach(async () => {
  for (const close of openThings.splice(0).toReversed()) await close()
})

describe.each(clients)('a cluster, %s', (_name, open) => {
  // Each has one of its own, since the tests break nodes.
  beforeAll(async () => {
    if (hasService('redis')) cluster = await startRedisCluster()
  }, 30_000)
  afterAll(() => cluster?.stop())

  itWith('redis', '[CO-5] runs a script on the node of its key, known there or not', async () => {
    const guard = await guardOf(open)
    const keys = Array.from({ length: 12 }, (_, index) => space.key(`subject ${index}`))
    await Promise.all(keys.map((key) => guard.script(add, [key], [1])))
    for (const node of cluster.nodes) await node.command('SCRIPT', 'FLUSH')
    expect(await Promise.all(keys.map((key) => guard.script(add, [key], [1])))).toEqual(keys.map(() => 2))
    const holders = new Set(await Promise.all(keys.map((key) => cluster.nodeOf(key))))
    expect(holders.size).toBe(3)
    for (const key of keys) expect(await (await cluster.nodeOf(key)).command('GET', key)).toBe('2')
  })

  itWith('redis', '[CO-5] follows a slot that has moved, and counts once', async () => {
    const guard = await guardOf(open)
    const key = space.key('moving')
    expect(await guard.command('incr', key)).toBe(1)
    const from = await cluster.nodeOf(key)
    const to = cluster.nodes.find((node) => node !== from)
    const id = String(await to?.command('CLUSTER', 'MYID'))
    const slot = Number(await from.command('CLUSTER', 'KEYSLOT', key))
    await from.command('DEL', key)
    for (const node of [to, from]) await node?.command('CLUSTER', 'SETSLOT', slot, 'NODE', id)
    expect(await guard.command('incr', key)).toBe(1)
    expect(await guard.script(add, [key], [1])).toBe(2)
    expect(await to?.command('GET', key)).toBe('2')
    expect(guard.state).toBe('up')
  })

  itWith('redis', '[CO-5] a connection cut: the call on it ends at once and is not tried again', async () => {
    const guard = await guardOf(open, { timeout: '5s' })
    const key = space.key('cut')
    const node = await cluster.nodeOf(key)
    await guard.command('set', key, 0)
    await node.command('CLIENT', 'PAUSE', 60_000, 'WRITE')
    const call = guard.command('incr', key).catch((error: unknown) => error)
    await until(async () => String(await node.command('CLIENT', 'LIST')).includes('cmd=incr'))
    await node.command('CLIENT', 'KILL', 'TYPE', 'normal')
    await node.command('CLIENT', 'UNPAUSE')
    expect(await call).toMatchObject({ code: 'ERR_REDIS_UNAVAILABLE', reason: 'connection' })
    await until(async () => (await guard.command('get', key).catch(() => undefined)) !== undefined)
    expect(await node.command('GET', key)).toBe('0')
  })

  itWith(
    'redis',
    '[CO-5] one node killed: calls to it end in time, others go on, nothing is replayed',
    async () => {
      const guard = await guardOf(open)
      const keys = Array.from({ length: 40 }, (_, index) => space.key(`subject ${index}`))
      const holders = await Promise.all(keys.map((key) => cluster.nodeOf(key)))
      const victim = cluster.nodes[0] as RedisServer
      const own = keys.filter((_, index) => holders[index] === victim)
      const others = keys.filter((_, index) => holders[index] !== victim)
      // A connection to each node, so that what follows is on the wire.
      await Promise.all(keys.map((key) => guard.command('set', key, 0)))

      victim.freeze()
      const inFlight = own.slice(0, 4).map((key) =>
        guard.command('incr', key).then(
          () => 'accepted',
          (error: { code: string }) => error.code,
        ),
      )
      await new Promise((resolve) => setImmediate(resolve))
      await victim.kill()
      expect(new Set(await Promise.all(inFlight))).toEqual(new Set(['ERR_REDIS_UNAVAILABLE']))
      await victim.restart()
      const [other = ''] = others
      await until(async () => (await guard.command('incr', other)) !== undefined, { within: 20_000 })
      // A node that starts again knows its slots; it is empty unless somebody sends the lost increments once more.
      await until(async () => (await guard.command('incr', own.at(-1) ?? '')) !== undefined, {
        within: 20_000,
        what: 'the node that was killed',
      })
      expect(await Promise.all(own.slice(0, 4).map((key) => victim.command('GET', key)))).toEqual([
        null,
        null,
        null,
        null,
      ])
    },
    60_000,
  )
})

it('[CO-5] has a cluster client that fits the structural type', () => {
  const check = (client: Cluster5 | Cluster6): RedisLike => client
  expect(check).toBeDefined()
})
