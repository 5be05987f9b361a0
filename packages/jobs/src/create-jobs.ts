import {
  channels,
  ConfigError,
  durationOption,
  functionOption,
  rejectUnknownOptions,
  systemClock,
  type Clock,
  type Duration,
} from '@hardening/core'
import { createBullmqDriver } from './bullmq/bullmq-driver.js'
import type { JobsRedis } from './bullmq/connections.js'
import type { JobsDriver } from './driver.js'
import { createEmbeddedDriver } from './embedded/embedded-driver.js'
import { JobsClosedError } from './errors.js'
import { createJobQueue, type JobQueue } from './job-queue.js'
import type { JobCounts, JobHandler } from './job.js'
import { resolveQueueOptions, type QueueOptions } from './queue-options.js'
import { Runner } from './runner.js'
import type { ThreadHandler } from './thread-handler.js'
import type { DriverQueue } from './driver.js'

/** Options of {@link createJobs}. */
export interface CreateJobsOptions {
  /**
   * URL of a Redis, or a client of ioredis, also a `Cluster`, whose options are used: jobs are kept there by BullMQ.
   *
   * @defaultValue none: jobs are kept in this process
   */
  redis?: string | JobsRedis
  /** Start of every Redis key. @defaultValue `'hd'` */
  prefix?: string
  /** How long Redis may take to take a job. @defaultValue 200 ms */
  redisTimeout?: Duration
  /** How long a worker's claim on a job lasts unless renewed: a job whose process died runs again after this and a look every half of it. @defaultValue `'20s'` */
  lock?: Duration
  /** @defaultValue the system's clock; Redis uses its own */
  clock?: Clock
  /** How often the counts of all queues are told to `hardening:job:queue`, where somebody listens. @defaultValue `'5s'` */
  countEvery?: Duration
  /** Random numbers from 0 to 1, for the jitter. @defaultValue `Math.random` */
  random?: () => number
}

/** Options of `stop` and `close`. */
export interface CloseJobsOptions {
  /** How long it may take in all. @defaultValue `'10s'` */
  timeout?: Duration
  /** How long running jobs may go on before their signal fires. @defaultValue half of `timeout` */
  grace?: Duration
}

/** What `stop` or `close` had to leave. */
export interface CloseJobsReport {
  /** Jobs that did not end: Redis runs them again, in the embedded driver they are lost. */
  readonly released: number
}

/** How the jobs stand. */
export interface JobsStatus {
  readonly driver: string
  /** Whether jobs outlive the process. */
  readonly durable: boolean
  readonly queues: Readonly<Record<string, JobCounts>>
}

/** Background jobs. */
export interface Jobs {
  readonly driver: string
  /** Whether jobs outlive the process. */
  readonly durable: boolean
  /** Names a queue. Without a handler this process only enqueues. @throws ConfigError `ERR_CONFIG_INVALID` */
  define<Data, Result = unknown>(name: string, handler: JobHandler<Data, Result>): JobQueue<Data, Result>
  define<Data, Result = unknown>(
    name: string,
    options?: QueueOptions<Data>,
    handler?: JobHandler<Data, Result>,
  ): JobQueue<Data, Result>
  /** Rejects where a library is missing. @throws JobsPeerMissingError `ERR_JOBS_PEER_MISSING` */
  ready(): Promise<void>
  /** Begins to work on every queue that has a handler, also those named later. */
  start(): Promise<void>
  /** How the jobs stand. Rejects where they are out of reach. */
  status(): Promise<JobsStatus>
  /** A check for `@hardening/health`: fails where jobs are out of reach, warns where they are many. */
  check(options?: { name?: string; warnAt?: number; critical?: boolean }): JobsCheck
  /**
   * Ends the work of this process within `timeout`, whatever hangs: no further job is begun, those that run go on for
   * `grace`, then their signals fire. Jobs can still be enqueued, until `close`.
   */
  stop(options?: CloseJobsOptions): Promise<CloseJobsReport>
  /** Ends work and connections within `timeout`, whatever hangs. */
  close(options?: CloseJobsOptions): Promise<CloseJobsReport>
}

/** A health check. */
export interface JobsCheck {
  readonly name: string
  readonly critical: boolean
  check(): Promise<{ status: 'pass' | 'warn'; output?: string; observedValue: number; observedUnit: string }>
}

interface Defined {
  readonly queue: DriverQueue
  readonly runner: Runner | undefined
}

/**
 * Background jobs, kept in this process or, with `redis`, in Redis by BullMQ.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 *
 * @example
 * const jobs = createJobs()
 * const mail = jobs.define<{ to: string }>('mail', async ({ to }, { signal }) => send(to, signal))
 * await jobs.start()
 * await mail.enqueue({ to: 'a@example.com' }, { idempotencyKey: 'welcome-17' })
 */
export function createJobs(options: CreateJobsOptions = {}): Jobs {
  const factory = 'createJobs'
  rejectUnknownOptions(factory, options, ['redis', 'prefix', 'redisTimeout', 'lock', 'countEvery', 'clock', 'random'])
  const { redis, prefix = 'hd', redisTimeout = 200, lock = '20s', countEvery = '5s' } = options
  const { clock = systemClock, random = Math.random } = options
  if (typeof prefix !== 'string' || !/^[\w.-]{1,64}$/.test(prefix)) {
    throw new ConfigError(factory, 'prefix', '1 to 64 letters, digits, `.`, `_` and `-`', prefix)
  }
  functionOption(factory, 'random', random)
  const redisTimeoutMs = durationOption(factory, 'redisTimeout', redisTimeout, { min: 1 })
  const lockMs = durationOption(factory, 'lock', lock, { min: 500, max: 40_000 })
  const countEveryMs = durationOption(factory, 'countEvery', countEvery, { min: 100 })
  const driver: JobsDriver =
    redis === undefined
      ? createEmbeddedDriver(clock)
      : createBullmqDriver({ redis: redisOption(redis), prefix, timeoutMs: redisTimeoutMs, lockMs })
  const defined = new Map<string, Defined>()
  const handlers = new Set<unknown>()
  let isStarted = false
  let stopping: Promise<CloseJobsReport> | undefined
  let closing: Promise<CloseJobsReport> | undefined
  let counting: unknown

  /** Metrics follow a channel, so they have to be told; a Redis that is away is told of elsewhere. */
  async function count(): Promise<void> {
    if (channels.jobQueue.hasSubscribers) {
      for (const [queue, { queue: kept }] of defined) {
        const counts = await kept.counts().catch(() => undefined)
        if (counts !== undefined) channels.jobQueue.publish({ queue, ...counts })
      }
    }
    if (closing === undefined) counting = clock.setTimeout(() => void count(), countEveryMs)
  }

  const enter = (): Promise<void> | void => {
    if (closing !== undefined) throw new JobsClosedError()
    return driver.isDurable ? driver.ready() : undefined
  }
  /** Waits for it, but not longer than that. Unlike other timers this one keeps the process alive: it has to end in order. */
  async function within(promise: Promise<unknown>, ms: number): Promise<void> {
    let timer: unknown
    const late = new Promise<void>((resolve) => (timer = clock.setTimeout(resolve, Math.max(0, ms))))
    ;(timer as { ref?: () => void } | undefined)?.ref?.()
    await Promise.race([promise, late])
    clock.clearTimeout(timer)
  }

  async function stop(timeoutMs: number, graceMs: number): Promise<CloseJobsReport> {
    const end = clock.monotonic() + timeoutMs
    const runners = [...defined.values()].flatMap(({ runner }) => runner ?? [])
    for (const { queue } of defined.values()) queue.stop()
    const idle = Promise.all(runners.map((runner) => runner.whenIdle()))
    await within(idle, graceMs)
    for (const runner of runners) runner.abort()
    const reserve = Math.min(1000, timeoutMs / 4)
    await within(idle, end - reserve - clock.monotonic())
    let released = 0
    for (const runner of runners) released += runner.release()
    const threads = [...handlers].map(async (handler) =>
      (handler as Partial<ThreadHandler<unknown, unknown>>).close?.(),
    )
    await within(Promise.allSettled(threads), end - clock.monotonic())
    return { released }
  }

  async function close(timeoutMs: number, graceMs: number): Promise<CloseJobsReport> {
    const end = clock.monotonic() + timeoutMs
    clock.clearTimeout(counting)
    stopping ??= stop(timeoutMs, graceMs)
    let report: CloseJobsReport = { released: 0 }
    // A stop that was begun with more time than there is now is not waited for.
    await within(
      stopping.then((stopped) => (report = stopped)),
      end - clock.monotonic(),
    )
    await driver.close(Math.max(1, end - clock.monotonic()))
    return report
  }

  function times(of: string, options: CloseJobsOptions): [timeoutMs: number, graceMs: number] {
    rejectUnknownOptions(of, options, ['timeout', 'grace'])
    const timeoutMs = durationOption(of, 'timeout', options.timeout ?? '10s', { min: 1 })
    return [timeoutMs, durationOption(of, 'grace', options.grace ?? timeoutMs / 2, { max: timeoutMs })]
  }

  const jobs: Jobs = {
    driver: driver.name,
    durable: driver.isDurable,
    define<Data, Result>(
      name: string,
      second: QueueOptions<Data> | JobHandler<Data, Result> = {},
      third?: JobHandler<Data, Result>,
    ) {
      const handler = typeof second === 'function' ? second : third
      if (handler !== undefined) handlers.add(functionOption('define', 'handler', handler))
      const settings = resolveQueueOptions(name, typeof second === 'function' ? {} : second)
      if (defined.has(name)) throw new ConfigError('define', 'name', 'a name of its own', name)
      const queue = driver.queue(settings)
      const runner =
        handler === undefined ? undefined : new Runner(settings, handler as JobHandler<unknown>, { clock, random })
      defined.set(name, { queue, runner })
      counting ??= clock.setTimeout(() => void count(), countEveryMs)
      if (isStarted && stopping === undefined && runner !== undefined) queue.work(runner.run)
      return createJobQueue<Data, Result>(settings, queue, enter)
    },
    ready: () => driver.ready(),
    async start() {
      await enter()
      if (stopping !== undefined) throw new JobsClosedError()
      if (isStarted) return
      isStarted = true
      for (const { queue, runner } of defined.values()) if (runner !== undefined) queue.work(runner.run)
    },
    async status() {
      await enter()
      await driver.ping()
      const entries = [...defined].map(async ([name, { queue }]) => [name, await queue.counts()] as const)
      return { driver: driver.name, durable: driver.isDurable, queues: Object.fromEntries(await Promise.all(entries)) }
    },
    check({ name = 'jobs', warnAt = 10_000, critical = false } = {}) {
      return {
        name,
        critical,
        async check() {
          const { queues } = await jobs.status()
          const waiting = Object.values(queues).reduce((sum, counts) => sum + counts.waiting, 0)
          const found = { observedValue: waiting, observedUnit: 'waiting' }
          if (waiting < warnAt) return { status: 'pass', ...found }
          return { status: 'warn', output: `${waiting} jobs are waiting (${driver.name})`, ...found }
        },
      }
    },
    stop: (options = {}) => (stopping ??= stop(...times('stop', options))),
    close: (options = {}) => (closing ??= close(...times('close', options))),
  }
  return jobs
}

function redisOption(redis: unknown): string | JobsRedis {
  const accepted = 'a URL such as redis://host:6379, or a client or `Cluster` of ioredis'
  if (typeof redis === 'string') {
    // What is no URL may be a password in the wrong place.
    if (!/^rediss?:\/\/./.test(redis)) throw new ConfigError('createJobs', 'redis', accepted, 'another text')
    return redis
  }
  const { status, duplicate, disconnect, call } = (redis ?? {}) as Record<string, unknown>
  const isIoredis = typeof status === 'string' && [duplicate, disconnect, call].every((is) => typeof is === 'function')
  if (!isIoredis) throw new ConfigError('createJobs', 'redis', accepted, 'something else')
  return redis as JobsRedis
}
