import type { RequestContext } from '@hardening/core'
import type { LogRecord } from './line.js'

interface Held {
  readonly records: LogRecord[]
  dropped: number
}

/**
 * Lines of requests that are below the level, until it is known whether the request went well. What nobody asks for goes
 * with its request's context.
 */
export class HeldLines {
  readonly #limit: number
  readonly #held = new WeakMap<RequestContext, Held>()
  /** Whether an access log is there to say what becomes of them. */
  active = false

  /** @param limit - lines that one request may have waiting; then the oldest go. 0 holds none. */
  constructor(limit: number) {
    this.#limit = limit
  }

  holds(context: RequestContext | undefined): context is RequestContext {
    return this.active && this.#limit > 0 && context !== undefined
  }

  add(context: RequestContext, record: LogRecord): void {
    let held = this.#held.get(context)
    if (held === undefined) this.#held.set(context, (held = { records: [], dropped: 0 }))
    if (held.records.length === this.#limit) {
      held.records.shift()
      held.dropped += 1
    }
    held.records.push(record)
  }

  take(context: RequestContext): Held | undefined {
    const held = this.#held.get(context)
    if (held !== undefined) this.#held.delete(context)
    return held
  }
}
