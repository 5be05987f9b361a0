import { copyValue, type Copied } from './copy.js'

/** A value in memory. Times are monotonic milliseconds of this process. */
export class Entry {
  readonly content: Copied | undefined
  /** What the loader threw, where it failed. */
  readonly error: unknown
  readonly tags: readonly string[]
  /** Count of invalidations when it was made. */
  generation: number
  /** Count of invalidations when it was last found to be valid. */
  checked: number
  readonly storedAt: number
  /** From when on a hit starts loading the next value; the end of its freshness where nothing is refreshed ahead. */
  refreshAt: number
  freshUntil: number
  readonly staleUntil: number
  /** When the loader may be tried again after it failed. */
  retryAt = 0
  /** What every hit returns, made once: a hit costs no promise of its own. */
  readonly promise: Promise<unknown> | undefined

  constructor(fields: EntryFields) {
    this.content = fields.content
    this.error = fields.error
    this.tags = fields.tags
    this.generation = this.checked = fields.generation
    this.storedAt = fields.storedAt
    this.freshUntil = fields.freshUntil
    this.refreshAt = Math.min(fields.refreshAt, fields.freshUntil)
    this.staleUntil = fields.staleUntil
    this.promise = fields.content?.isShareable === true ? Promise.resolve(fields.content.value) : undefined
  }

  get bytes(): number {
    return Math.ceil(200 + (this.content?.bytes ?? 0))
  }

  /** Whether it stands for a failure or for "there is none". */
  get isNegative(): boolean {
    return this.content === undefined || this.content.value === null
  }

  /** Counts as made now. */
  renew(generation: number): void {
    this.generation = this.checked = generation
  }

  /** The value, or the failure, as a caller gets it. */
  give(): unknown {
    if (this.content === undefined) throw this.error
    return this.content.isShareable ? this.content.value : copyValue(this.content.value).value
  }
}

export interface EntryFields {
  readonly content: Copied | undefined
  readonly error?: unknown
  readonly tags: readonly string[]
  readonly generation: number
  readonly storedAt: number
  readonly refreshAt: number
  readonly freshUntil: number
  readonly staleUntil: number
}
