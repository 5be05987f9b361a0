/** A key that is known to be refused for a while. */
export interface DenyEntry {
  readonly group: number
  readonly key: string
  /** Monotonic milliseconds until which it holds. */
  until: number
  isBlocked: boolean
  /** Names of the policies that refused. */
  policies: readonly string[]
  /** Whether the address is that of the connection, so that it is known before Express reads proxies' headers. */
  isDirect: boolean
  /** Whether this process decided alone, while the store was out of reach. */
  isOwn: boolean
  /** Refusals that the store has not been told of. */
  strikes: number
  /** Refusals before Express that no event has told of. */
  unpublished: number
}

/** Looked at, at most, to find one that may go. */
const fewEntries = 8

/**
 * Keys whose refusal needs no question to the store: blocked ones, and those that are over a limit until a time that is
 * known. Bounded: what has ended goes first, then what is only over its limit.
 */
export class DenyCache {
  readonly #groups: Map<string, DenyEntry>[] = []
  readonly #max: number
  #size = 0

  constructor(groups: number, max: number) {
    this.#max = max
    for (let group = 0; group < groups; group++) this.#groups.push(new Map())
  }

  get size(): number {
    return this.#size
  }

  /** The entry of a key, whether it still holds or not. */
  get(group: number, key: string): DenyEntry | undefined {
    return (this.#groups[group] as Map<string, DenyEntry>).get(key)
  }

  put(entry: DenyEntry, now: number): void {
    const entries = this.#groups[entry.group] as Map<string, DenyEntry>
    if (!entries.delete(entry.key)) {
      if (this.#max === 0) return
      if (this.#size >= this.#max) this.#evict(entry.group, now)
      this.#size++
    }
    entries.set(entry.key, entry)
  }

  delete(group: number, key: string): void {
    if ((this.#groups[group] as Map<string, DenyEntry>).delete(key)) this.#size--
  }

  *entries(): Generator<DenyEntry> {
    for (const entries of this.#groups) yield* entries.values()
  }

  #evict(group: number, now: number): void {
    const own = this.#groups[group] as Map<string, DenyEntry>
    const entries = own.size > 0 ? own : (this.#groups.find(({ size }) => size > 0) as Map<string, DenyEntry>)
    let looked = 0
    let victim: DenyEntry | undefined
    for (const entry of entries.values()) {
      if (entry.until <= now || !entry.isBlocked) {
        victim = entry
        break
      }
      if (victim === undefined || entry.until < victim.until) victim = entry
      if (++looked === fewEntries) break
    }
    if (victim !== undefined) this.delete(victim.group, victim.key)
  }
}
