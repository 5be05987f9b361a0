import type { HostMatcher } from './host-matcher.js'
import { parseHost } from './host-name.js'

/** Spellings of hosts that were let in before, so that most requests cost one look-up. */
export class KnownHosts {
  readonly #matches: HostMatcher
  readonly #most: number
  readonly #known = new Set<string>()

  /** @param most - how many are remembered: below a wildcard anybody can invent names */
  constructor(matches: HostMatcher, most = 256) {
    this.#matches = matches
    this.#most = most
  }

  has(text: string): boolean {
    if (this.#known.has(text)) return true
    const host = parseHost(text)
    if (host === undefined || !this.#matches(host)) return false
    if (this.#known.size >= this.#most) this.#known.clear()
    this.#known.add(text)
    return true
  }

  get size(): number {
    return this.#known.size
  }
}
