import type { Entry } from './entry.js'
import type { Invalidation } from './invalidations.js'

/** What could not be told to Redis, to be caught up on when it returns. */
export class Pending {
  /** Oldest first. */
  #invalidations: { what: Invalidation; at: number }[] = []
  /** Values that are newer than what Redis has, by key. */
  readonly #values = new Map<string, PendingValue>()
  readonly #most: number
  readonly #mostBytes: number
  #bytes = 0

  constructor(mostBytes: number, most = 10_000) {
    this.#mostBytes = mostBytes
    this.#most = most
  }

  get size(): number {
    return this.#invalidations.length + this.#values.size
  }

  /** @param at - wall-clock milliseconds */
  addInvalidation(what: Invalidation, at: number): void {
    if (what.kind === 'key') for (const key of what.names) this.#remove(key)
    this.#invalidations.push({ what, at })
    // Rather too much is forgotten than too little.
    if (this.#invalidations.length > this.#most) this.#invalidations = [{ what: { kind: 'clear', names: [] }, at }]
  }

  addValue(value: PendingValue): void {
    this.#remove(value.key)
    this.#values.set(value.key, value)
    this.#bytes += value.entry.bytes
    while (this.#values.size > this.#most || (this.#bytes > this.#mostBytes && this.#values.size > 1)) {
      this.#giveUp(this.firstValue() as PendingValue)
    }
  }

  /** Gives up values that fail a test: what Redis has of their keys is older still. Returns those that are left. */
  retain(passes: (value: PendingValue) => boolean): Entry[] {
    const kept: Entry[] = []
    for (const value of this.#values.values()) {
      if (passes(value)) kept.push(value.entry)
      else this.#giveUp(value)
    }
    return kept
  }

  firstInvalidation(): { what: Invalidation; at: number } | undefined {
    return this.#invalidations[0]
  }

  firstValue(): PendingValue | undefined {
    return this.#values.values().next().value
  }

  doneInvalidation(done: { what: Invalidation }): void {
    const at = this.#invalidations.findIndex((item) => item === done)
    if (at !== -1) this.#invalidations.splice(at, 1)
  }

  doneValue(done: PendingValue): void {
    if (this.#values.get(done.key) === done) this.#remove(done.key)
  }

  #giveUp({ key, at }: PendingValue): void {
    this.#remove(key)
    this.addInvalidation({ kind: 'key', names: [key] }, at)
  }

  #remove(key: string): void {
    const known = this.#values.get(key)
    if (known === undefined) return
    this.#bytes -= known.entry.bytes
    this.#values.delete(key)
  }
}

/** A value that Redis does not have yet. */
export interface PendingValue {
  readonly key: string
  readonly entry: Entry
  /** Wall-clock milliseconds at which it was written, or its loader was started. */
  readonly at: number
  /** Whether it was begun when Redis was known to be out of reach, or set by the application: nothing was missed by it. */
  readonly isSure: boolean
}
