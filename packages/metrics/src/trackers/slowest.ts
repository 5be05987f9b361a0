import { channels, currentContext, type Clock } from '@hardening/core'

/** An operation that took longer than its threshold. */
export interface SlowOperation {
  readonly kind: string
  readonly name: string
  readonly durationMs: number
  readonly thresholdMs: number
  /** When it ended: ISO 8601. */
  readonly at: string
  readonly requestId?: string
}

/** Reports slow operations, each once, and keeps the slowest of the window. */
export class Slowest {
  readonly #clock: Clock
  readonly #windowMs: number
  readonly #max: number
  #kept: { readonly operation: SlowOperation; readonly until: number }[] = []

  constructor(clock: Clock, windowMs: number, max: number) {
    this.#clock = clock
    this.#windowMs = windowMs
    this.#max = max
  }

  report(kind: string, name: string, durationMs: number, thresholdMs: number, requestId?: string): void {
    const id = requestId ?? currentContext()?.requestId
    const message = { kind, name, durationMs, thresholdMs, ...(id === undefined ? {} : { requestId: id }) }
    if (channels.slowOperation.hasSubscribers) channels.slowOperation.publish(message)
    const operation = { ...message, at: new Date(this.#clock.now()).toISOString() }
    this.#drop()
    this.#kept.push({ operation, until: this.#clock.monotonic() + this.#windowMs })
    this.#kept.sort((a, b) => b.operation.durationMs - a.operation.durationMs)
    this.#kept.length = Math.min(this.#kept.length, this.#max)
  }

  list(): SlowOperation[] {
    this.#drop()
    return this.#kept.map(({ operation }) => operation)
  }

  #drop(): void {
    const now = this.#clock.monotonic()
    this.#kept = this.#kept.filter(({ until }) => until > now)
  }
}
