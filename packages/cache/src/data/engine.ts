import { randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { channels, isHardeningError, type CacheLookupMessage } from '@hardening/core'
import { CacheClosedError, CacheLoaderFailedError, CacheLoaderTimeoutError } from '../errors.js'
import type { ResolvedCacheOptions } from '../options.js'
import { copyValue, type Copied } from './copy.js'
import { Entry } from './entry.js'
import { Flight, type Beginning } from './flight.js'
import { Invalidations, type Invalidation } from './invalidations.js'
import { Store } from './store.js'
import { noTags, type EntrySettings } from './settings.js'
import { sleep, waitFor, wentSoft } from './wait.js'
import { matchesGlob } from './glob.js'

/** What a loader is told, and may say. */
export interface LoaderContext {
  readonly key: string
  /** Fires when nobody waits for the value any more, or the cache is closed. */
  readonly signal: AbortSignal
  /** The outdated value, where there is one. */
  readonly stale: unknown
  /** Says how long this value is fresh, in milliseconds; 0 keeps it not at all. */
  setTtl(ms: number): void
  /** Adds tags to this value. */
  addTags(...tags: string[]): void
}

/** How one lookup is to be done. */
export interface Lookup {
  readonly settings: EntrySettings
  readonly tags: readonly string[]
  readonly signal: AbortSignal | undefined
  readonly forceFresh: boolean
}

/** Numbers of a cache since it was made. */
export interface CacheStats {
  hits: number
  misses: number
  staleServed: number
  negativeHits: number
  loads: number
  loadFailures: number
  /** Entries in memory. */
  entries: number
  /** Estimated bytes in memory. */
  bytes: number
  /** What waits to be written to Redis when it returns. */
  pending: number
}

type AnyLoader = (context: LoaderContext) => unknown
type Outcome = CacheLookupMessage['outcome']
type Level = CacheLookupMessage['level']

/** Memory in front of Redis, one loader at a time. All names of keys are whole here. */
export class Engine {
  readonly options: ResolvedCacheOptions
  readonly memory: LRUCache<string, Entry>
  readonly invalidations: Invalidations = new Invalidations()
  readonly store: Store | undefined
  readonly counts = { hits: 0, misses: 0, staleServed: 0, negativeHits: 0, loads: 0, loadFailures: 0 }
  readonly #flights = new Map<string, Flight>()
  #isClosed = false

  constructor(options: ResolvedCacheOptions) {
    this.options = options
    this.memory = new LRUCache({
      max: options.maxEntries,
      maxSize: options.maxBytes,
      maxEntrySize: options.maxEntryBytes,
    })
    if (options.redis !== undefined) {
      this.store = new Store(options, this.invalidations, {
        invalidated: (what) => this.#forget(what),
        lost: (kept) => this.#forgetAllBut(kept),
      })
    }
  }

  /** The value in memory, if it can be given out with no further thought. The shortest way there is. */
  quick(key: string): Promise<unknown> | undefined {
    const entry = this.memory.get(key)
    if (
      entry === undefined ||
      entry.promise === undefined ||
      (entry.checked !== this.invalidations.generation && !this.#recheck(key, entry)) ||
      this.options.clock.monotonic() >= entry.refreshAt ||
      this.store?.isLive === false
    ) {
      return undefined
    }
    this.counts.hits++
    if (channels.cacheLookup.hasSubscribers) this.#tell(entry.content?.value === null ? 'negative' : 'hit', 'memory', 0)
    return entry.promise
  }

  /** The value in memory, if it can be given out with no further thought and nobody has to be asked. */
  peek(key: string): unknown {
    const entry = this.quick(key) === undefined ? undefined : this.memory.peek(key)
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
    const entry = this.#makeEntry(copyValue(value), tags, settings, since.generation)
    entry.checked = this.invalidations.generation
    this.memory.set(key, entry, { size: entry.bytes })
    this.store?.put(key, entry, since, '')
  }

  async get(key: string): Promise<unknown> {
    this.#assertOpen()
    const start = this.#startTime()
    const isUsable = await this.store?.ensure()
    let entry = this.#valid(key)
    let level: Level = 'memory'
    if ((entry === undefined || entry.freshUntil <= this.#now()) && isUsable === true) {
      entry = await this.#readStore(key)
      level = 'redis'
    }
    if (entry?.content === undefined || entry.freshUntil <= this.#now()) {
      this.#count('miss', 'none', start)
      return undefined
    }
    this.#count(entry.content.value === null ? 'negative' : 'hit', level, start)
    return entry.give()
  }

  async set(key: string, value: unknown, tags: readonly string[], settings: EntrySettings): Promise<void> {
    this.#assertOpen()
    const what: Invalidation = { kind: 'key', names: [key] }
    const content = copyValue(value)
    this.invalidate(what)
    const entry = this.#makeEntry(content, tags, settings, this.invalidations.generation)
    this.memory.set(key, entry, { size: entry.bytes })
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
    this.#forget(what)
  }

  async getOrSet(key: string, loader: AnyLoader, lookup: Lookup): Promise<unknown> {
    this.#assertOpen()
    const { settings, signal } = lookup
    signal?.throwIfAborted()
    const start = this.#startTime()
    const isUsable = this.store === undefined ? false : await this.store.ensure()
    const now = this.#now()
    const entry = this.#valid(key)
    if (!lookup.forceFresh && entry !== undefined) {
      if (entry.freshUntil > now) {
        if (now >= entry.refreshAt && entry.retryAt <= now) this.#refresh(key, loader, lookup, entry)
        this.#count(isNegative(entry) ? 'negative' : 'hit', 'memory', start)
        return entry.give()
      }
      if (entry.content !== undefined && this.#mayServeStale(entry, settings, now)) {
        if (entry.retryAt <= now) this.#refresh(key, loader, lookup, entry)
        this.#count('stale', 'memory', start)
        return entry.give()
      }
    }
    const flight = this.#join(key, loader, lookup, entry, isUsable)
    return this.#waitFor(flight, entry, lookup, start)
  }

  stats(): CacheStats {
    const { size, calculatedSize } = this.memory
    return { ...this.counts, entries: size, bytes: calculatedSize, pending: this.store?.pendingSize ?? 0 }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const flight of this.#flights.values()) flight.controller.abort(new CacheClosedError(this.options.name))
    this.#flights.clear()
    this.memory.clear()
    await this.store?.close()
  }

  /** Whether the old value is given while, or instead of, loading a new one. */
  #mayServeStale(entry: Entry, settings: EntrySettings, now: number): boolean {
    if (entry.freshUntil + settings.swrMs > now) return true
    return entry.retryAt > now && entry.freshUntil + settings.sieMs > now
  }

  #refresh(key: string, loader: AnyLoader, lookup: Lookup, stale: Entry): void {
    const known = this.#flights.get(key)
    if (known !== undefined && !this.#isOutdated(known)) return
    const flight = this.#start(key, loader, lookup, stale, this.store?.isUsable === true, true)
    flight.isKept = true
    const limits = { hardMs: lookup.settings.hardMs, softMs: 0, signal: undefined, soft: () => undefined }
    const hard = (): Error => {
      const error = new CacheLoaderTimeoutError(this.options.name, lookup.settings.hardMs)
      this.#drop(flight)
      flight.controller.abort(error)
      return error
    }
    waitFor(flight.promise, { ...limits, hard }, this.options.clock).catch(() => undefined)
  }

  #join(key: string, loader: AnyLoader, lookup: Lookup, stale: Entry | undefined, isUsable: boolean): Flight {
    const known = this.#flights.get(key)
    if (known !== undefined && !this.#isOutdated(known)) return known
    return this.#start(key, loader, lookup, stale, isUsable, false)
  }

  #isOutdated(flight: Flight): boolean {
    return this.invalidations.isOutdated(flight.key, flight.tags, flight.generation)
  }

  #start(
    key: string,
    loader: AnyLoader,
    lookup: Lookup,
    stale: Entry | undefined,
    isUsable: boolean,
    isRefresh: boolean,
  ): Flight {
    const flight = new Flight(key, lookup.tags, this.begin())
    this.#flights.set(key, flight)
    flight.promise = this.#fly(flight, loader, lookup, stale, isUsable, isRefresh).finally(() => {
      flight.settle()
      this.#drop(flight)
    })
    flight.promise.catch(() => undefined)
    return flight
  }

  /** Whether it was invalidated while a new value was waited for. */
  #isForgotten(key: string, { tags, generation }: Entry): boolean {
    return this.invalidations.isOutdated(key, tags, generation)
  }

  #drop(flight: Flight): void {
    if (this.#flights.get(flight.key) === flight) this.#flights.delete(flight.key)
  }

  async #waitFor(flight: Flight, stale: Entry | undefined, lookup: Lookup, start: number): Promise<unknown> {
    const { settings, signal } = lookup
    const mayBeStale = stale?.content !== undefined && stale.freshUntil + settings.sieMs > this.#now()
    flight.join()
    let error: Error | undefined
    const hard = (): Error => (error = new CacheLoaderTimeoutError(this.options.name, settings.hardMs))
    const soft = (): void => {
      flight.isKept = true
    }
    const softMs = mayBeStale ? settings.softMs : 0
    try {
      const limits = { hardMs: settings.hardMs, softMs, signal, soft, hard }
      let entry = await waitFor(flight.promise, limits, this.options.clock)
      if (entry === wentSoft) {
        if (!this.#isForgotten(flight.key, stale as Entry)) {
          this.#count('stale', 'memory', start)
          return (stale as Entry).give()
        }
        entry = (await waitFor(flight.promise, { ...limits, softMs: 0 }, this.options.clock)) as Entry
      }
      this.#countLoaded(entry, flight, start)
      return entry.give()
    } catch (failure) {
      if (failure !== error || !mayBeStale || this.#isForgotten(flight.key, stale)) throw failure
      stale.retryAt = this.#now() + settings.retryMs
      this.#count('stale', 'memory', start)
      return stale.give()
    } finally {
      if (flight.leave(error ?? new Error('Nobody waits for the value any more'))) this.#drop(flight)
    }
  }

  async #fly(
    flight: Flight,
    loader: AnyLoader,
    lookup: Lookup,
    memoryStale: Entry | undefined,
    isUsable: boolean,
    isRefresh: boolean,
  ): Promise<Entry> {
    // One turn later, so that whoever started it has the flight in hand.
    await Promise.resolve()
    const { key } = flight
    const { settings } = lookup
    let stale = memoryStale
    let token = ''
    if (isUsable && !lookup.forceFresh) {
      const found = await this.#askStore(flight, settings, stale, isRefresh)
      if (found.fresh !== undefined) return found.fresh
      stale = found.stale ?? stale
      token = found.token
    }
    const lease = token === '' ? undefined : this.store?.hold(key, token)
    try {
      const entry = await this.#load(flight, loader, lookup, stale)
      lease?.stop()
      this.#keep(flight, entry, token)
      return entry
    } catch (error) {
      lease?.stop()
      return this.#fail(flight, error, settings, stale, token)
    }
  }

  /** Looks in Redis, and waits there for the process that is loading the value already. */
  async #askStore(
    flight: Flight,
    settings: EntrySettings,
    memoryStale: Entry | undefined,
    isRefresh: boolean,
  ): Promise<{ fresh?: Entry; stale?: Entry | undefined; token: string }> {
    const store = this.store as Store
    const { key } = flight
    let stale: Entry | undefined
    const isFresh = (entry: Entry | undefined): entry is Entry =>
      entry !== undefined &&
      entry.freshUntil > this.#now() &&
      !(isRefresh && entry.storedAt < flight.startedAt && entry.refreshAt <= this.#now())
    try {
      const first = await this.#readStore(key, true)
      if (isFresh(first)) return { fresh: first, token: '' }
      stale = first
      if (this.options.leaseMs === 0) return { stale, token: '' }
      const token = randomBytes(9).toString('base64url')
      for (let pause = 10; ; pause = Math.min(100, pause * 1.5)) {
        const { taken, found } = await store.leaseThenRead(key, token)
        const entry = this.#take(key, found)
        if (isFresh(entry)) {
          if (taken) store.release(key, token)
          return { fresh: entry, token: '' }
        }
        stale = entry ?? stale
        if (taken) return { stale, token }
        const old = stale ?? memoryStale
        // Somebody else is at it: what is old will do, if it may.
        if (old?.content !== undefined && (isRefresh || old.freshUntil + settings.swrMs > this.#now())) {
          return { fresh: old, token: '' }
        }
        await sleep(pause, this.options.clock, flight.controller.signal)
        if (!store.isUsable) return { stale, token: '' }
      }
    } catch (error) {
      if (flight.controller.signal.aborted) throw error
      store.doubt(error)
      return { stale, token: '' }
    }
  }

  async #load(flight: Flight, loader: AnyLoader, lookup: Lookup, stale: Entry | undefined): Promise<Entry> {
    this.counts.loads++
    let ttlMs: number | undefined
    const tags = new Set(lookup.tags)
    const value = await loader({
      key: flight.key,
      signal: flight.controller.signal,
      get stale() {
        return stale?.content === undefined ? undefined : stale.give()
      },
      setTtl: (ms) => {
        ttlMs = Math.max(0, Number(ms) || 0)
      },
      addTags: (...more) => {
        for (const tag of more) tags.add(tag)
      },
    })
    const content = copyValue(value)
    return this.#makeEntry(content, tags.size === 0 ? noTags : [...tags], lookup.settings, flight.generation, ttlMs)
  }

  #keep(flight: Flight, entry: Entry, token: string): void {
    const { key } = flight
    const isCurrent =
      !this.#isClosed &&
      entry.freshUntil > entry.storedAt &&
      !flight.controller.signal.aborted &&
      !this.invalidations.isOutdated(key, entry.tags, flight.generation)
    if (!isCurrent) {
      if (token !== '') this.store?.release(key, token)
      return
    }
    entry.checked = this.invalidations.generation
    this.memory.set(key, entry, { size: entry.bytes })
    this.store?.put(key, entry, flight, token)
  }

  #fail(flight: Flight, error: unknown, settings: EntrySettings, stale: Entry | undefined, token: string): Entry {
    const { key } = flight
    const now = this.#now()
    const isCancelled = flight.controller.signal.aborted
    if (!isCancelled) this.counts.loadFailures++
    const isStaleUsable =
      stale?.content !== undefined && stale.freshUntil + settings.sieMs > now && !this.#isForgotten(key, stale)
    if (isStaleUsable && !isHardeningError(error, 'ERR_CACHE_VALUE')) {
      if (token !== '') this.store?.release(key, token)
      stale.retryAt = now + settings.retryMs
      if (this.memory.peek(key) === undefined) this.memory.set(key, stale, { size: stale.bytes })
      return stale
    }
    if (settings.errorTtlMs > 0 && !isCancelled) {
      const freshUntil = now + settings.errorTtlMs
      const { generation, tags } = flight
      const fields = { content: undefined, error, tags, generation, storedAt: now, refreshAt: freshUntil, freshUntil }
      this.#keep(flight, new Entry({ ...fields, staleUntil: freshUntil }), token)
    } else if (token !== '') this.store?.release(key, token)
    throw error
  }

  #makeEntry(
    content: Copied,
    tags: readonly string[],
    settings: EntrySettings,
    generation: number,
    ttlMs = content.value === null && settings.nullTtlMs >= 0 ? settings.nullTtlMs : settings.ttlMs,
  ): Entry {
    const storedAt = this.#now()
    const life = ttlMs * (1 - settings.jitter * this.options.random())
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
  #valid(key: string): Entry | undefined {
    const entry = this.memory.get(key)
    if (entry === undefined) return undefined
    if (entry.checked !== this.invalidations.generation && !this.#recheck(key, entry)) return undefined
    if (entry.staleUntil > this.#now()) return entry
    this.memory.delete(key)
    return undefined
  }

  /** Looks at what has been invalidated since this entry was last looked at. */
  #recheck(key: string, entry: Entry): boolean {
    if (this.invalidations.isOutdatedEntry(key, entry.tags, entry.generation)) {
      this.memory.delete(key)
      return false
    }
    entry.checked = this.invalidations.generation
    return true
  }

  async #readStore(key: string, rethrow = false): Promise<Entry | undefined> {
    const store = this.store as Store
    try {
      return this.#take(key, await store.read(key))
    } catch (error) {
      if (rethrow) throw error
      store.doubt(error)
      return undefined
    }
  }

  /** Takes what was found in Redis into memory. */
  #take(key: string, found: Awaited<ReturnType<Store['read']>>): Entry | undefined {
    if (found === undefined) return undefined
    const { envelope, generation } = found
    const now = this.#now()
    // Clocks of machines differ: what is left may not be more than the whole.
    const wall = this.options.clock.now()
    const left = Math.min(envelope.freshUntil - wall, envelope.freshUntil - envelope.at)
    const grace = envelope.staleUntil - envelope.freshUntil
    if (left + grace <= 0 || this.invalidations.isOutdated(key, envelope.tags, generation)) return undefined
    const { content, tags } = envelope
    const error = content === undefined ? new CacheLoaderFailedError(this.options.name) : undefined
    const freshUntil = now + left
    const life = envelope.freshUntil - envelope.at
    const refreshAt = freshUntil - life * (1 - this.options.settings.refreshAhead)
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
    const known = this.memory.peek(key)
    if (known !== undefined && known.generation > generation) return entry
    this.memory.set(key, entry, { size: entry.bytes })
    return entry
  }

  #forget({ kind, names }: Invalidation): void {
    if (kind === 'clear') this.memory.clear()
    else if (kind === 'key') for (const key of names) this.memory.delete(key)
    else if (kind === 'pattern') {
      for (const key of this.memory.keys()) {
        if (names.some((pattern) => matchesGlob(pattern, key))) this.memory.delete(key)
      }
    }
  }

  /** What is on its way is not kept either: it may have missed as much as what is there. */
  #forgetAllBut(kept: readonly Entry[]): void {
    this.invalidations.clear(0)
    const good = new Set(kept)
    for (const entry of good) entry.renew(this.invalidations.generation)
    for (const [key, entry] of this.memory.entries()) if (!good.has(entry)) this.memory.delete(key)
  }

  #now(): number {
    return this.options.clock.monotonic()
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new CacheClosedError(this.options.name)
  }

  #startTime(): number {
    return channels.cacheLookup.hasSubscribers ? this.#now() : 0
  }

  #countLoaded(entry: Entry, flight: Flight, start: number): void {
    const now = this.#now()
    if (entry.freshUntil <= now && entry.freshUntil > entry.storedAt && entry.content !== undefined) {
      this.#count('stale', 'redis', start)
    } else if (entry.storedAt < flight.startedAt) this.#count(isNegative(entry) ? 'negative' : 'hit', 'redis', start)
    else this.#count('miss', 'loader', start)
  }

  #count(outcome: Outcome, level: Level, start: number): void {
    if (outcome === 'hit') this.counts.hits++
    else if (outcome === 'miss') this.counts.misses++
    else if (outcome === 'stale') this.counts.staleServed++
    else this.counts.negativeHits++
    if (channels.cacheLookup.hasSubscribers) this.#tell(outcome, level, start === 0 ? 0 : this.#now() - start)
  }

  #tell(outcome: Outcome, level: Level, durationMs: number): void {
    if (this.options.isQuiet) return
    channels.cacheLookup.publish({ cache: this.options.name, outcome, level, durationMs })
  }
}

function isNegative(entry: Entry): boolean {
  return entry.content === undefined || entry.content.value === null
}
