import { performance } from 'node:perf_hooks'

/** Where the toolkit takes time from, so that tests need not wait. */
export interface Clock {
  /** Milliseconds since 1970. May jump with the system's time; for durations see {@link Clock.monotonic}. */
  now(): number
  /** Milliseconds since some fixed moment; never goes back. */
  monotonic(): number
  /** Calls `run` once after `ms`. The timer does not keep the process alive. */
  setTimeout(run: () => void, ms: number): unknown
  /** Ends a timer of {@link Clock.setTimeout}. */
  clearTimeout(timer: unknown): void
}

/** The time of the system. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (run, ms) => setTimeout(run, ms).unref(),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
}
