import type { Clock, Exchange } from '@hardening/core'

/**
 * The requests that wait for their answer, by the time that they have. Those of one length run out in the order in which
 * they came, so that a row of them needs one timer, however many there are.
 */
export class Deadlines {
  readonly #clock: Clock
  readonly #expire: (exchange: Exchange, timeoutMs: number) => void
  readonly #rows = new Map<number, Set<Exchange>>()

  constructor(clock: Clock, expire: (exchange: Exchange, timeoutMs: number) => void) {
    this.#clock = clock
    this.#expire = expire
  }

  add(exchange: Exchange, timeoutMs: number): void {
    const row = this.#rows.get(timeoutMs)
    if (row !== undefined) {
      row.add(exchange)
      return
    }
    this.#rows.set(timeoutMs, new Set([exchange]))
    this.#arm(timeoutMs, timeoutMs)
  }

  remove(exchange: Exchange): void {
    const { deadline } = exchange.context
    if (deadline === undefined || this.#rows.get(Math.round(deadline - exchange.start))?.delete(exchange)) return
    // Somebody has set another deadline meanwhile.
    for (const row of this.#rows.values()) if (row.delete(exchange)) return
  }

  #arm(timeoutMs: number, delayMs: number): void {
    this.#clock.setTimeout(() => this.#run(timeoutMs), Math.max(1, Math.ceil(delayMs)))
  }

  #run(timeoutMs: number): void {
    const row = this.#rows.get(timeoutMs) as Set<Exchange>
    const now = this.#clock.monotonic()
    for (const exchange of row) {
      const left = exchange.start + timeoutMs - now
      if (left > 0) {
        this.#arm(timeoutMs, left)
        return
      }
      row.delete(exchange)
      this.#expire(exchange, timeoutMs)
    }
    // The next request begins a row with a timer of its own.
    this.#rows.delete(timeoutMs)
  }
}
