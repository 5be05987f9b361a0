import {
  durationOption,
  integerOption,
  numberOption,
  rejectUnknownOptions,
  type Clock,
  type Duration,
} from '@hardening/core'
import { ConsecutiveBreaker, CircuitState, type IBreaker } from 'cockatiel'
import { SampleWindow } from './sample-window.js'

/** Counts the calls of one closed breaker and says when it has to open. */
export interface RuleState {
  /** A call has ended: `failed` by the service's fault, after `durationMs`, at monotonic `now`. Whether to open. */
  record(failed: boolean, durationMs: number, now: number): boolean
  /** Forgets everything: the breaker has closed again. */
  reset(): void
}

/** When a breaker opens. */
export interface BreakerRule {
  /** What it is, for statistics: `consecutive`, `sampled`, `counted`, `slowCalls`. */
  readonly name: string
  /** A new state, for one breaker. */
  create(clock: Clock): RuleState
  /** Whether a call of this length counts as a failed probe. */
  isSlow?(durationMs: number): boolean
}

/** Opens after so many failures in a row. @throws ConfigError */
export function consecutive(failures: number): BreakerRule {
  integerOption('consecutive', 'failures', failures, { min: 1 })
  return fromCockatiel(() => new ConsecutiveBreaker(failures), 'consecutive')
}

/** Options of {@link sampled}. */
export interface SampledOptions {
  /** Part of the calls that fail, above 0 to 1. @defaultValue 0.5 */
  threshold?: number
  /** Time that is looked at. @defaultValue `'30s'` */
  window?: Duration
  /** Calls in it below which nothing is concluded. @defaultValue 20 */
  minimum?: number
}

/** Opens where at least `threshold` of the calls of the last `window` failed. @throws ConfigError */
export function sampled(options: SampledOptions = {}): BreakerRule {
  const { threshold, windowMs, minimum } = rateOptions('sampled', options, ['threshold', 'window', 'minimum'])
  return {
    name: 'sampled',
    create(clock) {
      const window = new SampleWindow(clock.monotonic(), windowMs)
      return {
        record: (failed, _, now) => {
          window.add(failed, now)
          return failed && window.calls >= minimum && window.hits >= threshold * window.calls
        },
        reset: () => window.reset(),
      }
    },
  }
}

/** Options of {@link slowCalls}. */
export interface SlowCallsOptions extends SampledOptions {
  /** A call that takes longer is slow. @defaultValue `'5s'` */
  over?: Duration
}

/** Opens where at least `threshold` of the calls of the last `window` were slow, well or not. @throws ConfigError */
export function slowCalls(options: SlowCallsOptions = {}): BreakerRule {
  const { threshold, windowMs, minimum } = rateOptions('slowCalls', options, ['threshold', 'window', 'minimum', 'over'])
  const overMs = durationOption('slowCalls', 'over', options.over ?? '5s', { min: 1 })
  return {
    name: 'slowCalls',
    isSlow: (durationMs) => durationMs > overMs,
    create(clock) {
      const window = new SampleWindow(clock.monotonic(), windowMs)
      return {
        record: (_, durationMs, now) => {
          const isSlow = durationMs > overMs
          window.add(isSlow, now)
          return isSlow && window.calls >= minimum && window.hits >= threshold * window.calls
        },
        reset: () => window.reset(),
      }
    },
  }
}

/** Options of {@link counted}. */
export interface CountedOptions {
  /** Part of the calls that fail, above 0 to 1. @defaultValue 0.5 */
  threshold?: number
  /** Calls that are looked at, the last ones. @defaultValue 100 */
  size?: number
  /** Calls below which nothing is concluded, at most `size`. @defaultValue 20, or `size` if that is less */
  minimum?: number
}

/** Opens where at least `threshold` of the last `size` calls failed. @throws ConfigError */
export function counted(options: CountedOptions = {}): BreakerRule {
  rejectUnknownOptions('counted', options, ['threshold', 'size', 'minimum'])
  const { threshold = 0.5, size = 100 } = options
  integerOption('counted', 'size', size, { min: 1, max: 100_000 })
  const { minimum = Math.min(20, size) } = options
  integerOption('counted', 'minimum', minimum, { min: 1, max: size })
  thresholdOption('counted', threshold)
  return {
    name: 'counted',
    create() {
      const ring = new Uint8Array(size)
      let calls = 0
      let hits = 0
      let at = 0
      return {
        record(failed) {
          const isFull = calls === size
          if (isFull) hits -= ring[at] as number
          else calls++
          ring[at] = failed ? 1 : 0
          hits += ring[at] as number
          at = at + 1 === size ? 0 : at + 1
          return failed && calls >= minimum && hits >= threshold * calls
        },
        reset() {
          calls = hits = at = 0
        },
      }
    },
  }
}

/** A breaker of cockatiel as a rule: `fromCockatiel(() => new SamplingBreaker({ ... }))`. It takes the system's time. */
export function fromCockatiel(create: () => IBreaker, name = 'cockatiel'): BreakerRule {
  return {
    name,
    create() {
      let breaker = create()
      return {
        record(failed) {
          if (failed) return breaker.failure(CircuitState.Closed)
          breaker.success(CircuitState.Closed)
          return false
        },
        reset() {
          breaker = create()
        },
      }
    },
  }
}

function rateOptions(factory: string, options: SampledOptions, names: readonly string[]) {
  rejectUnknownOptions(factory, options, names)
  const { threshold = 0.5, window = '30s', minimum = 20 } = options
  return {
    threshold: thresholdOption(factory, threshold),
    windowMs: durationOption(factory, 'window', window, { min: 10 }),
    minimum: integerOption(factory, 'minimum', minimum, { min: 1 }),
  }
}

function thresholdOption(factory: string, value: number): number {
  return numberOption(factory, 'threshold', value, { min: Number.EPSILON, max: 1 })
}
