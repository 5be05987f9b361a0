import type { Clock } from '@hardening/core'
import { StoreBreaker } from './store-breaker.js'
import { inTime } from './in-time.js'
import type { Claim, Quota } from './quota.js'
import type { KeyRef, KeyStatus, RateLimitStore } from './store.js'
import type { Verdict } from './verdict.js'

/** A store of the user's, which is given up where it does not answer in time, and not asked after five failures. */
export class GuardedStore implements RateLimitStore {
  readonly changes?: (keys: Iterable<KeyRef>) => Promise<readonly KeyRef[]>
  readonly #store: RateLimitStore
  readonly #timeoutMs: number
  readonly #clock: Clock
  readonly #breaker: StoreBreaker

  constructor(store: RateLimitStore, timeoutMs: number, clock: Clock) {
    this.#store = store
    this.#timeoutMs = timeoutMs
    this.#clock = clock
    this.#breaker = new StoreBreaker(clock)
    if (store.changes !== undefined) {
      this.changes = async (keys) => {
        const freed = store.changes?.(keys) ?? []
        return isWaiting(freed) ? this.#inTime(freed) : freed
      }
    }
  }

  get available(): boolean {
    return this.#breaker.allows && this.#store.available !== false
  }

  take(claims: readonly Claim[], verdict: Verdict): void | Promise<void> {
    this.#breaker.begin()
    try {
      const waiting = this.#store.take(claims, verdict)
      if (isWaiting(waiting)) {
        return this.#inTime(waiting).then(
          () => this.#breaker.succeed(),
          (error: unknown) => {
            this.#breaker.fail()
            throw error
          },
        )
      }
    } catch (error) {
      this.#breaker.fail()
      throw error
    }
    this.#breaker.succeed()
  }

  adjust(claim: Claim, at: number): void | Promise<void> {
    return this.#bounded(this.#store.adjust(claim, at))
  }

  strike(ref: KeyRef, count: number): number | Promise<number> {
    return this.#bounded(this.#store.strike(ref, count))
  }

  inspect(ref: KeyRef, quotas: readonly Quota[]): KeyStatus | Promise<KeyStatus> {
    return this.#bounded(this.#store.inspect(ref, quotas))
  }

  block(ref: KeyRef, ms: number): void | Promise<void> {
    return this.#bounded(this.#store.block(ref, ms))
  }

  unblock(ref: KeyRef): void | Promise<void> {
    return this.#bounded(this.#store.unblock(ref))
  }

  reset(ref: KeyRef): void | Promise<void> {
    return this.#bounded(this.#store.reset(ref))
  }

  #bounded<T>(found: T | Promise<T>): T | Promise<T> {
    return isWaiting(found) ? this.#inTime(found) : found
  }

  #inTime<T>(promise: PromiseLike<T>): Promise<T> {
    return inTime(promise, this.#timeoutMs, this.#clock)
  }
}

function isWaiting<T>(found: T | Promise<T>): found is Promise<T> {
  return typeof (found as PromiseLike<T> | undefined)?.then === 'function'
}
