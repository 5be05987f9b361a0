import type { RequestContext } from '@hardening/core'

/** Where a job stands. `dead`: all attempts failed; it waits among the dead letters to be replayed. */
export type JobState = 'waiting' | 'delayed' | 'active' | 'completed' | 'dead'

/** How far a job has come: a number, or plain data. */
export type JobProgress = number | string | { readonly [key: string]: unknown }

/** The request that enqueued a job, as far as the job carries it. */
export interface JobOrigin {
  readonly requestId: string
  /** `traceparent` of the enqueuing request (W3C Trace Context level 2). */
  readonly traceparent: string
  readonly tracestate?: string
  readonly user?: string
  readonly tenant?: string
}

/** What a handler gets beside its data. */
export interface RunningJob {
  readonly id: string
  /** Name of the queue. */
  readonly queue: string
  /** Which attempt this is, from 1. */
  readonly attempt: number
  readonly maxAttempts: number
  /** Fires at the time-out, and when the process goes away. */
  readonly signal: AbortSignal
  /** The context of the request that enqueued it; `currentContext()` finds the same. */
  readonly context: RequestContext
  /** The schedule that made it. */
  readonly schedule: string | undefined
  /** Says how far it has come; resolves when that is written. */
  progress(value: JobProgress): Promise<void>
}

/** Does the work. Its result is kept with the job as JSON. */
export type JobHandler<Data, Result = unknown> = (data: Data, job: RunningJob) => Result | Promise<Result>

/** A job as it stands. */
export interface JobView<Data = unknown, Result = unknown> {
  readonly id: string
  readonly queue: string
  readonly state: JobState
  readonly data: Data
  readonly priority: number
  /** Attempts that have failed or succeeded. */
  readonly attempts: number
  readonly maxAttempts: number
  readonly progress: JobProgress | undefined
  /** What the last attempt failed with: `TypeError: ...`, without secrets. */
  readonly error: string | undefined
  readonly result: Result | undefined
  /** Wall-clock milliseconds, as are all times here. */
  readonly createdAt: number
  /** When it is due, while it is delayed. */
  readonly runAt: number | undefined
  readonly startedAt: number | undefined
  readonly finishedAt: number | undefined
  readonly origin: JobOrigin | undefined
  readonly schedule: string | undefined
}

/** How many jobs are in each state. */
export type JobCounts = Readonly<Record<JobState, number>>

/** What has become of a call of `enqueue`. */
export interface EnqueuedJob {
  readonly id: string
  /** Whether the idempotency key was taken, so that no further job was made. */
  readonly isDuplicate: boolean
}

/** A schedule as it stands. */
export interface ScheduleView {
  readonly id: string
  readonly cron: string | undefined
  readonly everyMs: number | undefined
  readonly timeZone: string | undefined
  /** Wall-clock milliseconds of the next job. */
  readonly nextRunAt: number | undefined
}

/** A page of a list. */
export interface JobPage {
  /** How many to leave out. @defaultValue 0 */
  offset?: number
  /** How many at most, up to 1,000. @defaultValue 50 */
  limit?: number
}
