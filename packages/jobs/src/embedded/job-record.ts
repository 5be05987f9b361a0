import type { JobOrigin, JobProgress, JobState, JobView } from '../job.js'

/** A job of the embedded driver. */
export interface JobRecord {
  readonly id: string
  readonly sequence: number
  readonly json: string
  readonly origin: JobOrigin | undefined
  readonly priority: number
  readonly maxAttempts: number
  readonly schedule: string | undefined
  readonly createdAt: number
  state: JobState | 'removed'
  attempts: number
  runAt: number
  startedAt: number
  finishedAt: number
  progress: JobProgress | undefined
  error: string | undefined
  result: string | undefined
}

/** What others see of it. */
export function viewOf(queue: string, record: JobRecord): JobView {
  const { id, json, priority, attempts, maxAttempts, progress, error, result, createdAt, origin, schedule } = record
  const state = record.state as JobState
  return {
    id,
    queue,
    state,
    data: JSON.parse(json) as unknown,
    priority,
    attempts,
    maxAttempts,
    progress,
    error,
    result: result === undefined ? undefined : (JSON.parse(result) as unknown),
    createdAt,
    runAt: state === 'delayed' ? record.runAt : undefined,
    startedAt: record.startedAt || undefined,
    finishedAt: record.finishedAt || undefined,
    origin,
    schedule,
  }
}
