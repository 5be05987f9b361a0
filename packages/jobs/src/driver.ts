import type { JobCounts, JobOrigin, JobPage, JobProgress, JobState, JobView, EnqueuedJob, ScheduleView } from './job.js'
import type { QueueSettings } from './queue-options.js'
import type { ScheduleSpec } from './schedule.js'

/** A job as it is handed to a driver. */
export interface NewJob {
  readonly id: string
  /** Its data as JSON. */
  readonly json: string
  readonly origin: JobOrigin | undefined
  readonly priority: number
  readonly delayMs: number
  readonly maxAttempts: number
  /** Whether the id stands for an idempotency key. */
  readonly isKeyed: boolean
}

/** One attempt, as a driver hands it to the runner. */
export interface Attempt {
  readonly id: string
  readonly json: string
  readonly origin: JobOrigin | undefined
  /** From 1. */
  readonly attempt: number
  readonly maxAttempts: number
  readonly schedule: string | undefined
  /** Milliseconds since it could have been started. */
  readonly waitMs: number
  progress(value: JobProgress): Promise<void>
}

/** What came of an attempt; the driver carries it out. `released`: it did not come to an end here and has to run again. */
export type Outcome =
  | { readonly kind: 'completed'; readonly result: unknown }
  | { readonly kind: 'retry'; readonly error: string; readonly delayMs: number }
  | { readonly kind: 'dead'; readonly error: string }
  | { readonly kind: 'released' }

/** Runs one attempt and says once what came of it. Never throws. */
export type Run = (attempt: Attempt, done: (outcome: Outcome) => void) => void

/** Where the jobs of one name are kept. */
export interface DriverQueue {
  add(jobs: readonly NewJob[]): EnqueuedJob[] | Promise<EnqueuedJob[]>
  get(id: string): Promise<JobView | undefined>
  list(state: JobState, page: Required<JobPage>): Promise<JobView[]>
  counts(): Promise<JobCounts>
  /** Takes a job out that is not running. */
  remove(id: string): Promise<boolean>
  /** Puts a dead letter back to be run, with all its attempts. */
  replay(id: string): Promise<boolean>
  pause(): Promise<void>
  resume(): Promise<void>
  schedule(id: string, spec: ScheduleSpec, job: Omit<NewJob, 'id' | 'isKeyed'>): Promise<void>
  unschedule(id: string): Promise<boolean>
  schedules(): Promise<ScheduleView[]>
  /** Begins to hand out attempts. */
  work(run: Run): void
  /** Stops handing out attempts. Those on the way go on. */
  stop(): void
}

/** A place where jobs are kept: in the process, or in Redis. */
export interface JobsDriver {
  readonly name: string
  /** Whether jobs outlive the process. */
  readonly isDurable: boolean
  /** Resolves when all that it needs is loaded; never waits for a server. */
  ready(): Promise<void>
  queue(settings: QueueSettings): DriverQueue
  /** Rejects where the jobs are out of reach. */
  ping(): Promise<void>
  /** Ends connections and timers, within the given time whatever hangs. */
  close(withinMs: number): Promise<void>
}
