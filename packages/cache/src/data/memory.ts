import { LRUCache } from 'lru-cache'
import { CacheLoaderFailedError } from '../errors.js'
import type { ResolvedCacheOptions } from '../options.js'
import type { Copied } from './copy.js'
import { Entry } from './entry.js'
import { matchesGlob } from './glob.js'
import type { Invalidation, Invalidations } from './invalidations.js'
import type { Found } from './remote.js'
import type { EntrySettings } from './settings.js'

/** The entries of this process, within their bounds. */
export class Memory {
  readonly entries: LRUCache<string, Entry>
  readonly invalidations: Invalidations
  readonly #options: ResolvedCacheOptions

  constructor(options: ResolvedCacheOptions, invalidations: Invalidations) {
    this.#options = options
    this.invalidations = invalidations
    this.entries = new LRUCache({
      max: options.maxEntries,
      maxSize: options.maxBytes,
      maxEntrySize: options.maxEntryBytes,
    })
  }

  put(key: string, entry: Entry): void {
    this.entries.set(key, entry, { size: entry.bytes })
  }

  /** @param ttlMs - where the loader said so itself */
  make(
    content: Copied,
    tags: readonly string[],
    settings: EntrySettings,
    generation: number,
    ttlMs: number = content.value === null && settings.nullTtlMs >= 0 ? settings.nullTtlMs : settings.ttlMs,
  ): Entry {
    const storedAt = this.#now()
    const life = ttlMs * (1 - settings.jitter * this.#options.random())
    return new Entry({
      content,
      tags,
      generation,
      storedAt,
      freshUntil: storedAt + life,
      refreshAt: storedAt + life * (settings.refreshAhead === 1 ? 1 : settings.refreshAhead),
      staleUntil: storedAt + life + Math.max(settings.swrMs, settings.sieMs),
    })
  }

  /** What is in memory and has not been invalidated. */
  valid(key: string): Entry | undefined {
    const entry = this.entries.get(key)
    if (entry === undefined) return undefined
    if (entry.checked !== this.invalidations.generation && !this.recheck(key, entry)) return undefined
    if (entry.staleUntil > this.#now()) return entry
    this.entries.delete(key)
    return undefined
  }

  /** Looks at what has been invalidated since this entry was last looked at. */
  recheck(key: string, entry: Entry): boolean {
    if (this.invalidations.isOutdatedEntry(key, entry.tags, entry.generation)) {
      this.entries.delete(key)
      return false
    }
    entry.checked = this.invalidations.generation
    return true
  }

  /** Takes what was found in Redis into memory. */
  take(key: string, found: Found | undefined): Entry | undefined {
    if (found === undefined) return undefined
    const { envelope, generation } = found
    const now = this.#now()
    // Clocks of machines differ: what is left may not be more than the whole.
    const wall = this.#options.clock.now()
    const left = Math.min(envelope.freshUntil - wall, envelope.freshUntil - envelope.at)
    const grace = envelope.staleUntil - envelope.freshUntil
    if (left + grace <= 0 || this.invalidations.isOutdated(key, envelope.tags, generation)) return undefined
    const { content, tags } = envelope
    const error = content === undefined ? new CacheLoaderFailedError(this.#options.name) : undefined
    const freshUntil = now + left
    const life = envelope.freshUntil - envelope.at
    const refreshAt = freshUntil - life * (1 - this.#options.settings.refreshAhead)
    const storedAt = now - Math.max(0, life - left)
    const entry = new Entry({
      content,
      error,
      tags,
      generation,
      storedAt,
      refreshAt,
      freshUntil,
      staleUntil: freshUntil + grace,
    })
    entry.checked = this.invalidations.generation
    const known = this.entries.peek(key)
    if (known !== undefined && known.generation > generation) return entry
    this.put(key, entry)
    return entry
  }

  /** Removes what can be found at once; the rest is outdated when it is next looked at. */
  forget({ kind, names }: Invalidation): void {
    if (kind === 'clear') this.entries.clear()
    else if (kind === 'key') for (const key of names) this.entries.delete(key)
    else if (kind === 'pattern') {
      for (const key of this.entries.keys()) {
        if (names.some((pattern) => matchesGlob(pattern, key))) this.entries.delete(key)
      }
    }
  }

  /** What is on its way is not kept either: it may have missed as much as what is there. */
  forgetAllBut(kept: readonly Entry[]): void {
    this.invalidations.clear(0)
    const good = new Set(kept)
    for (const entry of good) entry.renew(this.invalidations.generation)
    for (const [key, entry] of this.entries.entries()) if (!good.has(entry)) this.entries.delete(key)
  }

  #now(): number {
    return this.#options.clock.monotonic()
  }
}
