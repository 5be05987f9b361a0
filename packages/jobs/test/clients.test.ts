import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { startRedis, startRedisCluster, until, type RedisCluster, type RedisServer } from '@hardening/test-utils'
import { Cluster as Cluster6, Redis as Redis6 } from 'ioredis'
import { Cluster as Cluster5, Redis as Redis5 } from 'ioredis5'
import { createJobs, type Jobs, type JobsRedis } from '../src/index.js'
import { jobsContract } from '../src/testing.js'

type Client = JobsRedis & { on(event: 'error', listener: () => void): unknown }

let names = 0
const prefix = (): string => `c${++names}`
/** Clients that the application has and ends itself. */
const opened: Client[] = []
function own(client: Client): Client {
  client.on('error', () => undefined)
  opened.push(client)
  return client
}
/** Before the server goes, so that none is just about to connect again. */
function endOwn(): void {
  for (const client of opened.splice(0)) client.disconnect()
}

describe('ioredis 5', () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await startRedis({ args: ['--maxmemory-policy', 'noeviction'] })
  })
  afterAll(async () => {
    endOwn()
    await server.stop()
  })

  jobsContract({
    it,
    prefix: '[JO-1] 4.3.1 ioredis 5: ',
    create: () => createJobs({ redis: own(new Redis5(server.url)), prefix: prefix(), redisTimeout: '5s' }),
  })

  it.each([
    ['ioredis 5', (url: string, options: object) => new Redis5(url, options)],
    ['ioredis 6', (url: string, options: object) => new Redis6(url, options)],
  ])(
    '[JO-1] %s with options of the request path: jobs have their own, and leave the client as it is',
    async (_, make) => {
      const options = { enableOfflineQueue: false, maxRetriesPerRequest: 1, keyPrefix: 'app:', lazyConnect: true }
      const client = own(make(server.url, options))
      const jobs = createJobs({ redis: client, prefix: prefix(), redisTimeout: '5s' })
      const queue = jobs.define<number, number>('q', (data) => data * 2)
      await jobs.start()
      const { id } = (await until(() => queue.enqueue(21), { within: 20_000 })) as { id: string }
      await until(async () => (await queue.get(id))?.result === 42, { within: 20_000 })
      await jobs.close()
      expect(client.status).toBe('wait')
    },
    60_000,
  )
})

describe.each([
  ['ioredis 6', (nodes: { host: string; port: number }[]) => new Cluster6(nodes)],
  ['ioredis 5', (nodes: { host: string; port: number }[]) => new Cluster5(nodes)],
])('Redis Cluster by %s', (name, connect) => {
  let cluster: RedisCluster
  beforeAll(async () => {
    cluster = await startRedisCluster()
  }, 60_000)
  afterAll(async () => {
    endOwn()
    await cluster.stop()
  })
  const create = (more: object = {}): Jobs =>
    createJobs({ redis: own(connect(cluster.startupNodes)), prefix: prefix(), redisTimeout: '5s', ...more })

  if (name === 'ioredis 6') jobsContract({ it, prefix: '[JO-1] 4.3.1 Redis Cluster: ', create })

  it('[JO-1] queues lie on several servers, each in one slot, and all are worked on', async () => {
    const jobs = create()
    const queues = Array.from({ length: 6 }, (_, at) => jobs.define<number, number>(`q${at}`, (data) => data + 1))
    await jobs.start()
    await until(() => queues[0]?.enqueue(0), { within: 20_000 })
    const ids = await Promise.all(queues.map(async (queue) => (await queue.enqueue(1)).id))
    await until(
      async () => {
        const found = await Promise.all(queues.map((queue, at) => queue.get(ids[at] ?? '')))
        return found.every((job) => job?.result === 2)
      },
      { within: 20_000 },
    )
    const servers = new Set(await Promise.all(queues.map((queue) => cluster.nodeOf(`{${queue.name}}`))))
    expect(servers.size).toBeGreaterThan(1)
    await jobs.close()
  }, 60_000)

  it('[JO-1] 4.3.5 closes in its time where every server hangs', async () => {
    const jobs = create({ redisTimeout: 200 })
    let running = 0
    const queue = jobs.define('q', () => {
      running++
      return new Promise(() => undefined)
    })
    await jobs.start()
    await until(() => queue.enqueue(null), { within: 20_000 })
    await until(() => running === 1, { within: 20_000 })
    for (const node of cluster.nodes) node.freeze()
    try {
      await expect(queue.enqueue(null)).rejects.toMatchObject({ code: 'ERR_JOBS_UNAVAILABLE', status: 503 })
      expect(await jobs.close({ timeout: 1500, grace: 0 })).toEqual({ released: 1 })
    } finally {
      for (const node of cluster.nodes) node.thaw()
    }
  }, 60_000)

  it('[JO-1] a client of one server of a cluster is refused by what it has to be', async () => {
    // Whichever queue it is, two of the three servers do not have it.
    const answers = await Promise.all(
      cluster.nodes.map(async ({ url }) => {
        const jobs = createJobs({ redis: url, prefix: prefix(), redisTimeout: '5s' })
        const queue = jobs.define('q')
        const answer = async (): Promise<unknown> =>
          queue.enqueue(null).catch((error: { code: string }) => error.code !== 'ERR_JOBS_UNAVAILABLE' && error)
        const found = await until(answer, { within: 20_000 })
        await jobs.close({ timeout: 1000 })
        return found
      }),
    )
    const errors = answers.flatMap((answer) => (answer instanceof Error ? [answer.message] : []))
    expect(errors).toHaveLength(2)
    for (const error of errors) expect(error).toMatch(/`redis` must be a `Cluster` of ioredis/)
  }, 60_000)
})
