import { describe, expect, it } from '@jest/globals'
import { channels, type JobQueueMessage } from '@hardening/core'
import { FakeClock, flush } from '@hardening/test-utils'
import { z } from 'zod'
import { backoffDelay, resolveBackoff } from '../src/backoff.js'
import { repeatStrategy } from '../src/bullmq/bullmq-queue.js'
import { createJobs, type CreateJobsOptions, type QueueOptions } from '../src/index.js'
import { nextRun, resolveSchedule } from '../src/schedule.js'

describe('delays between attempts', () => {
  it.each([
    [{ type: 'exponential', delay: 100, max: 1000 }, [100, 200, 400, 800, 1000]],
    [{ type: 'linear', delay: 100, max: 350 }, [100, 200, 300, 350, 350]],
    [{ type: 'fixed', delay: 100 }, [100, 100, 100, 100, 100]],
  ] as const)('[JO-1] 4.3.3 %j', (options, expected) => {
    const backoff = resolveBackoff('define', 'backoff', { ...options, jitter: 0 })
    expect(expected.map((_, at) => backoffDelay(backoff, at + 1, () => 0.99))).toEqual(expected)
  })

  it('[JO-1] 4.3.3 chance takes its share and no more', () => {
    const backoff = resolveBackoff('define', 'backoff', { delay: 100, jitter: 0.3 })
    expect(backoffDelay(backoff, 2, () => 0)).toBe(200)
    expect(backoffDelay(backoff, 2, () => 0.5)).toBe(170)
    expect(backoffDelay(backoff, 2, () => 1)).toBe(140)
  })

  it('[JO-1] 4.3.3 the embedded driver keeps to them to the millisecond', async () => {
    const clock = new FakeClock()
    const from = clock.now()
    const jobs = createJobs({ clock, random: () => 0.5 })
    const begun: number[] = []
    const queue = jobs.define('q', { attempts: 4, backoff: { delay: 1000, jitter: 0.5 } }, () => {
      begun.push(clock.now() - from)
      throw new Error('no')
    })
    await jobs.start()
    const { id } = await queue.enqueue(null)
    await clock.advance(60_000)
    await flush()
    expect(begun).toEqual([0, 750, 2250, 5250])
    expect(await queue.get(id)).toMatchObject({ state: 'dead', attempts: 4, error: 'Error: no' })
    await jobs.close()
  })
})

describe('schedules', () => {
  const at = (text: string): number => Date.parse(text)
  // Berlin goes forward at 02:00 on 29 March 2026 and back at 03:00 on 25 October 2026.
  it.each([
    ['a gap, in it', '30 2 * * *', '2026-03-28T12:00Z', ['2026-03-29T01:00Z', '2026-03-30T00:30Z']],
    ['a gap, at its start', '0 2 * * *', '2026-03-28T12:00Z', ['2026-03-29T01:00Z', '2026-03-30T00:00Z']],
    ['a gap, before it', '30 1 * * *', '2026-03-28T12:00Z', ['2026-03-29T00:30Z', '2026-03-29T23:30Z']],
    ['twice the same hour', '30 2 * * *', '2026-10-24T12:00Z', ['2026-10-25T00:30Z', '2026-10-26T01:30Z']],
    ['every day at midnight', '0 0 * * *', '2026-10-24T12:00Z', ['2026-10-24T22:00Z', '2026-10-25T23:00Z']],
    ['every hour across the gap', '0 * * * *', '2026-03-29T00:30Z', ['2026-03-29T01:00Z', '2026-03-29T02:00Z']],
  ])('[JO-1] 4.3.7 %s: the same moments in both drivers', (_what, cron, from, expected) => {
    const spec = resolveSchedule({ cron, timeZone: 'Europe/Berlin' })
    const first = nextRun(spec, at(from)) ?? 0
    const found = [first, nextRun(spec, first) ?? 0]
    expect(found.map((time) => new Date(time).toISOString().replace(':00.000Z', 'Z'))).toEqual(expected)
    const bull = repeatStrategy(at(from), { pattern: cron, tz: 'Europe/Berlin' }) ?? 0
    expect([bull, repeatStrategy(bull, { pattern: cron, tz: 'Europe/Berlin' })]).toEqual(found)
  })

  it('[JO-1] 4.3.7 the embedded driver fires once at each time, also after a long pause', async () => {
    const clock = new FakeClock(at('2026-03-28T12:00Z'))
    const jobs = createJobs({ clock })
    const fired: string[] = []
    const queue = jobs.define('q', () => void fired.push(new Date(clock.now()).toISOString()))
    await jobs.start()
    await queue.schedule('nightly', { cron: '0 3 * * *', timeZone: 'Europe/Berlin' }, null)
    await clock.advance(2 * 86_400_000)
    await flush()
    expect(fired).toEqual(['2026-03-29T01:00:00.000Z', '2026-03-30T01:00:00.000Z'])
    await jobs.close()
  })

  it.each([
    [{}],
    [{ cron: '* * * * *', every: '1m' }],
    [{ cron: 'every day' }],
    [{ cron: '0 0 30 2 *' }],
    [{ every: 10 }],
    [{ every: '1m', timeZone: 'UTC' }],
    [{ cron: '* * * * *', timeZone: 'Mars/Olympus' }],
    [{ cron: '* * * * *', tz: 'UTC' }],
  ])('[JO-1] refuses the schedule %j', (options) => {
    expect(() => resolveSchedule(options as never)).toThrow(expect.objectContaining({ code: 'ERR_CONFIG_INVALID' }))
  })
})

describe('the bound of the embedded queue', () => {
  it('[JO-1] 4.3.8 is never exceeded, refuses with 503, and is free again when jobs end', async () => {
    const jobs = createJobs()
    const queue = jobs.define<number>('q', { maxQueued: 3 }, () => undefined)
    await queue.enqueue(1)
    await queue.enqueue(2, { delay: '1h' })
    await expect(queue.enqueueMany([3, 4])).rejects.toMatchObject({ code: 'ERR_JOBS_QUEUE_FULL', status: 503 })
    expect(await queue.counts()).toMatchObject({ waiting: 1, delayed: 1 })
    await queue.enqueue(3)
    await expect(queue.enqueue(4)).rejects.toMatchObject({
      code: 'ERR_JOBS_QUEUE_FULL',
      headers: { 'Retry-After': '5' },
    })
    await jobs.start()
    while ((await queue.counts()).completed < 2) await flush()
    await queue.enqueue(4)
    await jobs.close()
  })
})

describe('what is told', () => {
  it('[JO-1] 4.3.8 depth, active and dead jobs every few seconds, while somebody listens', async () => {
    const clock = new FakeClock()
    const jobs = createJobs({ clock, countEvery: '5s' })
    const queue = jobs.define<string>('counted', { attempts: 1, concurrency: 1 }, (data) => {
      if (data === 'bad') throw new Error('bad')
      return new Promise(() => undefined)
    })
    const told: JobQueueMessage[] = []
    const listener = (message: JobQueueMessage): void => void told.push(message)
    channels.jobQueue.subscribe(listener)
    try {
      await jobs.start()
      await queue.enqueueMany(['bad', 'long', 'next', 'next'])
      await queue.enqueue('later', { delay: '1h' })
      await clock.advance(5000)
      expect(told).toEqual([{ queue: 'counted', waiting: 2, delayed: 1, active: 1, completed: 0, dead: 1 }])
      await clock.advance(5000)
      expect(told).toHaveLength(2)
    } finally {
      channels.jobQueue.unsubscribe(listener)
      const closing = jobs.close({ timeout: 10, grace: 0 })
      await clock.advance(20)
      await closing
    }
    expect(clock.pending).toBe(0)
  })

  it('[JO-1] 4.3.8 every event of a job, with how long it waited and took', async () => {
    const clock = new FakeClock()
    const jobs = createJobs({ clock, random: () => 0 })
    const queue = jobs.define('told', { attempts: 2, backoff: { delay: 1000 } }, async (_data, job) => {
      await new Promise<void>((resolve) => clock.setTimeout(resolve, 200))
      if (job.attempt === 1) throw new Error('first')
    })
    const told: string[] = []
    const listener = ({
      queue: name,
      event,
      durationMs,
      waitMs,
    }: { queue: string; event: string } & Record<string, unknown>) => {
      if (name === 'told') told.push(`${event} ${Number(durationMs ?? waitMs ?? -1)}`.replace(' -1', ''))
    }
    channels.job.subscribe(listener as never)
    await jobs.start()
    await queue.enqueue(null)
    await clock.advance(5000)
    channels.job.unsubscribe(listener as never)
    expect(told).toEqual(['enqueued', 'started 0', 'failed 200', 'retrying', 'started 0', 'completed 200'])
    await jobs.close()
  })
})

describe('the embedded driver', () => {
  it('[JO-1] forgets finished jobs by age, and keys after their time', async () => {
    const clock = new FakeClock()
    const jobs = createJobs({ clock })
    const queue = jobs.define('q', { keepCompleted: { age: '1m' }, idempotencyTtl: '1h' }, () => 'x')
    await jobs.start()
    const { id } = await queue.enqueue(null, { idempotencyKey: 'k' })
    await flush()
    expect((await queue.get(id))?.state).toBe('completed')
    await clock.advance(60_001)
    expect(await queue.get(id)).toBeUndefined()
    expect((await queue.enqueue(null, { idempotencyKey: 'k' })).isDuplicate).toBe(true)
    await clock.advance(3_600_000)
    expect((await queue.enqueue(null, { idempotencyKey: 'k' })).isDuplicate).toBe(false)
    await jobs.close()
  })

  it('[JO-1] jobs of years ahead do not wake it at once', async () => {
    const clock = new FakeClock()
    const jobs = createJobs({ clock, countEvery: '1d' })
    let runs = 0
    const queue = jobs.define('q', () => void runs++)
    await jobs.start()
    await queue.enqueue(null, { delay: '300d' })
    await clock.advance(299 * 86_400_000)
    expect(runs).toBe(0)
    await clock.advance(86_400_000)
    await flush()
    expect(runs).toBe(1)
    await jobs.close()
  })

  it('[JO-1] takes a Zod schema, and its refusal names the field', async () => {
    const jobs = createJobs()
    const queue = jobs.define('q', { schema: z.object({ to: z.email(), times: z.number().default(1) }) })
    await expect(queue.enqueue({ to: 'nobody' } as never)).rejects.toMatchObject({
      code: 'ERR_JOBS_DATA',
      status: 400,
      issues: [{ pointer: '/to' }],
    })
    const { id } = await queue.enqueue({ to: 'a@example.com' } as never)
    expect((await queue.get(id))?.data).toEqual({ to: 'a@example.com', times: 1 })
    await jobs.close()
  })
})

describe('options', () => {
  const refused = { code: 'ERR_CONFIG_INVALID' }
  it.each<[unknown]>([
    [{ prefix: '' }],
    [{ prefix: 'a b' }],
    [{ redisTimeout: 0 }],
    [{ lock: '10ms' }],
    [{ countEvery: 1 }],
    [{ random: 0.5 }],
    [{ driver: 'bullmq' }],
    [{ redis: '' }],
    [{ redis: 'localhost:6379' }],
    [{ redis: 'http://localhost' }],
    [{ redis: 6379 }],
    [{ redis: { host: 'localhost' } }],
    [{ redis: { isReady: true, duplicate: null, disconnect: null } }],
  ])('[JO-1] createJobs refuses %j', (options) => {
    expect(() => createJobs(options as CreateJobsOptions)).toThrow(expect.objectContaining(refused))
  })

  it('[JO-1] 4.3.9 the job of a dead worker is back within 60 s, whatever is asked for', () => {
    expect(() => createJobs({ lock: '41s' })).toThrow(/lock/)
    // A look for such jobs every half of it.
    expect(() => createJobs({ lock: '40s' })).not.toThrow()
  })

  it('[JO-1] a text that is no URL is not told, since it may be a secret', () => {
    expect(() => createJobs({ redis: 'canary-password' })).toThrow(/createJobs: `redis` must be a URL such as/)
    expect(() => createJobs({ redis: 'canary-password' })).not.toThrow(/canary/)
  })

  it.each<[unknown]>([
    [{ attempts: 0 }],
    [{ concurrency: 1.5 }],
    [{ timeout: -1 }],
    [{ backoff: { type: 'random' } }],
    [{ backoff: { jitter: 2 } }],
    [{ backoff: { delay: '2h', max: '1h' } }],
    [{ rate: { limit: 0, per: '1s' } }],
    [{ rate: { limit: 1, within: '1s' } }],
    [{ schema: {} }],
    [{ isRetryable: true }],
    [{ idempotencyKey: 'id' }],
    [{ idempotencyTtl: 1 }],
    [{ maxDataSize: 'big' }],
    [{ maxQueued: 0 }],
    [{ keepCompleted: { count: -1 } }],
    [{ keepDead: { days: 1 } }],
    [{ retries: 3 }],
  ])('[JO-1] define refuses %j', (options) => {
    const jobs = createJobs()
    expect(() => jobs.define('q', options as QueueOptions)).toThrow(expect.objectContaining(refused))
  })

  it('[JO-1] undefined means omitted', async () => {
    const jobs = createJobs({ redis: undefined, prefix: undefined, clock: undefined } as never)
    const queue = jobs.define('q', { attempts: undefined, backoff: undefined, timeout: undefined } as never)
    const { id } = await queue.enqueue(null, { delay: undefined, priority: undefined } as never)
    expect(await queue.get(id)).toMatchObject({ state: 'waiting', maxAttempts: 3, priority: 0 })
    expect(jobs).toMatchObject({ driver: 'embedded', durable: false })
    await jobs.close()
  })

  it.each(['', 'a b', 'a:b', 'x'.repeat(65), 5])('[JO-1] refuses the name %j', (name) => {
    expect(() => createJobs().define(name as string)).toThrow(expect.objectContaining(refused))
  })
})
