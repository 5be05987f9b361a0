import { randomUUID } from 'node:crypto'
import type { Job, JobsOptions, JobType, Queue, Worker } from 'bullmq'
import { encodeResult } from '../data.js'
import type { DriverQueue, NewJob, Outcome, Run } from '../driver.js'
import type {
  EnqueuedJob,
  JobCounts,
  JobOrigin,
  JobPage,
  JobProgress,
  JobState,
  JobView,
  ScheduleView,
} from '../job.js'
import { priorities, type QueueSettings } from '../queue-options.js'
import { nextRun, type ScheduleSpec } from '../schedule.js'
import type { BullmqRuntime } from './bullmq-driver.js'

interface Envelope {
  readonly data: unknown
  readonly origin?: JobOrigin
  /** Tells who really made the job of an idempotency key. */
  readonly nonce?: string
}

/** Carries the delay that the runner has worked out to where BullMQ asks for it. */
class RetryError extends Error {
  readonly delayMs: number

  constructor(message: string, delayMs: number) {
    super(message)
    this.delayMs = delayMs
  }
}

const types: Readonly<Record<JobState, JobType[]>> = {
  waiting: ['waiting', 'prioritized'],
  delayed: ['delayed'],
  active: ['active'],
  completed: ['completed'],
  dead: ['failed'],
}

/** When a schedule's next job is due; BullMQ asks for it instead of its own cron, so that both drivers agree. */
export function repeatStrategy(
  millis: number,
  options: { pattern?: string | undefined; tz?: string | undefined },
): number | undefined {
  return nextRun(specOf(options), millis)
}

function specOf({ pattern = '', tz }: { pattern?: string | undefined; tz?: string | undefined }): ScheduleSpec {
  if (pattern.startsWith('@every ')) return { cron: undefined, everyMs: Number(pattern.slice(7)), timeZone: undefined }
  return { cron: pattern, everyMs: undefined, timeZone: tz }
}

/** The jobs of one name, in Redis. */
export class BullmqQueue implements DriverQueue {
  readonly #settings: QueueSettings
  readonly #runtime: Promise<BullmqRuntime>
  #queue: Queue<Envelope> | undefined = undefined
  #worker: Worker<Envelope> | undefined = undefined
  #isStopped = false

  constructor(settings: QueueSettings, runtime: Promise<BullmqRuntime>) {
    this.#settings = settings
    this.#runtime = runtime
  }

  async #ask<T>(fn: (queue: Queue<Envelope>, runtime: BullmqRuntime) => Promise<T>): Promise<T> {
    const runtime = await this.#runtime
    return runtime.ask(this.#settings.name, () => fn((this.#queue ??= this.#open(runtime)), runtime))
  }

  #open({ bullmq, producer, prefix }: BullmqRuntime): Queue<Envelope> {
    const queue = new bullmq.Queue<Envelope>(this.#name, {
      connection: producer,
      prefix,
      settings: { repeatStrategy },
      skipVersionCheck: true,
    })
    // Without a listener an error of the connection would end the process; the guard tells of it.
    queue.on('error', () => undefined)
    return queue
  }

  /** In braces, so that all keys of a queue lie in one slot of a cluster. */
  get #name(): string {
    return `{${this.#settings.name}}`
  }

  #options({ priority, maxAttempts, delayMs }: Omit<NewJob, 'id' | 'isKeyed'>): JobsOptions {
    const { keepCompleted, keepDead } = this.#settings
    return {
      attempts: maxAttempts,
      backoff: { type: 'hardening' },
      // BullMQ runs 1 first; 0 would overtake all.
      priority: priorities.max - priority + 1,
      delay: delayMs,
      removeOnComplete: { age: Math.ceil(keepCompleted.ageMs / 1000), count: keepCompleted.count },
      removeOnFail: { age: Math.ceil(keepDead.ageMs / 1000), count: keepDead.count },
    }
  }

  async add(jobs: readonly NewJob[]): Promise<EnqueuedJob[]> {
    const keyed = jobs.filter(({ isKeyed }) => isKeyed)
    if (keyed.length > 0) return this.#addKeyed(jobs)
    await this.#ask((queue) => queue.addBulk(jobs.map((job) => this.#entry(job)) as never))
    return jobs.map(({ id }) => ({ id, isDuplicate: false }))
  }

  #entry(job: NewJob, nonce?: string): { name: string; data: Envelope; opts: JobsOptions } {
    const opts: JobsOptions = { ...this.#options(job), jobId: job.id }
    if (job.isKeyed) opts.deduplication = { id: job.id, ttl: this.#settings.idempotencyTtlMs + job.delayMs }
    return { name: this.#settings.name, data: nonce === undefined ? envelope(job) : { ...envelope(job), nonce }, opts }
  }

  /** BullMQ makes no second job of an id while it is kept, nor while its key holds, and does not tell which it was. */
  async #addKeyed(jobs: readonly NewJob[]): Promise<EnqueuedJob[]> {
    const nonce = randomUUID()
    return this.#ask(async (queue, { producer, prefix }) => {
      const start = `${prefix}:${this.#name}:`
      const taken = await Promise.all(
        jobs.map(({ id }) => producer.call('EXISTS', `${start}${id}`, `${start}de:${id}`) as Promise<number>),
      )
      // The same key twice in one call is one job.
      const seen = new Set<string>()
      const isFresh = jobs.map(({ id }, at) => taken[at] === 0 && !seen.has(id) && seen.add(id) !== undefined)
      const fresh = jobs.filter((_job, at) => isFresh[at])
      if (fresh.length > 0) await queue.addBulk(fresh.map((job) => this.#entry(job, nonce)) as never)
      const made = new Map(await Promise.all(fresh.map(async ({ id }) => [id, await queue.getJob(id)] as const)))
      return jobs.map(({ id }, at) => {
        // What is gone already has run: it was not there before, and another's would be found by its key.
        const nonceFound = (made.get(id) as Job<Envelope> | undefined)?.data.nonce
        return { id, isDuplicate: !isFresh[at] || (nonceFound ?? nonce) !== nonce }
      })
    })
  }

  async get(id: string): Promise<JobView | undefined> {
    return this.#ask(async (queue) => {
      // In this order the job is never older than its state.
      const state = await queue.getJobState(id)
      const job = await queue.getJob(id)
      if (job === undefined) return undefined
      const known = (Object.keys(types) as JobState[]).find((name) => types[name].includes(state as JobType))
      return known === undefined ? undefined : this.#view(job, known, await this.#dueAt(known, id))
    })
  }

  async list(state: JobState, { offset, limit }: Required<JobPage>): Promise<JobView[]> {
    return this.#ask(async (queue) => {
      const isNewestFirst = state === 'completed' || state === 'dead'
      const jobs = await queue.getJobs(types[state], offset, offset + limit - 1, !isNewestFirst)
      return Promise.all(jobs.map(async (job) => this.#view(job, state, await this.#dueAt(state, job.id as string))))
    })
  }

  /** The job itself only knows how long it waits, not since when. */
  async #dueAt(state: JobState, id: string): Promise<number | undefined> {
    if (state !== 'delayed') return undefined
    const { producer, prefix } = await this.#runtime
    const score = await producer.call('ZSCORE', `${prefix}:${this.#name}:delayed`, id)
    // The lower twelve bits keep those of one millisecond in their order.
    return score === null ? undefined : Math.floor(Number(score) / 4096)
  }

  #view(job: Job<Envelope>, state: JobState, runAt: number | undefined): JobView {
    const { data, opts, progress } = job
    return {
      id: job.id as string,
      queue: this.#settings.name,
      state,
      data: data.data,
      priority: priorities.max + 1 - (opts.priority ?? 0),
      attempts: job.attemptsMade,
      maxAttempts: opts.attempts ?? 1,
      progress: progress === 0 ? undefined : (progress as JobProgress),
      error: job.failedReason || undefined,
      result: job.returnvalue ?? undefined,
      createdAt: job.timestamp,
      runAt,
      startedAt: job.processedOn,
      finishedAt: job.finishedOn,
      origin: data.origin,
      schedule: job.repeatJobKey,
    }
  }

  async counts(): Promise<JobCounts> {
    return this.#ask(async (queue) => {
      const found = await queue.getJobCounts('waiting', 'prioritized', 'delayed', 'active', 'completed', 'failed')
      const of = (name: string): number => found[name] ?? 0
      return {
        waiting: of('waiting') + of('prioritized'),
        delayed: of('delayed'),
        active: of('active'),
        completed: of('completed'),
        dead: of('failed'),
      }
    })
  }

  remove(id: string): Promise<boolean> {
    // BullMQ also says so of what was never there.
    return this.#ask(async (queue) => (await queue.getJob(id)) !== undefined && (await queue.remove(id)) === 1)
  }

  replay(id: string): Promise<boolean> {
    return this.#ask(async (queue) => {
      const job = await queue.getJob(id)
      if (job === undefined || (await queue.getJobState(id)) !== 'failed') return false
      await job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true })
      return true
    })
  }

  async pause(): Promise<void> {
    await this.#ask((queue) => queue.pause())
  }

  async resume(): Promise<void> {
    await this.#ask((queue) => queue.resume())
  }

  async schedule(id: string, spec: ScheduleSpec, job: Omit<NewJob, 'id' | 'isKeyed'>): Promise<void> {
    const pattern = spec.cron ?? `@every ${spec.everyMs}`
    const template = { name: this.#settings.name, data: envelope(job), opts: this.#options(job) }
    const when = { pattern, ...(spec.timeZone === undefined ? {} : { tz: spec.timeZone }) }
    await this.#ask((queue) => queue.upsertJobScheduler(id as never, when, template as never))
  }

  unschedule(id: string): Promise<boolean> {
    return this.#ask((queue) => queue.removeJobScheduler(id))
  }

  schedules(): Promise<ScheduleView[]> {
    return this.#ask(async (queue) =>
      (await queue.getJobSchedulers(0, 999, true)).map(({ key, pattern, tz, next }) => {
        return { id: key, ...specOf({ pattern, tz }), nextRunAt: next }
      }),
    )
  }

  work(run: Run): void {
    this.#runtime.then(
      (runtime) => this.#isStopped || this.#work(runtime, run),
      () => undefined,
    )
  }

  #work({ bullmq, worker: connection, prefix, lockMs }: BullmqRuntime, run: Run): void {
    const { concurrency, rate } = this.#settings
    const worker = new bullmq.Worker<Envelope>(
      this.#name,
      (job, token) =>
        new Promise<unknown>((resolve, reject) => {
          run(attemptOf(job), (outcome) => {
            this.#carryOut(bullmq, job, token, outcome).then(resolve, reject)
          })
        }),
      {
        connection,
        prefix,
        concurrency,
        lockDuration: lockMs,
        // A job whose process dies over and over is a dead letter in the end.
        maxStalledCount: this.#settings.attempts,
        stalledInterval: lockMs / 2,
        runRetryDelay: 500,
        skipVersionCheck: true,
        settings: {
          repeatStrategy,
          backoffStrategy: (_attempts: number, _type?: string, error?: Error) =>
            error instanceof RetryError ? error.delayMs : 1000,
        },
        ...(rate === undefined ? {} : { limiter: { max: rate.limit, duration: rate.perMs } }),
      },
    )
    worker.on('error', () => undefined)
    this.#worker = worker
  }

  async #carryOut(
    bullmq: BullmqRuntime['bullmq'],
    job: Job<Envelope>,
    token: string | undefined,
    outcome: Outcome,
  ): Promise<unknown> {
    if (outcome.kind === 'completed') {
      const json = encodeResult(outcome.result, this.#settings.maxDataBytes)
      return json === undefined ? undefined : (JSON.parse(json) as unknown)
    }
    if (outcome.kind === 'retry') throw new RetryError(outcome.error, outcome.delayMs)
    if (outcome.kind === 'dead') throw new bullmq.UnrecoverableError(outcome.error)
    await job.moveToWait(token)
    throw new bullmq.WaitingError()
  }

  stop(): void {
    this.#isStopped = true
    this.#worker?.pause(true).catch(() => undefined)
  }

  async close(): Promise<void> {
    this.#isStopped = true
    await Promise.allSettled([this.#worker?.close(), this.#queue?.close()])
  }
}

function envelope({ json, origin }: Pick<NewJob, 'json' | 'origin'>): Envelope {
  const data = JSON.parse(json) as unknown
  return origin === undefined ? { data } : { data, origin }
}

function attemptOf(job: Job<Envelope>): Parameters<Run>[0] {
  const { data, opts } = job
  return {
    id: job.id as string,
    json: JSON.stringify(data.data ?? null),
    origin: data.origin,
    attempt: job.attemptsMade + 1,
    maxAttempts: opts.attempts ?? 1,
    schedule: job.repeatJobKey,
    waitMs: Math.max(0, Date.now() - job.timestamp - job.delay),
    progress: (value) => job.updateProgress(value),
  }
}
