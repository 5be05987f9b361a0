import { channels, type JobMessage } from '@hardening/core'
import { createJobs, type EnqueuedJob, type Jobs, type JobState, type JobView } from '@hardening/jobs'
import type { Environment, Settings } from '@hardening/kit'
import type { Logger } from '@hardening/logging'
import type { FindingStore } from './finding-store.js'
import { countJobs, type JobTotals } from './job-totals.js'
import { jobsOptions } from './jobs-options.js'
import { defineQueues, runsOf, type DocumentJob, type DocumentProgress, type DocumentResult } from './queues.js'
import { sampleDocument } from './sample-document.js'
import { WorkerProcess, type WorkerView } from './worker-process.js'

/** What the background is made of. */
export interface BackgroundParts {
  readonly settings: Settings
  readonly logger: Logger
  readonly findings: FindingStore
  /** The worker's file and environment; where there is Redis, documents are processed there. Without it, here. */
  readonly worker?: { readonly file: string; readonly env: Environment } | undefined
}

/** A job as others see it: without the document. */
export interface ShownJob {
  readonly id: string
  readonly state: JobState
  readonly title: string
  readonly attempts: number
  readonly maxAttempts: number
  /** The processes that have begun it, in order. */
  readonly runs: readonly string[]
  readonly progress: { readonly done: number; readonly of: number } | undefined
  readonly error: string | undefined
  readonly result: DocumentResult | undefined
  readonly createdAt: number
}

/** What the control room shows. */
export interface BackgroundView {
  readonly driver: string
  /** Whether jobs outlive the server's process. */
  readonly durable: boolean
  /** `undefined`: the server's process does the work. */
  readonly worker: WorkerView | undefined
  readonly counts: Readonly<Record<JobState, number>>
  /** What has happened since the start, as this server has heard. */
  readonly totals: Readonly<JobTotals>
  readonly recent: readonly ShownJob[]
}

/** How samples of the control room behave. */
export interface SampleOptions {
  readonly count: number
  readonly failures: number
  readonly paceMs: number
}

/** Documents are processed behind the requests: by a worker process where there is Redis, else by the server's own. */
export class Background {
  readonly jobs: Jobs
  readonly #queues: ReturnType<typeof defineQueues>
  readonly #worker: WorkerProcess | undefined
  readonly #heard: ReturnType<typeof countJobs>
  #samples = 0
  #view: { readonly until: number; readonly view: Promise<BackgroundView> } | undefined = undefined

  constructor({ settings, logger, findings, worker }: BackgroundParts) {
    this.jobs = createJobs(jobsOptions(settings))
    this.#worker =
      worker && this.jobs.durable ? new WorkerProcess({ ...worker, logger, onMessage: publishEvent }) : undefined
    this.#queues = defineQueues(this.jobs, {
      processesAs: this.#worker === undefined ? `server ${process.pid}` : undefined,
      store: async ({ document, findings: found }) => void (await findings.save(document, found)),
    })
    this.#heard = countJobs('documents')
  }

  /** Begins to work, and starts the worker. */
  async start(): Promise<void> {
    await this.jobs.start()
    this.#worker?.start()
  }

  /** Hands a document over; a version of it once. */
  async submit(document: { id: number; title: string; html: string; updatedAt: string }): Promise<EnqueuedJob> {
    const { id, title, html, updatedAt } = document
    const data = { document: id, title, html, paceMs: 0, failures: 0 }
    return this.#queues.documents.enqueue(data, { idempotencyKey: `${id}:${updatedAt}` })
  }

  /** Hands samples over, for whoever wants to see something happen. */
  submitSamples({ count, failures, paceMs }: SampleOptions): Promise<EnqueuedJob[]> {
    const samples = Array.from({ length: count }, (): DocumentJob => {
      return { ...sampleDocument(++this.#samples), failures, paceMs }
    })
    return this.#queues.documents.enqueueMany(samples)
  }

  async find(id: string): Promise<ShownJob | undefined> {
    const job = await this.#queues.documents.get(id)
    return job && shown(job)
  }

  /** Puts all dead letters back. */
  replay(): Promise<number> {
    return this.#queues.documents.replayAll()
  }

  /** Kills the worker in the middle of what it does. @returns whether there is one */
  killWorker(): boolean {
    return this.#worker?.kill() ?? false
  }

  /** How it all stands; many who look at once cost one look. */
  view(): Promise<BackgroundView> {
    const now = performance.now()
    if (this.#view === undefined || now >= this.#view.until) this.#view = { until: now + 300, view: this.#look() }
    return this.#view.view
  }

  async #look(): Promise<BackgroundView> {
    const { documents } = this.#queues
    const states = ['active', 'waiting', 'delayed', 'dead', 'completed'] as const
    const [counts, ...lists] = await Promise.all([
      documents.counts(),
      ...states.map((state) => documents.list(state, { limit: 12 })),
    ])
    const recent = lists
      .flat()
      .map((job) => shown(job))
      .toSorted((a, b) => b.createdAt - a.createdAt)
      .slice(0, 12)
    const { driver, durable } = this.jobs
    return { driver, durable, worker: this.#worker?.view, counts, totals: { ...this.#heard.totals }, recent }
  }

  /** Ends the worker within the time. The jobs of this process are ended by whoever has them. */
  async stopWorker(timeoutMs: number): Promise<void> {
    await this.#worker?.stop(timeoutMs)
  }

  async close(timeoutMs = 2000): Promise<void> {
    this.#heard.close()
    await Promise.all([this.stopWorker(timeoutMs), this.jobs.close({ timeout: timeoutMs })])
  }
}

/** What the worker tells happens in another process, and belongs to the metrics of this one. */
function publishEvent(message: unknown): void {
  if (typeof message === 'object' && message !== null && 'event' in message) channels.job.publish(message as JobMessage)
}

function shown(job: JobView<DocumentJob, DocumentResult>): ShownJob {
  const { id, state, data, attempts, maxAttempts, progress, error, result, createdAt } = job
  const { done, of } = (typeof progress === 'object' ? progress : {}) as Partial<DocumentProgress>
  return {
    id,
    state,
    title: data.title,
    attempts,
    maxAttempts,
    runs: runsOf(progress),
    progress: done === undefined || of === undefined ? undefined : { done, of },
    error,
    result,
    createdAt,
  }
}
