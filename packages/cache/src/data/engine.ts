import { CacheClosedError } from '../errors.js'
import type { ResolvedCacheOptions } from '../options.js'
import { copyValue } from './copy.js'
import type { Entry } from './entry.js'
import type { Beginning } from './flight.js'
import { Invalidations, type Invalidation } from './invalidations.js'
import { Loads } from './loads.js'
import type { AnyLoader, CacheStats, Lookup } from './lookup.js'
import { Memory } from './memory.js'
import type { EntrySettings } from './settings.js'
import { Store } from './store.js'
import { Tally } from './tally.js'

/** Memory in front of Redis, one loader at a time. All names of keys are whole here. */
export class Engine {
  readonly options: ResolvedCacheOptions
  readonly invalidations: Invalidations = new Invalidations()
  readonly memory: Memory
  readonly store: Store | undefined
  readonly tally: Tally
  readonly loads: Loads
  #isClosed = false

  constructor(options: ResolvedCacheOptions) {
    this.options = options
    this.memory = new Memory(options, this.invalidations)
    this.tally = new Tally(options.name, options.clock, options.isQuiet)
    if (options.redis !== undefined) {
      this.store = new Store(options, this.invalidations, {
        invalidated: (what) => this.memory.forget(what),
        lost: (kept) => this.memory.forgetAllBut(kept),
      })
    }
    this.loads = new Loads(options, this.memory, this.store, this.tally, () => this.begin())
  }

  /** The value in memory, if it can be given out with no further thought. The shortest way there is. */
  quick(key: string): Promise<unknown> | undefined {
    const entry = this.memory.entries.get(key)
    if (
      entry === undefined ||
      entry.promise === undefined ||
      (entry.checked !== this.invalidations.generation && !this.memory.recheck(key, entry)) ||
      this.options.clock.monotonic() >= entry.refreshAt ||
      this.store?.isLive === false
    ) {
      return undefined
    }
    this.tally.quickHit(entry)
    return entry.promise
  }

  /** The value in memory, if it can be given out with no further thought and nobody has to be asked. */
  peek(key: string): unknown {
    const entry = this.quick(key) === undefined ? undefined : this.memory.entries.peek(key)
    return entry?.content?.value
  }

  /** Where invalidations stand now: what is begun here is kept only if none of it is invalidated until it is done. */
  begin(): Beginning {
    const isOffline = this.store?.isUsable === false
    return { generation: this.invalidations.generation, seq: this.store?.seq ?? 0, startedAt: this.#now(), isOffline }
  }

  /** Keeps what was begun at `since`. */
  keep(key: string, value: unknown, tags: readonly string[], settings: EntrySettings, since: Beginning): void {
    if (this.#isClosed || this.invalidations.isOutdated(key, tags, since.generation)) return
    const entry = this.memory.make(copyValue(value), tags, settings, since.generation)
    entry.checked = this.invalidations.generation
    this.memory.put(key, entry)
    this.store?.put(key, entry, since, '')
  }

  async get(key: string): Promise<unknown> {
    this.#assertOpen()
    const start = this.tally.start()
    const isUsable = await this.store?.ensure()
    let entry = this.memory.valid(key)
    let level: 'memory' | 'redis' = 'memory'
    if ((entry === undefined || entry.freshUntil <= this.#now()) && isUsable === true) {
      entry = await this.loads.readStore(key)
      level = 'redis'
    }
    if (entry?.content === undefined || entry.freshUntil <= this.#now()) {
      this.tally.count('miss', 'none', start)
      return undefined
    }
    this.tally.count(entry.content.value === null ? 'negative' : 'hit', level, start)
    return entry.give()
  }

  async set(key: string, value: unknown, tags: readonly string[], settings: EntrySettings): Promise<void> {
    this.#assertOpen()
    const what: Invalidation = { kind: 'key', names: [key] }
    const content = copyValue(value)
    this.invalidate(what)
    const entry = this.memory.make(content, tags, settings, this.invalidations.generation)
    this.memory.put(key, entry)
    await this.store?.set(key, entry)
  }

  /** Forgets in this process at once, and tells the others. */
  async invalidateEverywhere(what: Invalidation): Promise<void> {
    this.#assertOpen()
    this.invalidate(what)
    await this.store?.invalidate(what)
  }

  /** Forgets in this process. */
  invalidate(what: Invalidation): void {
    this.invalidations.apply(what, 0)
    this.memory.forget(what)
  }

  async getOrSet(key: string, loader: AnyLoader, lookup: Lookup): Promise<unknown> {
    this.#assertOpen()
    const { settings, signal } = lookup
    signal?.throwIfAborted()
    const start = this.tally.start()
    const isUsable = this.store === undefined ? false : await this.store.ensure()
    const now = this.#now()
    const entry = this.memory.valid(key)
    if (!lookup.forceFresh && entry !== undefined) {
      if (entry.freshUntil > now) {
        if (now >= entry.refreshAt && entry.retryAt <= now) this.loads.refresh(key, loader, lookup, entry)
        this.tally.count(entry.isNegative ? 'negative' : 'hit', 'memory', start)
        return entry.give()
      }
      if (entry.content !== undefined && this.#mayServeStale(entry, settings, now)) {
        if (entry.retryAt <= now) this.loads.refresh(key, loader, lookup, entry)
        this.tally.count('stale', 'memory', start)
        return entry.give()
      }
    }
    const flight = this.loads.join(key, loader, lookup, entry, isUsable)
    return this.loads.waitFor(flight, entry, lookup, start)
  }

  stats(): CacheStats {
    const { size, calculatedSize } = this.memory.entries
    return { ...this.tally.counts, entries: size, bytes: calculatedSize, pending: this.store?.pendingSize ?? 0 }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.loads.close()
    this.memory.entries.clear()
    await this.store?.close()
  }

  /** Whether the old value is given while, or instead of, loading a new one. */
  #mayServeStale(entry: Entry, settings: EntrySettings, now: number): boolean {
    if (entry.freshUntil + settings.swrMs > now) return true
    return entry.retryAt > now && entry.freshUntil + settings.sieMs > now
  }

  #now(): number {
    return this.options.clock.monotonic()
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new CacheClosedError(this.options.name)
  }
}
