import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { FakeClock, startRedis, type RedisServer } from '@hardening/test-utils'
import { batch, createJobs } from '../src/index.js'
import { jobsContract } from '../src/testing.js'

describe('the embedded driver', () => {
  jobsContract({ it, prefix: '[JO-1] 4.3.1 embedded: ', create: () => createJobs() })
})

describe('the BullMQ driver', () => {
  let server: RedisServer
  let names = 0
  beforeAll(async () => {
    server = await startRedis({ args: ['--maxmemory-policy', 'noeviction'] })
  })
  afterAll(() => server.stop())
  jobsContract({
    it,
    prefix: '[JO-1] 4.3.1 BullMQ: ',
    create: () => createJobs({ redis: server.url, prefix: `t${++names}`, redisTimeout: '5s' }),
  })
})

describe('Redis that is dead', () => {
  it('[JO-1] 4.3.6 enqueue is refused by code, 503, and nothing is kept in the process; close is bounded', async () => {
    const server = await startRedis({ start: false })
    const jobs = createJobs({ redis: server.url })
    const queue = jobs.define('q', () => undefined)
    await jobs.start()
    await expect(queue.enqueue(null)).rejects.toMatchObject({ code: 'ERR_JOBS_UNAVAILABLE', status: 503 })
    await jobs.close({ timeout: 1000 })
    await server.stop()
  })
})

describe('batch', () => {
  it('[JO-2] hands on by size, and one failing item does not fail the others', async () => {
    const clock = new FakeClock()
    const add = batch<number, number>(
      async (items) => {
        if (items.includes(2)) throw new Error('two')
        return items.map((item) => item * 10)
      },
      { size: 4, clock },
    )
    const found = await Promise.allSettled([1, 2, 3, 4].map((item) => add.add(item)))
    expect(found.map((one) => (one.status === 'fulfilled' ? one.value : one.reason.message))).toEqual([
      10,
      'two',
      30,
      40,
    ])
  })

  it('[JO-2] hands on by interval', async () => {
    const clock = new FakeClock()
    const add = batch<number, number>(async (items) => items, { size: 4, interval: 50, clock })
    const found = add.add(1)
    await clock.advance(50)
    expect(await found).toBe(1)
  })
})
