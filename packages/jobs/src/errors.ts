import { HardeningError, HttpError } from '@hardening/core'

/** What is wrong with the data of a job. */
export interface JobDataIssue {
  /** Where: a JSON Pointer (RFC 6901); empty for the whole. */
  readonly pointer: string
  readonly message: string
}

/** A job was refused because its data do not fit the schema, are no JSON or are too large. Code `ERR_JOBS_DATA`, 400. */
export class JobDataError extends HttpError {
  override readonly code: string = 'ERR_JOBS_DATA'
  readonly issues: readonly JobDataIssue[]

  constructor(queue: string, issues: readonly JobDataIssue[], options: { cause?: unknown } = {}) {
    const text = issues.map(({ pointer, message }) => (pointer === '' ? message : `${pointer} ${message}`)).join('; ')
    super(400, `The data of a job of "${queue}" do not fit: ${text}`, { ...options, expose: true })
    this.issues = issues
  }
}

/** The embedded queue is full. Code `ERR_JOBS_QUEUE_FULL`, 503 with `Retry-After`. */
export class JobQueueFullError extends HttpError {
  override readonly code: string = 'ERR_JOBS_QUEUE_FULL'

  constructor(queue: string, limit: number) {
    super(503, `The queue "${queue}" holds ${limit} jobs and takes no more`, { headers: { 'Retry-After': '5' } })
  }
}

/**
 * Redis is out of reach, so that the job could not be handed over; after a time-out it may have been all the same. Code
 * `ERR_JOBS_UNAVAILABLE`, 503 with `Retry-After`.
 */
export class JobsUnavailableError extends HttpError {
  override readonly code: string = 'ERR_JOBS_UNAVAILABLE'

  constructor(queue: string, cause: unknown) {
    super(503, `Jobs of "${queue}" are out of reach`, { cause, headers: { 'Retry-After': '1' } })
  }
}

/** The jobs of this process are shutting down. Code `ERR_JOBS_CLOSED`, 503 with `Retry-After`. */
export class JobsClosedError extends HttpError {
  override readonly code: string = 'ERR_JOBS_CLOSED'

  constructor() {
    super(503, 'Jobs are closed here', { headers: { 'Retry-After': '1' } })
  }
}

/** An optional library is not installed; the message names the command. Code `ERR_JOBS_PEER_MISSING`. */
export class JobsPeerMissingError extends HardeningError {
  override readonly code: string = 'ERR_JOBS_PEER_MISSING'

  constructor(what: string, libraries: readonly string[], cause: unknown) {
    super(`${what}: run \`npm install ${libraries.join(' ')}\``, { cause })
  }
}

/** An attempt took longer than the queue's `timeout`. Counts as a failure. Code `ERR_JOBS_TIMEOUT`. */
export class JobTimeoutError extends HardeningError {
  override readonly code: string = 'ERR_JOBS_TIMEOUT'

  constructor(queue: string, timeoutMs: number) {
    super(`A job of "${queue}" took longer than ${timeoutMs} ms`)
  }
}

/** The reason of a job's signal when its process goes away. The job runs again elsewhere. Code `ERR_JOBS_ABORTED`. */
export class JobAbortedError extends HardeningError {
  override readonly code: string = 'ERR_JOBS_ABORTED'

  constructor(queue: string) {
    super(`The process of a job of "${queue}" is shutting down`)
  }
}

/**
 * Throw it in a handler where trying again is of no use: the job goes to the dead letters at once. Code
 * `ERR_JOBS_UNRECOVERABLE`.
 */
export class UnrecoverableJobError extends HardeningError {
  override readonly code: string = 'ERR_JOBS_UNRECOVERABLE'
}

/** A batch was refused or given up: full, closed or ended before its turn. Code `ERR_JOBS_BATCH`, 503. */
export class BatchError extends HttpError {
  override readonly code: string = 'ERR_JOBS_BATCH'

  constructor(detail: string) {
    super(503, detail, { headers: { 'Retry-After': '1' } })
  }
}
