import { createTraceContext, currentContext, runInContext } from '@hardening/core'
import { UnrecoverableJobError } from '../errors.js'
import { codeOf, equal, fast, until, type Case } from './support.js'

/** How jobs run. */
export function runningCases(test: Case): void {
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
    equal(await codeOf(() => queue.enqueue(1n)), 'ERR_JOBS_DATA', 'code')
  })
  test('refuses everything once it is closed, by code', async (jobs) => {
    const queue = jobs.define('q')
    await jobs.close({ timeout: 1000 })
    equal(await codeOf(() => queue.enqueue(null)), 'ERR_JOBS_CLOSED', 'code')
  })
  test('gives the handler its id, queue and attempt', async (jobs) => {
    const found: string[] = []
    const queue = jobs.define('named', { attempts: 4 }, (_data, job) => {
      found.push(job.id, job.queue, `${job.attempt} of ${job.maxAttempts}`)
    })
    await jobs.start()
    const { id } = await until(() => queue.enqueue(null))
    await until(() => found.length === 3)
    equal(found.join(), [id, 'named', '1 of 4'].join(), 'job')
  })
  test('runs what was enqueued before the start, and queues that are named after it', async (jobs) => {
    const ran: string[] = []
    const early = jobs.define('early', () => void ran.push('early'))
    await until(() => early.enqueue(null))
    await jobs.start()
    await until(() => ran.length === 1)
    const late = jobs.define('late', () => void ran.push('late'))
    await late.enqueue(null)
    await until(() => ran.length === 2)
    equal(ran.join(), 'early,late', 'ran')
  })
  test('runs as many side by side as it may, and no more', async (jobs) => {
    let running = 0
    let most = 0
    const release: (() => void)[] = []
    const queue = jobs.define('q', { concurrency: 3 }, async () => {
      most = Math.max(most, ++running)
      await new Promise<void>((resolve) => release.push(resolve))
      running--
    })
    await jobs.start()
    await until(() => queue.enqueueMany(Array.from({ length: 8 }, () => null)))
    for (let ended = 0; ended < 8; ended++) await until(() => release.shift()?.() === undefined && running <= 3)
    await until(async () => {
      release.shift()?.()
      return (await queue.counts()).completed === 8
    })
    equal(most, 3, 'side by side')
  })
  test('starts no more in a span of time than the rate allows', async (jobs) => {
    let runs = 0
    const queue = jobs.define('q', { rate: { limit: 2, per: '1h' } }, () => void runs++)
    await until(() => queue.counts())
    await queue.enqueueMany([1, 2, 3, 4])
    await jobs.start()
    await until(async () => (await queue.counts()).completed === 2)
    equal(runs, 2, 'runs')
    equal((await queue.counts()).completed, 2, 'completed')
  })
  test('holds jobs while it is paused', async (jobs) => {
    const queue = jobs.define('q', () => 'ran')
    await jobs.start()
    await until(() => queue.counts())
    await queue.pause()
    const { id } = await queue.enqueue(null)
    equal((await queue.get(id))?.state, 'waiting', 'state')
    await queue.resume()
    await until(async () => (await queue.get(id))?.state === 'completed')
  })
  test('takes the attempts of the job before those of the queue', async (jobs) => {
    const queue = jobs.define('q', { attempts: 5, backoff: fast }, () => {
      throw new Error('no')
    })
    await jobs.start()
    const { id } = await until(() => queue.enqueue(null, { attempts: 2 }))
    await until(async () => (await queue.get(id))?.state === 'dead')
    equal((await queue.get(id))?.attempts, 2, 'attempts')
  })
  test('asks isRetryable whether to try again', async (jobs) => {
    const queue = jobs.define<string>(
      'q',
      { attempts: 3, backoff: fast, isRetryable: (error) => error instanceof TypeError },
      (kind) => {
        throw kind === 'type' ? new TypeError('t') : new RangeError('r')
      },
    )
    await jobs.start()
    const range = await until(() => queue.enqueue('range'))
    const type = await queue.enqueue('type')
    await until(async () => (await queue.counts()).dead === 2)
    equal((await queue.get(range.id))?.attempts, 1, 'attempts that are not')
    equal((await queue.get(type.id))?.attempts, 3, 'attempts that are')
  })
  test('waits between attempts as the backoff says', async (jobs) => {
    const queue = jobs.define('q', { backoff: { type: 'linear', delay: '1h', max: '2h', jitter: 0 } }, () => {
      throw new Error('no')
    })
    await jobs.start()
    const from = Date.now()
    const { id } = await until(() => queue.enqueue(null))
    const view = await until(async () => {
      const found = await queue.get(id)
      return found?.state === 'delayed' ? found : undefined
    })
    const wait = (view.runAt ?? 0) - from
    equal(wait >= 3_600_000 && wait <= 3_600_000 + (Date.now() - from), true, `due after ${wait} ms, an hour`)
    equal(view.error, 'Error: no', 'error')
  })
  test('a timeout is tried again like any failure', async (jobs) => {
    const queue = jobs.define('q', { attempts: 2, timeout: 50, backoff: fast }, (_data, { attempt }) =>
      attempt === 1 ? new Promise(() => undefined) : 'second',
    )
    await jobs.start()
    const { id } = await until(() => queue.enqueue(null))
    await until(async () => (await queue.get(id))?.state === 'completed')
    equal((await queue.get(id))?.attempts, 2, 'attempts')
  })
  test('runs in the context of the request that enqueued it', async (jobs) => {
    const found: (string | undefined)[] = []
    const queue = jobs.define('q', async (_data, { context }) => {
      await Promise.resolve()
      found.push(context.requestId, currentContext()?.requestId, currentContext()?.trace.traceId)
    })
    await jobs.start()
    await until(() => queue.counts())
    const trace = createTraceContext()
    const context = {
      requestId: 'req-1',
      trace,
      startedAt: 0,
      user: 'u1',
      tenant: undefined,
      signal: new AbortController().signal,
    }
    await runInContext(context, () => queue.enqueue(null))
    await until(() => found.length === 3)
    equal(found.join(), `req-1,req-1,${trace.traceId}`, 'context')
  })
  test('two queues do not mix', async (jobs) => {
    const ran: string[] = []
    const one = jobs.define<string>('one', (data) => void ran.push(`one ${data}`))
    const two = jobs.define<string>('two', (data) => void ran.push(`two ${data}`))
    await jobs.start()
    await until(() => one.enqueue('a', { idempotencyKey: 'same' }))
    await two.enqueue('b', { idempotencyKey: 'same' })
    await until(() => ran.length === 2)
    equal(ran.toSorted().join(), 'one a,two b', 'ran')
  })
  test('after stop nothing is begun here, and what is enqueued waits', async (jobs) => {
    const ran: string[] = []
    const queue = jobs.define<string>('q', (data) => void ran.push(data))
    await jobs.start()
    await until(() => queue.enqueue('before'))
    await until(() => ran.length === 1)
    const stopping = jobs.stop({ timeout: 2000 })
    equal(jobs.stop(), stopping, 'second stop')
    equal((await stopping).released, 0, 'released')
    const { id } = await queue.enqueue('after')
    equal(await codeOf(() => jobs.start()), 'ERR_JOBS_CLOSED', 'start after stop')
    await new Promise((resolve) => setTimeout(resolve, 100))
    equal((await queue.get(id))?.state, 'waiting', 'state')
    equal(ran.join(), 'before', 'ran')
  })
  test('stop fires the signals of what runs and puts it back', async (jobs) => {
    let reason: unknown
    let isRunning = false
    const queue = jobs.define('q', async (_data, { signal }) => {
      isRunning = true
      signal.addEventListener('abort', () => (reason = signal.reason))
      await new Promise(() => undefined)
    })
    await jobs.start()
    const { id } = await until(() => queue.enqueue(null))
    await until(() => isRunning)
    equal((await jobs.stop({ timeout: 400, grace: 0 })).released, 1, 'released')
    equal((reason as { code?: string }).code, 'ERR_JOBS_ABORTED', 'reason')
    await until(async () => (await queue.get(id))?.state === 'waiting')
    equal((await jobs.close({ timeout: 2000 })).released, 1, 'released by close')
  })
  test('close fires the signals of what runs, and may be called twice', async (jobs) => {
    let reason: unknown
    let isRunning = false
    const queue = jobs.define(
      'q',
      (_data, { signal }) =>
        new Promise((_resolve, reject) => {
          isRunning = true
          signal.addEventListener('abort', () => {
            reason = signal.reason
            reject(signal.reason as Error)
          })
        }),
    )
    await jobs.start()
    await until(() => queue.enqueue(null))
    await until(() => isRunning)
    const closing = jobs.close({ timeout: 2000, grace: 0 })
    equal(jobs.close(), closing, 'second close')
    await closing
    equal((reason as { code?: string }).code, 'ERR_JOBS_ABORTED', 'reason')
  })
}
