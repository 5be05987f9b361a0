/** Tells new reports from repeated ones, for a time and with a bound. */
export class Repeats {
  readonly #windowMs: number
  readonly #most: number
  readonly #seen = new Map<string, { since: number; count: number }>()

  constructor(windowMs: number, most: number) {
    this.#windowMs = windowMs
    this.#most = most
  }

  /**
   * How often `key` came since it was last told of, with this time; 0 where it is not to be told of now, because it was
   * within the window.
   */
  count(key: string, now: number): number {
    const entry = this.#seen.get(key)
    if (entry !== undefined && now - entry.since < this.#windowMs) {
      entry.count++
      return 0
    }
    const count = (entry?.count ?? 0) + 1
    this.#seen.delete(key)
    if (this.#seen.size >= this.#most) this.#seen.delete(this.#seen.keys().next().value as string)
    this.#seen.set(key, { since: now, count: 0 })
    return count
  }
}
