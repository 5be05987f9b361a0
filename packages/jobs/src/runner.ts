import {
  channels,
  createRedactor,
  runInContext,
  type Clock,
  type JobMessage,
  type RequestContext,
} from '@hardening/core'
import { backoffDelay } from './backoff.js'
import type { Attempt, Outcome } from './driver.js'
import { JobAbortedError, JobTimeoutError } from './errors.js'
import type { JobHandler, JobProgress, RunningJob } from './job.js'
import { JobContext } from './origin.js'
import type { QueueSettings } from './queue-options.js'

const redactor = createRedactor({ limits: { stringLength: 1000 } })

/** What the runner needs beside the queue's settings. */
export interface RunnerTools {
  readonly clock: Clock
  readonly random: () => number
}

/** Runs attempts of one queue: time-out, signal, context, what becomes of an error, what is told to the channel. */
export class Runner {
  readonly #settings: QueueSettings
  readonly #handler: JobHandler<unknown>
  readonly #tools: RunnerTools
  // In order of their start, so that the first one is the first to run out of time: one timer serves all.
  readonly #runs = new Set<Execution>()
  readonly #idle: (() => void)[] = []
  #timer: unknown = undefined
  #isAborted = false

  constructor(settings: QueueSettings, handler: JobHandler<unknown>, tools: RunnerTools) {
    this.#settings = settings
    this.#handler = handler
    this.#tools = tools
  }

  get active(): number {
    return this.#runs.size
  }

  readonly run = (attempt: Attempt, done: (outcome: Outcome) => void): void => {
    if (this.#isAborted) {
      // Redis had handed it out before it heard of the end; nobody would end it any more.
      done({ kind: 'released' })
      return
    }
    const { clock } = this.#tools
    const execution = new Execution(this.#settings.name, attempt, clock, done)
    this.#runs.add(execution)
    this.#arm()
    tell(this.#settings.name, attempt.id, 'started', { waitMs: attempt.waitMs })
    try {
      const data = JSON.parse(attempt.json) as unknown
      const result = runInContext(execution.context, this.#handler, data, execution)
      if (isPromise(result)) {
        result.then(
          (value) => this.#end(execution, value),
          (error: unknown) => this.#fail(execution, error),
        )
      } else this.#end(execution, result)
    } catch (error) {
      this.#fail(execution, error)
    }
  }

  /** Fires every signal: the process is going away. What rejects now has not failed and runs again. */
  abort(): void {
    this.#isAborted = true
    for (const run of this.#runs) run.abort(new JobAbortedError(this.#settings.name))
  }

  /** Gives up what is still running, so that it can run again elsewhere. @returns how many */
  release(): number {
    const runs = [...this.#runs]
    for (const run of runs) this.#settle(run, { kind: 'released' })
    this.#tools.clock.clearTimeout(this.#timer)
    return runs.length
  }

  /** Resolves when nothing is running. */
  whenIdle(): Promise<void> {
    return this.#runs.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve))
  }

  #end(run: Execution, result: unknown): void {
    if (!this.#runs.has(run)) return
    tell(this.#settings.name, run.id, 'completed', { durationMs: run.elapsed() })
    this.#settle(run, { kind: 'completed', result })
  }

  #fail(run: Execution, error: unknown): void {
    if (!this.#runs.has(run)) return
    if (run.isAborted) {
      this.#settle(run, { kind: 'released' })
      return
    }
    const { name, backoff } = this.#settings
    tell(name, run.id, 'failed', { durationMs: run.elapsed() })
    const text = describe(error)
    if (run.attempt < run.maxAttempts && this.#isRetryable(error)) {
      tell(name, run.id, 'retrying', {})
      const delayMs = backoffDelay(backoff, run.attempt, this.#tools.random)
      this.#settle(run, { kind: 'retry', error: text, delayMs })
    } else {
      tell(name, run.id, 'dead', {})
      this.#settle(run, { kind: 'dead', error: text })
    }
  }

  #isRetryable(error: unknown): boolean {
    try {
      if ((error as { code?: unknown } | null)?.code === 'ERR_JOBS_UNRECOVERABLE') return false
      return this.#settings.isRetryable(error)
    } catch {
      return true
    }
  }

  #settle(run: Execution, outcome: Outcome): void {
    this.#runs.delete(run)
    run.done(outcome)
    if (this.#runs.size === 0) for (const resolve of this.#idle.splice(0)) resolve()
  }

  #arm(): void {
    if (this.#timer !== undefined) return
    const [first] = this.#runs
    if (first === undefined) return
    const { clock } = this.#tools
    const wait = Math.max(1, first.startedAt + this.#settings.timeoutMs - clock.monotonic())
    this.#timer = clock.setTimeout(() => {
      this.#timer = undefined
      const { name, timeoutMs } = this.#settings
      for (const run of this.#runs) {
        if (run.elapsed() < timeoutMs) break
        const error = new JobTimeoutError(name, timeoutMs)
        run.fire(error)
        this.#fail(run, error)
      }
      this.#arm()
    }, wait)
  }
}

/** One attempt on its way; the handler gets it as its job. */
class Execution implements RunningJob {
  readonly id: string
  readonly queue: string
  readonly attempt: number
  readonly maxAttempts: number
  readonly schedule: string | undefined
  readonly context: RequestContext
  readonly startedAt: number
  readonly done: (outcome: Outcome) => void
  isAborted = false
  readonly #clock: Clock
  readonly #attempt: Attempt
  #controller: AbortController | undefined = undefined
  #reason: Error | undefined = undefined

  constructor(queue: string, attempt: Attempt, clock: Clock, done: (outcome: Outcome) => void) {
    this.id = attempt.id
    this.queue = queue
    this.attempt = attempt.attempt
    this.maxAttempts = attempt.maxAttempts
    this.schedule = attempt.schedule
    this.startedAt = clock.monotonic()
    this.context = new JobContext(attempt.origin, clock.now(), () => this.signal)
    this.done = done
    this.#clock = clock
    this.#attempt = attempt
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#reason !== undefined) this.#controller.abort(this.#reason)
    }
    return this.#controller.signal
  }

  progress(value: JobProgress): Promise<void> {
    tell(this.queue, this.id, 'progress', {})
    return this.#attempt.progress(value)
  }

  elapsed(): number {
    return this.#clock.monotonic() - this.startedAt
  }

  abort(reason: Error): void {
    this.isAborted = true
    this.fire(reason)
  }

  fire(reason: Error): void {
    this.#reason ??= reason
    this.#controller?.abort(reason)
  }
}

/** Publishes where somebody listens. */
export function tell(queue: string, id: string, event: JobMessage['event'], more: Partial<JobMessage>): void {
  if (channels.job.hasSubscribers) channels.job.publish({ queue, id, event, ...more })
}

function describe(error: unknown): string {
  try {
    return redactor.redactText(error instanceof Error ? `${error.name}: ${error.message}` : String(error))
  } catch {
    return 'an unreadable error'
  }
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}
