import type { Invalidation } from './invalidations.js'

/** What could not be told to Redis, to be caught up on when it returns. */
export class Pending {
  /** Oldest first. */
  #invalidations: { what: Invalidation; at: number }[] = []
  /** Keys whose value in memory is newer than what Redis has, and when it was written. */
  readonly #values = new Map<string, number>()
  readonly #most: number

  constructor(most = 10_000) {
    this.#most = most
  }

  get size(): number {
    return this.#invalidations.length + this.#values.size
  }

  /** @param at - wall-clock milliseconds */
  addInvalidation(what: Invalidation, at: number): void {
    if (what.kind === 'key') for (const key of what.names) this.#values.delete(key)
    this.#invalidations.push({ what, at })
    // Rather too much is forgotten than too little.
    if (this.#invalidations.length > this.#most) this.#invalidations = [{ what: { kind: 'clear', names: [] }, at }]
  }

  addValue(key: string, at: number): void {
    this.#values.delete(key)
    this.#values.set(key, at)
    if (this.#values.size <= this.#most) return
    const [oldest, time] = this.#values.entries().next().value as [string, number]
    this.#values.delete(oldest)
    this.addInvalidation({ kind: 'key', names: [oldest] }, time)
  }

  firstInvalidation(): { what: Invalidation; at: number } | undefined {
    return this.#invalidations[0]
  }

  firstValue(): { key: string; at: number } | undefined {
    const first = this.#values.entries().next().value as [string, number] | undefined
    return first === undefined ? undefined : { key: first[0], at: first[1] }
  }

  doneInvalidation(done: { what: Invalidation }): void {
    const at = this.#invalidations.findIndex((item) => item === done)
    if (at !== -1) this.#invalidations.splice(at, 1)
  }

  doneValue(key: string, at: number): void {
    if (this.#values.get(key) === at) this.#values.delete(key)
  }
}
