import type { Entry } from './entry.js'

/** A moment in the order of invalidations. */
export interface Beginning {
  readonly generation: number
  readonly seq: number
  readonly startedAt: number
  readonly isOffline: boolean
}

/** A value on its way, for all who wait for it. */
export class Flight {
  readonly key: string
  readonly tags: readonly string[]
  /** Count of invalidations when it began. */
  readonly generation: number
  /** Place in the journal when it began. */
  readonly seq: number
  readonly startedAt: number
  /** Whether Redis was known to be out of reach when it began. */
  readonly isOffline: boolean
  readonly controller: AbortController = new AbortController()
  promise!: Promise<Entry>
  /** It goes on when nobody waits any more. */
  isKept = false
  #waiting = 0
  #isSettled = false

  constructor(key: string, tags: readonly string[], since: Beginning) {
    this.key = key
    this.tags = tags
    this.generation = since.generation
    this.seq = since.seq
    this.startedAt = since.startedAt
    this.isOffline = since.isOffline
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
