import { integerOption, numberOption, rejectUnknownOptions, systemClock, type Clock } from '@hardening/core'

/** Options of {@link retryBudget}. */
export interface RetryBudgetOptions {
  /** Retries that each call earns, 0 to 1: 0.2 is one retry for five calls. @defaultValue 0.2 */
  ratio?: number
  /** Retries a second that are free, so that a service with few calls has some. @defaultValue 10 */
  minPerSecond?: number
  /** Earned retries that are kept at most. @defaultValue 200 */
  maxSaved?: number
  /** Where time comes from. @defaultValue the system's */
  clock?: Clock
}

/** How many retries a service may get, however many calls fail: what stops a retry storm. */
export interface RetryBudget {
  /** A call has come. */
  earn(): void
  /** Takes a retry; `false` where there is none left. */
  spend(): boolean
  /** Retries that are left now. */
  readonly left: number
}

/**
 * A budget of retries, to be shared by all policies that call one service.
 *
 * @example
 * const budget = retryBudget({ ratio: 0.1 })
 * const reads = retry({ budget, idempotent: true })
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 */
export function retryBudget(options: RetryBudgetOptions = {}): RetryBudget {
  const factory = 'retryBudget'
  rejectUnknownOptions(factory, options, ['ratio', 'minPerSecond', 'maxSaved', 'clock'])
  const { ratio = 0.2, minPerSecond = 10, maxSaved = 200, clock = systemClock } = options
  numberOption(factory, 'ratio', ratio, { min: 0, max: 1 })
  numberOption(factory, 'minPerSecond', minPerSecond, { min: 0, max: 1_000_000 })
  integerOption(factory, 'maxSaved', maxSaved, { min: 1 })
  return new TokenBudget(ratio, minPerSecond, maxSaved, clock)
}

/** Two buckets: what calls have earned, and a small one that time fills. */
class TokenBudget implements RetryBudget {
  readonly #ratio: number
  readonly #perSecond: number
  readonly #maxSaved: number
  readonly #clock: Clock
  #earned = 0
  #free: number
  #filledAt: number

  constructor(ratio: number, perSecond: number, maxSaved: number, clock: Clock) {
    this.#ratio = ratio
    this.#perSecond = perSecond
    this.#maxSaved = maxSaved
    this.#clock = clock
    this.#free = perSecond
    this.#filledAt = clock.monotonic()
  }

  earn(): void {
    const earned = this.#earned + this.#ratio
    this.#earned = earned > this.#maxSaved ? this.#maxSaved : earned
  }

  spend(): boolean {
    // A fifth, five times, is a little less than one.
    if (this.#earned >= 1 - 1e-9) {
      this.#earned -= 1
      return true
    }
    this.#fill()
    if (this.#free < 1) return false
    this.#free -= 1
    return true
  }

  get left(): number {
    this.#fill()
    return Math.floor(this.#earned + 1e-9) + Math.floor(this.#free)
  }

  #fill(): void {
    const now = this.#clock.monotonic()
    this.#free = Math.min(this.#perSecond, this.#free + ((now - this.#filledAt) / 1000) * this.#perSecond)
    this.#filledAt = now
  }
}
