import type { Clock } from '@hardening/core'
import type { Attempt, Operation } from './attempt.js'

/** Is told when a scope ends early. */
export interface CancelListener {
  cancelled(reason: unknown): void
}

/** How an attempt has ended. */
export type Outcome = { readonly value: unknown } | { readonly error: unknown }

/** What all attempts of a call share. */
export interface CallRecord {
  readonly operation: Operation<unknown>
  readonly clock: Clock
  /** `undefined` leaves it to the policy. */
  readonly idempotent: boolean | undefined
  /** Whether there may be no second attempt at all. */
  readonly isOnce: boolean
  /** How the first attempt has ended, where it was made before the layers around it were needed. */
  first: Outcome | undefined
  /** Monotonic milliseconds at which that attempt began; -1 where there was none. */
  beganAt: number
}

/**
 * A part of a call that can be ended early: the whole, or one attempt. A tree of its own instead of `AbortSignal`s,
 * because few functions ask for the signal and one costs more than all the rest of a call; made when asked for.
 */
export class Scope implements Attempt, CancelListener {
  readonly call: CallRecord
  readonly parent: Scope | undefined
  /** Monotonic milliseconds at which the time is over. */
  deadline: number
  attempt = 1
  /** Monotonic milliseconds at which the function was called last; -1 before. */
  startedAt = -1
  isCancelled = false
  reason: unknown = undefined
  /** Where it stands in a row of timers. */
  expiresAt = 0
  before: Scope | undefined = undefined
  after: Scope | undefined = undefined
  #listener: CancelListener | undefined = undefined
  #listeners: Set<CancelListener> | undefined = undefined
  #controller: AbortController | undefined = undefined

  constructor(call: CallRecord, parent: Scope | undefined) {
    this.call = call
    this.parent = parent
    if (parent === undefined) {
      this.deadline = Infinity
      return
    }
    this.deadline = parent.deadline
    this.attempt = parent.attempt
    parent.listen(this)
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.isCancelled) this.#controller.abort(this.reason)
    }
    return this.#controller.signal
  }

  get remainingMs(): number {
    return this.deadline === Infinity ? Infinity : Math.max(0, this.deadline - this.call.clock.monotonic())
  }

  /** Ends it: listeners are told before the signal fires, so that `reason` wins over what the signal's users throw. */
  cancel(reason: unknown): void {
    if (this.isCancelled) return
    this.isCancelled = true
    this.reason = reason
    const first = this.#listener
    const others = this.#listeners
    this.#listener = undefined
    this.#listeners = undefined
    first?.cancelled(reason)
    if (others !== undefined) for (const listener of others) listener.cancelled(reason)
    this.#controller?.abort(reason)
  }

  cancelled(reason: unknown): void {
    this.cancel(reason)
  }

  listen(listener: CancelListener): void {
    if (this.isCancelled) listener.cancelled(this.reason)
    else if (this.#listener === undefined) this.#listener = listener
    else (this.#listeners ??= new Set()).add(listener)
  }

  unlisten(listener: CancelListener): void {
    if (this.#listener === listener) this.#listener = undefined
    else this.#listeners?.delete(listener)
  }

  /** Takes it off its parent: what happens there is none of its business any more. */
  leave(): void {
    this.parent?.unlisten(this)
  }
}
