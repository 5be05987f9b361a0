import { channels, type CacheLookupMessage, type Clock } from '@hardening/core'
import type { Entry } from './entry.js'
import type { Flight } from './flight.js'

type Outcome = CacheLookupMessage['outcome']
type Level = CacheLookupMessage['level']

/** Counts what lookups came to, and tells whoever listens. */
export class Tally {
  readonly counts = { hits: 0, misses: 0, staleServed: 0, negativeHits: 0, loads: 0, loadFailures: 0 }
  readonly #cache: string
  readonly #clock: Clock
  readonly #isQuiet: boolean

  constructor(cache: string, clock: Clock, isQuiet: boolean) {
    this.#cache = cache
    this.#clock = clock
    this.#isQuiet = isQuiet
  }

  /** When a lookup began; 0 where nobody wants to know. */
  start(): number {
    return channels.cacheLookup.hasSubscribers ? this.#clock.monotonic() : 0
  }

  count(outcome: Outcome, level: Level, start: number): void {
    if (outcome === 'hit') this.counts.hits++
    else if (outcome === 'miss') this.counts.misses++
    else if (outcome === 'stale') this.counts.staleServed++
    else this.counts.negativeHits++
    if (channels.cacheLookup.hasSubscribers) {
      this.#tell(outcome, level, start === 0 ? 0 : this.#clock.monotonic() - start)
    }
  }

  /** A hit that took no time worth telling. */
  quickHit(entry: Entry): void {
    this.counts.hits++
    if (channels.cacheLookup.hasSubscribers) this.#tell(entry.content?.value === null ? 'negative' : 'hit', 'memory', 0)
  }

  /** What a flight came to, for one who waited for it. */
  countLoaded(entry: Entry, flight: Flight, start: number): void {
    const now = this.#clock.monotonic()
    if (entry.freshUntil <= now && entry.freshUntil > entry.storedAt && entry.content !== undefined) {
      this.count('stale', 'redis', start)
    } else if (entry.storedAt < flight.startedAt) this.count(entry.isNegative ? 'negative' : 'hit', 'redis', start)
    else this.count('miss', 'loader', start)
  }

  #tell(outcome: Outcome, level: Level, durationMs: number): void {
    if (this.#isQuiet) return
    channels.cacheLookup.publish({ cache: this.#cache, outcome, level, durationMs })
  }
}
