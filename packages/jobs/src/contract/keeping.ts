import { codeOf, equal, fast, until, type Case } from './support.js'

/** What is known and kept of jobs, and what is refused. */
export function keepingCases(test: Case): void {
  test('hands several over at once, in their order', async (jobs) => {
    const order: number[] = []
    const queue = jobs.define<number>('q', { concurrency: 1 }, (data) => void order.push(data))
    const made = await until(() => queue.enqueueMany([1, 2, 3, 4, 5]))
    equal(new Set(made.map(({ id }) => id)).size, 5, 'ids')
    equal(
      made.some(({ isDuplicate }) => isDuplicate),
      false,
      'duplicates',
    )
    await jobs.start()
    await until(() => order.length === 5)
    equal(order.join(), '1,2,3,4,5', 'order')
  })
  test('tells which of several are duplicates', async (jobs) => {
    const queue = jobs.define<string>('q', { idempotencyKey: (data) => data })
    await until(() => queue.enqueue('a'))
    const made = await queue.enqueueMany(['a', 'b', 'b', 'c'])
    equal(made.map(({ isDuplicate }) => Number(isDuplicate)).join(), '1,0,1,0', 'duplicates')
    equal((await queue.counts()).waiting, 3, 'waiting')
  })
  test('a key holds after its job has ended, and names it', async (jobs) => {
    const queue = jobs.define('q', () => undefined)
    await jobs.start()
    const first = await until(() => queue.enqueue(null, { idempotencyKey: 'k' }))
    await until(async () => (await queue.get(first.id))?.state === 'completed')
    const second = await queue.enqueue(null, { idempotencyKey: 'k' })
    equal(`${second.id} ${second.isDuplicate}`, `${first.id} true`, 'second')
  })
  test('a key holds where completed jobs are not kept', async (jobs) => {
    let runs = 0
    const queue = jobs.define('q', { keepCompleted: { count: 0 } }, () => void runs++)
    await jobs.start()
    const first = await until(() => queue.enqueue(null, { idempotencyKey: 'k' }))
    await until(async () => runs === 1 && (await queue.get(first.id)) === undefined)
    equal((await queue.enqueue(null, { idempotencyKey: 'k' })).isDuplicate, true, 'duplicate')
  })
  test('removing a job takes it out and frees its key', async (jobs) => {
    let runs = 0
    const queue = jobs.define('q', () => void runs++)
    const { id } = await until(() => queue.enqueue(null, { idempotencyKey: 'k' }))
    equal(await queue.remove(id), true, 'removed')
    equal(await queue.remove(id), false, 'removed again')
    equal(await queue.get(id), undefined, 'found')
    equal((await queue.enqueue(null, { idempotencyKey: 'k' })).isDuplicate, false, 'duplicate')
    await jobs.start()
    await until(async () => (await queue.counts()).completed === 1)
    equal(runs, 1, 'runs')
  })
  test('does not remove what is running', async (jobs) => {
    let finish!: () => void
    const queue = jobs.define('q', () => new Promise<void>((resolve) => (finish = resolve)))
    await jobs.start()
    const { id } = await until(() => queue.enqueue(null))
    await until(async () => (await queue.get(id))?.state === 'active')
    equal(await queue.remove(id), false, 'removed')
    finish()
    await until(async () => (await queue.get(id))?.state === 'completed')
  })
  test('knows nothing of jobs that are not there', async (jobs) => {
    const queue = jobs.define('q')
    equal(
      await until(async () => ({ found: await queue.get('nobody') })).then(({ found }) => found),
      undefined,
      'found',
    )
    equal(await queue.remove('nobody'), false, 'removed')
    equal(await queue.replay('nobody'), false, 'replayed')
    equal(await queue.unschedule('nobody'), false, 'unscheduled')
  })
  test('lists what waits in the order of its turn, page by page', async (jobs) => {
    const queue = jobs.define<string>('q')
    await until(() => queue.enqueueMany(['a', 'b', 'c']))
    await queue.enqueue('first', { priority: 10 })
    await queue.enqueue('last', { priority: -10 })
    const names = async (offset: number, limit: number): Promise<string> =>
      (await queue.list('waiting', { offset, limit })).map(({ data }) => data).join()
    equal(await names(0, 10), 'first,a,b,c,last', 'all')
    equal(await names(1, 2), 'a,b', 'second page')
    equal(await names(5, 2), '', 'beyond')
  })
  test('lists finished jobs with the newest first', async (jobs) => {
    const queue = jobs.define<string>('q', { concurrency: 1 }, () => undefined)
    await jobs.start()
    for (const name of ['a', 'b', 'c']) {
      const { id } = await until(() => queue.enqueue(name))
      await until(async () => (await queue.get(id))?.state === 'completed')
    }
    equal((await queue.list('completed')).map(({ data }) => data).join(), 'c,b,a', 'order')
  })
  test('counts every state', async (jobs) => {
    const queue = jobs.define<string>('q', { attempts: 1, concurrency: 1 }, async (data) => {
      if (data === 'bad') throw new Error('bad')
      if (data === 'long') await new Promise(() => undefined)
    })
    await jobs.start()
    await until(() => queue.enqueue('good'))
    await queue.enqueue('bad')
    await queue.enqueue('long')
    await queue.enqueue('next')
    await queue.enqueue('later', { delay: '1h' })
    await until(async () => (await queue.counts()).active === 1 && (await queue.counts()).dead === 1)
    const { waiting, delayed, active, completed, dead } = await queue.counts()
    equal([waiting, delayed, active, completed, dead].join(), '1,1,1,1,1', 'counts')
  })
  test('tells times, priority and attempts of a job', async (jobs) => {
    const from = Date.now() - 1
    const queue = jobs.define('q', { attempts: 7 }, () => undefined)
    const { id } = await until(() => queue.enqueue(null, { priority: 4 }))
    const waiting = await queue.get(id)
    equal([waiting?.priority, waiting?.attempts, waiting?.maxAttempts].join(), '4,0,7', 'before')
    await jobs.start()
    await until(async () => (await queue.get(id))?.state === 'completed')
    const { createdAt = 0, startedAt = 0, finishedAt = 0 } = (await queue.get(id)) ?? {}
    equal(from <= createdAt && createdAt <= startedAt && startedAt <= finishedAt, true, 'times in order')
  })
  test('keeps the data as JSON has them', async (jobs) => {
    const queue = jobs.define<unknown>('q')
    const data = { text: 'ä\u2028😀', list: [1, null, true], nested: { __proto__x: 0.5 } }
    const { id } = await until(() => queue.enqueue({ ...data, left: undefined }))
    equal(JSON.stringify((await queue.get(id))?.data), JSON.stringify(data), 'data')
    const none = await queue.enqueue(undefined)
    equal((await queue.get(none.id))?.data, null, 'nothing')
  })
  test('leaves out a result that is no JSON or too large', async (jobs) => {
    const queue = jobs.define<string>('q', { maxDataSize: 100 }, (kind) =>
      kind === 'large' ? 'x'.repeat(200) : () => 1,
    )
    await jobs.start()
    await until(() => queue.enqueueMany(['large', 'function']))
    await until(async () => (await queue.counts()).completed === 2)
    equal((await queue.list('completed')).map(({ result }) => result).join(), ',', 'results')
  })
  test('refuses data that are too large, by code', async (jobs) => {
    const queue = jobs.define<string>('q', { maxDataSize: 100 })
    equal(await codeOf(() => queue.enqueue('é'.repeat(60))), 'ERR_JOBS_DATA', 'code')
  })
  test('checks data by the schema, and keeps what it makes of them', async (jobs) => {
    const validate = (value: unknown) =>
      typeof value === 'string' ? { value: value.trim() } : { issues: [{ message: 'must be text', path: ['a/b', 0] }] }
    const schema = { '~standard': { version: 1, vendor: 'contract', validate } } as const
    const queue = jobs.define<string>('q', { schema })
    const error = await queue.enqueue(5 as never).catch((reason: unknown) => reason)
    equal((error as { code?: string }).code, 'ERR_JOBS_DATA', 'code')
    equal((error as { issues: { pointer: string }[] }).issues[0]?.pointer, '/a~1b/0', 'pointer')
    const { id } = await until(() => queue.enqueue(' a '))
    equal((await queue.get(id))?.data, 'a', 'data')
  })
  test('refuses impossible options, by code', async (jobs) => {
    const queue = jobs.define('q')
    equal(await codeOf(() => queue.enqueue(null, { priority: 11 })), 'ERR_CONFIG_INVALID', 'priority')
    equal(await codeOf(() => queue.enqueue(null, { prio: 1 } as never)), 'ERR_CONFIG_INVALID', 'unknown')
    equal(await codeOf(() => queue.enqueue(null, { idempotencyKey: '' })), 'ERR_JOBS_DATA', 'key')
    equal(await codeOf(() => queue.list('waiting', { limit: 0 })), 'ERR_CONFIG_INVALID', 'page')
    equal(await codeOf(() => queue.schedule('s', { cron: 'never' }, null)), 'ERR_CONFIG_INVALID', 'schedule')
    equal(await codeOf(() => jobs.define('q')), 'ERR_CONFIG_INVALID', 'name twice')
  })
  test('keeps errors of any kind, without secrets', async (jobs) => {
    const queue = jobs.define<string>('q', { attempts: 1 }, (kind) => {
      // oxlint-disable-next-line no-throw-literal
      if (kind === 'text') throw 'just text'
      throw new Error('failed at postgres://app:hunter2@db/app')
    })
    await jobs.start()
    const text = await until(() => queue.enqueue('text'))
    const secret = await queue.enqueue('secret')
    await until(async () => (await queue.counts()).dead === 2)
    equal((await queue.get(text.id))?.error, 'just text', 'text')
    equal((await queue.get(secret.id))?.error?.includes('hunter2'), false, 'secret')
  })
  test('a replayed dead letter begins anew', async (jobs) => {
    const queue = jobs.define('q', { attempts: 2, backoff: fast }, () => {
      throw new Error('no')
    })
    await jobs.start()
    const { id } = await until(() => queue.enqueue(null))
    await until(async () => (await queue.get(id))?.state === 'dead')
    await queue.pause()
    equal(await queue.replay(id), true, 'replayed')
    const view = await queue.get(id)
    equal([view?.state, view?.attempts, view?.error, view?.finishedAt].join(), 'waiting,0,,', 'anew')
    await queue.resume()
    await until(async () => (await queue.get(id))?.state === 'dead')
    equal((await queue.get(id))?.attempts, 2, 'attempts')
  })
  test('replays all dead letters, and nothing else', async (jobs) => {
    let isBroken = true
    const queue = jobs.define('q', { attempts: 1 }, () => {
      if (isBroken) throw new Error('no')
    })
    await jobs.start()
    const made = await until(() => queue.enqueueMany([1, 2, 3]))
    await until(async () => (await queue.counts()).dead === 3)
    isBroken = false
    equal(await queue.replayAll(), 3, 'replayed')
    await until(async () => (await queue.counts()).completed === 3)
    equal(await queue.replay(made[0]?.id ?? ''), false, 'a completed job')
    equal(await queue.replayAll(), 0, 'none left')
  })
  test('forgets completed jobs beyond what is kept', async (jobs) => {
    let ran = 0
    const queue = jobs.define<number>('q', { concurrency: 1, keepCompleted: { count: 2 } }, () => void ran++)
    await until(() => queue.enqueueMany([1, 2, 3, 4, 5]))
    await jobs.start()
    await until(() => ran === 5)
    // Which ones: jobs that end in the same millisecond have no order.
    await until(async () => (await queue.list('completed')).length === 2 && (await queue.counts()).active === 0)
    equal((await queue.list('completed')).length, 2, 'kept')
  })
  test('the same schedule again changes it', async (jobs) => {
    const queue = jobs.define('q')
    await until(() => queue.counts())
    await queue.schedule('s', { every: '1h' }, null)
    await queue.schedule('s', { cron: '0 3 * * *', timeZone: 'Europe/Berlin' }, null)
    const found = await queue.schedules()
    equal(
      found.map(({ id, cron, everyMs, timeZone }) => [id, cron, everyMs, timeZone].join(' ')).join(),
      's 0 3 * * *  Europe/Berlin',
      'schedules',
    )
  })
  test('a distance is counted from 1970, the same in every process', async (jobs) => {
    const queue = jobs.define('q')
    await until(() => queue.counts())
    await queue.schedule('s', { every: '1h' }, null)
    const next = (await queue.schedules())[0]?.nextRunAt ?? 1
    equal(next % 3_600_000, 0, 'rest')
    equal(next > Date.now() && next <= Date.now() + 3_600_000, true, 'within the hour')
  })
  test('tells how it stands, also to a health check', async (jobs) => {
    const queue = jobs.define('q')
    await until(() => queue.enqueueMany([1, 2, 3]))
    equal((await jobs.status()).queues['q']?.waiting, 3, 'waiting')
    equal((await jobs.check({ warnAt: 4 }).check()).status, 'pass', 'below')
    equal((await jobs.check({ warnAt: 3 }).check()).status, 'warn', 'above')
  })
}
