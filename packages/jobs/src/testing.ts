import type { Jobs } from './create-jobs.js'
import { UnrecoverableJobError } from './errors.js'

/** What the suite needs of a test runner. */
export interface JobsContractOptions {
  /** Makes jobs without any in them; the suite closes them. */
  create(): Promise<Jobs> | Jobs
  /** Declares a test. */
  it(title: string, run: () => Promise<void>): void
  /** Begins each title. @defaultValue `''` */
  prefix?: string
}

/** What every driver has to do, as tests. Needs no more of a runner than `it`; what is wrong throws. */
export function jobsContract({ create, it, prefix = '' }: JobsContractOptions): void {
  const test = (title: string, run: (jobs: Jobs) => Promise<void>): void =>
    it(`${prefix}${title}`, async () => {
      const jobs = await create()
      try {
        await run(jobs)
      } finally {
        await jobs.close({ timeout: 2000, grace: 0 })
      }
    })
  const fast = { type: 'fixed', delay: 10 } as const

  test('runs a job with its data and keeps the result', async (jobs) => {
    const queue = jobs.define<{ a: number }>('q', ({ a }) => ({ sum: a + 1 }))
    await jobs.start()
    const { id } = await until(() => queue.enqueue({ a: 1 }))
    await until(async () => (await queue.get(id))?.state === 'completed')
    equal(JSON.stringify((await queue.get(id))?.result), '{"sum":2}', 'result')
  })
  test('tries again after a failure, then completes', async (jobs) => {
    const attempts: number[] = []
    const queue = jobs.define('q', { attempts: 3, backoff: fast }, (_data, { attempt }) => {
      attempts.push(attempt)
      if (attempt < 3) throw new TypeError('not yet')
    })
    await jobs.start()
    const { id } = await until(() => queue.enqueue(null))
    await until(async () => (await queue.get(id))?.state === 'completed')
    equal(attempts.join(), '1,2,3', 'attempts')
  })
  test('makes a dead letter with the last error, and replays it', async (jobs) => {
    let isBroken = true
    const queue = jobs.define('q', { attempts: 2, backoff: fast }, () => {
      if (isBroken) throw new TypeError('broken')
    })
    await jobs.start()
    const { id } = await until(() => queue.enqueue(null))
    const dead = await until(async () => (await queue.list('dead'))[0])
    equal(`${dead.id} ${dead.error} ${dead.attempts}`, `${id} TypeError: broken 2`, 'dead letter')
    isBroken = false
    equal(await queue.replay(id), true, 'replayed')
    await until(async () => (await queue.get(id))?.state === 'completed')
  })
  test('an unrecoverable error stops at once', async (jobs) => {
    const queue = jobs.define('q', { attempts: 5, backoff: fast }, () => {
      throw new UnrecoverableJobError('no use')
    })
    await jobs.start()
    const { id } = await until(() => queue.enqueue(null))
    await until(async () => (await queue.get(id))?.state === 'dead')
    equal((await queue.get(id))?.attempts, 1, 'attempts')
  })
  test('runs by priority, and the same in order of arrival', async (jobs) => {
    const order: string[] = []
    const queue = jobs.define<string>('q', { concurrency: 1 }, (name) => void order.push(name))
    await until(() => queue.enqueue('a'))
    await queue.enqueue('low', { priority: -5 })
    await queue.enqueue('high', { priority: 5 })
    await queue.enqueue('b')
    await jobs.start()
    await until(() => order.length === 4)
    equal(order.join(), 'high,a,b,low', 'order')
  })
  test('holds a delayed job back', async (jobs) => {
    const queue = jobs.define('q', () => 'ran')
    await jobs.start()
    const { id } = await until(() => queue.enqueue(null, { delay: '1h' }))
    equal((await queue.get(id))?.state, 'delayed', 'state')
    const soon = await queue.enqueue(null, { delay: 50 })
    await until(async () => (await queue.get(soon.id))?.state === 'completed')
    equal((await queue.counts()).delayed, 1, 'delayed')
  })
  test('makes one job of an idempotency key', async (jobs) => {
    let runs = 0
    const queue = jobs.define('q', () => void runs++)
    await until(() => queue.counts())
    const made = await Promise.all(Array.from({ length: 100 }, () => queue.enqueue(null, { idempotencyKey: 'once' })))
    equal(made.filter(({ isDuplicate }) => !isDuplicate).length, 1, 'made')
    await jobs.start()
    await until(async () => (await queue.counts()).completed === 1)
    equal(runs, 1, 'runs')
  })
  test('keeps progress', async (jobs) => {
    let finish!: () => void
    const queue = jobs.define('q', async (_data, job) => {
      await job.progress({ done: 3 })
      await new Promise<void>((resolve) => (finish = resolve))
    })
    await jobs.start()
    const { id } = await until(() => queue.enqueue(null))
    await until(async () => JSON.stringify((await queue.get(id))?.progress) === '{"done":3}')
    equal((await queue.get(id))?.state, 'active', 'state')
    finish()
    await until(async () => (await queue.get(id))?.state === 'completed')
  })
  test('an attempt that takes too long gets its signal and has failed', async (jobs) => {
    let isAborted = false
    const queue = jobs.define('q', { attempts: 1, timeout: 50 }, (_data, { signal }) => {
      signal.addEventListener('abort', () => (isAborted = true))
      return new Promise(() => undefined)
    })
    await jobs.start()
    const { id } = await until(() => queue.enqueue(null))
    await until(async () => (await queue.get(id))?.state === 'dead')
    equal(isAborted, true, 'signal')
  })
  test('makes jobs by a schedule', async (jobs) => {
    const found: (string | undefined)[] = []
    const queue = jobs.define('q', (_data, { schedule }) => void found.push(schedule))
    await jobs.start()
    await until(() => queue.counts())
    await queue.schedule('tick', { cron: '* * * * * *', timeZone: 'Europe/Berlin' }, null)
    await until(() => found.length >= 1)
    equal(found[0], 'tick', 'schedule')
    equal((await queue.schedules())[0]?.timeZone, 'Europe/Berlin', 'time zone')
    equal(await queue.unschedule('tick'), true, 'unscheduled')
  })
  test('refuses data that are no JSON, by code', async (jobs) => {
    const queue = jobs.define<unknown>('q')
    const code = await queue.enqueue(1n).catch((error: { code?: string }) => error.code)
    equal(code, 'ERR_JOBS_DATA', 'code')
  })
  test('refuses everything once it is closed, by code', async (jobs) => {
    const queue = jobs.define('q')
    await jobs.close({ timeout: 1000 })
    const code = await queue.enqueue(null).catch((error: { code?: string }) => error.code)
    equal(code, 'ERR_JOBS_CLOSED', 'code')
  })
}

function equal(found: unknown, expected: unknown, what: string): void {
  if (found !== expected) throw new Error(`${what}: expected ${String(expected)}, found ${String(found)}`)
}

async function until<T>(condition: () => T | Promise<T>): Promise<NonNullable<T>> {
  const end = performance.now() + 20_000
  let cause: unknown
  for (;;) {
    try {
      const value = await condition()
      if (value) return value
    } catch (error) {
      cause = error
    }
    if (performance.now() > end) throw new Error('it did not come true within 20 s', { cause })
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
