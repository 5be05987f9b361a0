import type { Clock } from '../clock.js'

/** Refused: the breaker is open, or its one probe is on the way. */
export const refused = -1

/**
 * Counts consecutive failures. After too many it is open for a while, then lets exactly one call through; if that
 * fails too, it is open for twice as long, up to a bound, until a call succeeds.
 *
 * A call takes a ticket with `begin()` and gives it back with its verdict. A verdict from before the last change of
 * state is old news and is not counted.
 */
export class Breaker {
  /** Whether calls are let through without limit. */
  isClosed = true
  #isProbing = false
  #failures = 0
  #openings = 0
  #openUntil = 0
  #ticket = 0
  readonly #limit: number
  readonly #openMs: number
  readonly #maxOpenMs: number
  readonly #clock: Clock

  constructor(limit: number, openMs: number, maxOpenMs: number, clock: Clock) {
    this.#limit = limit
    this.#openMs = openMs
    this.#maxOpenMs = maxOpenMs
    this.#clock = clock
  }

  /** Whether `begin()` would give a ticket now. */
  get wouldAllow(): boolean {
    return this.isClosed || (!this.#isProbing && this.#clock.monotonic() >= this.#openUntil)
  }

  /** A ticket, or {@link refused}. */
  begin(): number {
    if (this.isClosed) return this.#ticket
    if (!this.wouldAllow) return refused
    this.#isProbing = true
    return ++this.#ticket
  }

  succeed(ticket: number): void {
    if (ticket !== this.#ticket) return
    this.#failures = 0
    this.#openings = 0
    this.isClosed = true
    this.#isProbing = false
  }

  fail(ticket: number): void {
    if (ticket !== this.#ticket) return
    if (this.isClosed && ++this.#failures < this.#limit) return
    this.#openUntil = this.#clock.monotonic() + Math.min(this.#openMs * 2 ** this.#openings, this.#maxOpenMs)
    this.#openings = Math.min(this.#openings + 1, 30)
    this.isClosed = false
    this.#isProbing = false
    this.#ticket++
  }

  /** The call ended in a way that says nothing about the server. */
  release(ticket: number): void {
    if (ticket === this.#ticket) this.#isProbing = false
  }

  /** Closes it because the server has shown by other means that it is back; one failure opens it again. */
  closeOnTrial(): void {
    if (this.isClosed) return
    this.#failures = this.#limit - 1
    this.isClosed = true
    this.#isProbing = false
    this.#ticket++
  }
}
