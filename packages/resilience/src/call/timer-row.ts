import type { Clock } from '@hardening/core'
import type { Scope } from './scope.js'

/**
 * Scopes that have equally long until they are ended, in the order in which they came: the first one's time is over
 * first, so that one timer serves them all. It is left armed when the row empties by success, because the next call would
 * only arm it again; it does not keep the process alive.
 */
export class TimerRow {
  readonly ms: number
  readonly #clock: Clock
  readonly #expire: (scope: Scope) => void
  readonly #fire = (): void => this.#run()
  #first: Scope | undefined = undefined
  #last: Scope | undefined = undefined
  #timer: unknown = undefined
  #isClosed = false

  constructor(clock: Clock, ms: number, expire: (scope: Scope) => void) {
    this.#clock = clock
    this.ms = ms
    this.#expire = expire
  }

  add(scope: Scope, now: number): void {
    scope.expiresAt = now + this.ms
    scope.before = this.#last
    if (this.#last === undefined) this.#first = scope
    else this.#last.after = scope
    this.#last = scope
    if (this.#timer === undefined) this.#timer = this.#clock.setTimeout(this.#fire, Math.ceil(this.ms))
  }

  remove(scope: Scope): void {
    if (scope.expiresAt === 0) return
    const { before, after } = scope
    if (before === undefined) this.#first = after
    else before.after = after
    if (after === undefined) this.#last = before
    else after.before = before
    scope.before = scope.after = undefined
    scope.expiresAt = 0
    if (this.#first === undefined && (scope.isCancelled || this.#isClosed)) this.#disarm()
  }

  close(): void {
    this.#isClosed = true
    if (this.#first === undefined) this.#disarm()
  }

  #disarm(): void {
    if (this.#timer === undefined) return
    this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #run(): void {
    this.#timer = undefined
    for (let scope = this.#first; scope !== undefined; scope = this.#first) {
      const left = scope.expiresAt - this.#clock.monotonic()
      if (left > 0) {
        this.#timer = this.#clock.setTimeout(this.#fire, Math.max(1, Math.ceil(left)))
        return
      }
      this.remove(scope)
      this.#expire(scope)
    }
  }
}
