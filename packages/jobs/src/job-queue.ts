import { createHash } from 'node:crypto'
import { ConfigError, createRequestId, integerOption, rejectUnknownOptions } from '@hardening/core'
import { encodeData } from './data.js'
import type { DriverQueue, NewJob } from './driver.js'
import { JobDataError } from './errors.js'
import type { EnqueuedJob, JobCounts, JobPage, JobState, JobView, ScheduleView } from './job.js'
import { currentOrigin } from './origin.js'
import { resolveEnqueueOptions, type EnqueueOptions, type QueueSettings } from './queue-options.js'
import { tell } from './runner.js'
import { resolveSchedule, type ScheduleOptions } from './schedule.js'

/** The jobs of one name. */
export interface JobQueue<Data = unknown, Result = unknown> {
  readonly name: string
  /**
   * Hands a job over.
   *
   * @throws JobDataError `ERR_JOBS_DATA`, JobQueueFullError `ERR_JOBS_QUEUE_FULL`, JobsUnavailableError
   * `ERR_JOBS_UNAVAILABLE`, JobsClosedError `ERR_JOBS_CLOSED`
   */
  enqueue(data: Data, options?: EnqueueOptions): Promise<EnqueuedJob>
  /** Hands several jobs over at once, with the same options but for idempotency keys. */
  enqueueMany(data: readonly Data[], options?: Omit<EnqueueOptions, 'idempotencyKey'>): Promise<EnqueuedJob[]>
  /** A job as it stands; `undefined` where it is not kept. */
  get(id: string): Promise<JobView<Data, Result> | undefined>
  /** Jobs in a state: those that wait in the order of their turn, finished ones with the newest first. */
  list(state: JobState, page?: JobPage): Promise<JobView<Data, Result>[]>
  counts(): Promise<JobCounts>
  /** Takes a job out, unless it is running. */
  remove(id: string): Promise<boolean>
  /** Puts a dead letter back to be run, with all its attempts. */
  replay(id: string): Promise<boolean>
  /** Puts all dead letters back. @returns how many */
  replayAll(): Promise<number>
  /** Starts no further job until {@link JobQueue.resume}, in any process. */
  pause(): Promise<void>
  resume(): Promise<void>
  /** Makes a job at given times, one in all processes; the same id again changes the schedule. @throws ConfigError */
  schedule(id: string, when: ScheduleOptions, data: Data): Promise<void>
  unschedule(id: string): Promise<boolean>
  schedules(): Promise<ScheduleView[]>
}

const nothing = {} as const

/** The public side of a queue of any driver. `enter` refuses what may not be done now. */
export function createJobQueue<Data, Result>(
  settings: QueueSettings,
  driver: DriverQueue,
  enter: () => Promise<void> | void,
): JobQueue<Data, Result> {
  const { name, schema, maxDataBytes } = settings

  function prepare(data: unknown, options: EnqueueOptions): NewJob | Promise<NewJob> {
    const { delayMs, priority, maxAttempts } = resolveEnqueueOptions(options, settings)
    const key = options.idempotencyKey ?? settings.idempotencyKey?.(data)
    if (key !== undefined && (typeof key !== 'string' || key === '')) {
      throw new JobDataError(name, [{ pointer: '', message: 'must have an idempotency key that is not empty' }])
    }
    const isKeyed = key !== undefined
    const id = isKeyed ? `k${hash(key)}` : `j${createRequestId()}`
    const origin = currentOrigin()
    const json = encodeData(name, data, schema, maxDataBytes)
    if (typeof json === 'string') return { id, json, origin, priority, delayMs, maxAttempts, isKeyed }
    return json.then((text) => ({ id, json: text, origin, priority, delayMs, maxAttempts, isKeyed }))
  }

  // Waits for nothing that is there already: in the process a job costs one promise.
  async function enqueue(data: unknown, options: EnqueueOptions = {}): Promise<EnqueuedJob> {
    const prepared = prepare(data, options)
    const job = prepared instanceof Promise ? await prepared : prepared
    const entering = enter()
    if (entering !== undefined) await entering
    const adding = driver.add([job])
    const [added] = (adding instanceof Promise ? await adding : adding) as [EnqueuedJob]
    if (!added.isDuplicate) tell(name, added.id, 'enqueued', nothing)
    return added
  }

  async function enqueueMany(data: readonly unknown[], options: EnqueueOptions = {}): Promise<EnqueuedJob[]> {
    const jobs = await Promise.all(data.map(async (item) => prepare(item, options)))
    await enter()
    const added = await driver.add(jobs)
    for (const { id, isDuplicate } of added) if (!isDuplicate) tell(name, id, 'enqueued', nothing)
    return added
  }

  return {
    name,
    enqueue,
    enqueueMany,
    get: async (id) => (await enter(), driver.get(id)) as Promise<JobView<Data, Result> | undefined>,
    list: async (state, page = {}) => {
      rejectUnknownOptions('list', page, ['offset', 'limit'])
      const { offset = 0, limit = 50 } = page
      integerOption('list', 'offset', offset)
      integerOption('list', 'limit', limit, { min: 1, max: 1000 })
      await enter()
      return driver.list(state, { offset, limit }) as Promise<JobView<Data, Result>[]>
    },
    counts: async () => (await enter(), driver.counts()),
    remove: async (id) => (await enter(), driver.remove(id)),
    replay: async (id) => (await enter(), driver.replay(id)),
    async replayAll() {
      await enter()
      let count = 0
      for (;;) {
        const page = await driver.list('dead', { offset: 0, limit: 1000 })
        const replayed = await Promise.all(page.map(({ id }) => driver.replay(id)))
        const moved = replayed.filter(Boolean).length
        count += moved
        if (moved === 0) return count
      }
    },
    pause: async () => (await enter(), driver.pause()),
    resume: async () => (await enter(), driver.resume()),
    async schedule(id, when, data) {
      if (typeof id !== 'string' || !/^[\w.-]{1,64}$/.test(id)) {
        throw new ConfigError('schedule', 'id', '1 to 64 letters, digits, `.`, `_` and `-`', id)
      }
      const spec = resolveSchedule(when)
      const { json, priority, maxAttempts } = await prepare(data, { idempotencyKey: id })
      await enter()
      await driver.schedule(id, spec, { json, origin: undefined, priority, delayMs: 0, maxAttempts })
    },
    unschedule: async (id) => (await enter(), driver.unschedule(id)),
    schedules: async () => (await enter(), driver.schedules()),
  }
}

function hash(key: string): string {
  return createHash('sha256').update(key).digest('base64url').slice(0, 22)
}
