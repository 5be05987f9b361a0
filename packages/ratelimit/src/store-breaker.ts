import type { Clock } from '@hardening/core'

const mostFailures = 5
const openMs = 1000

/** Stops asking a store that fails again and again; once a second one request tries. */
export class StoreBreaker {
  readonly #clock: Clock
  #failures = 0
  #triedAt = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get isOpen(): boolean {
    return this.#failures >= mostFailures
  }

  /** Whether to ask now. */
  get allows(): boolean {
    return !this.isOpen || this.#clock.monotonic() - this.#triedAt >= openMs
  }

  begin(): void {
    this.#triedAt = this.#clock.monotonic()
  }

  succeed(): void {
    this.#failures = 0
  }

  fail(): void {
    this.#failures++
  }
}
