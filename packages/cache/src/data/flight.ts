import type { Entry } from './entry.js'

/** A value on its way, for all who wait for it. */
export class Flight {
  readonly key: string
  readonly tags: readonly string[]
  /** Count of invalidations when it began. */
  readonly generation: number
  /** Place in the journal when it began. */
  readonly seq: number
  readonly startedAt: number
  readonly controller: AbortController = new AbortController()
  promise!: Promise<Entry>
  /** It goes on when nobody waits any more. */
  isKept = false
  #waiting = 0
  #isSettled = false

  constructor(key: string, tags: readonly string[], generation: number, seq: number, startedAt: number) {
    this.key = key
    this.tags = tags
    this.generation = generation
    this.seq = seq
    this.startedAt = startedAt
  }

  settle(): void {
    this.#isSettled = true
  }

  join(): void {
    this.#waiting++
  }

  /** True where the last one who waited has gone, so that it has been told to stop. */
  leave(reason: Error): boolean {
    this.#waiting--
    if (this.#waiting > 0 || this.isKept || this.#isSettled) return false
    this.controller.abort(reason)
    return true
  }
}
