import { randomBytes } from 'node:crypto'
import { isHardeningError } from '@hardening/core'
import { CacheClosedError, CacheLoaderTimeoutError } from '../errors.js'
import type { ResolvedCacheOptions } from '../options.js'
import { copyValue } from './copy.js'
import { Entry } from './entry.js'
import { Flight, type Beginning } from './flight.js'
import type { AnyLoader, Lookup } from './lookup.js'
import type { Memory } from './memory.js'
import { noTags, type EntrySettings } from './settings.js'
import type { Store } from './store.js'
import type { Tally } from './tally.js'
import { sleep, waitFor, wentSoft } from './wait.js'

/** Loaders that are running, one a key: who waits for them, and what becomes of what they give. */
export class Loads {
  readonly #options: ResolvedCacheOptions
  readonly #memory: Memory
  readonly #store: Store | undefined
  readonly #tally: Tally
  readonly #begin: () => Beginning
  readonly #flights = new Map<string, Flight>()
  #isClosed = false

  /** @param begin - tells where invalidations stand */
  constructor(
    options: ResolvedCacheOptions,
    memory: Memory,
    store: Store | undefined,
    tally: Tally,
    begin: () => Beginning,
  ) {
    this.#options = options
    this.#memory = memory
    this.#store = store
    this.#tally = tally
    this.#begin = begin
  }

  /** Tells every loader to stop; what they give is not kept. */
  close(): void {
    this.#isClosed = true
    for (const flight of this.#flights.values()) flight.controller.abort(new CacheClosedError(this.#options.name))
    this.#flights.clear()
  }

  /** Loads behind the back of whoever gets the old value. */
  refresh(key: string, loader: AnyLoader, lookup: Lookup, stale: Entry): void {
    const known = this.#flights.get(key)
    if (known !== undefined && !this.#isOutdated(known)) return
    const flight = this.#start(key, loader, lookup, stale, this.#store?.isUsable === true, true)
    flight.isKept = true
    const limits = { hardMs: lookup.settings.hardMs, softMs: 0, signal: undefined, soft: () => undefined }
    const hard = (): Error => {
      const error = new CacheLoaderTimeoutError(this.#options.name, lookup.settings.hardMs)
      this.#drop(flight)
      flight.controller.abort(error)
      return error
    }
    waitFor(flight.promise, { ...limits, hard }, this.#options.clock).catch(() => undefined)
  }

  /** The flight of a key: the one that is on its way, or a new one. */
  join(key: string, loader: AnyLoader, lookup: Lookup, stale: Entry | undefined, isUsable: boolean): Flight {
    const known = this.#flights.get(key)
    if (known !== undefined && !this.#isOutdated(known)) return known
    return this.#start(key, loader, lookup, stale, isUsable, false)
  }

  /** What a flight gives, or the old value where it may stand in. */
  async waitFor(flight: Flight, stale: Entry | undefined, lookup: Lookup, start: number): Promise<unknown> {
    const { settings, signal } = lookup
    const mayBeStale = stale?.content !== undefined && stale.freshUntil + settings.sieMs > this.#now()
    flight.join()
    let error: Error | undefined
    const hard = (): Error => (error = new CacheLoaderTimeoutError(this.#options.name, settings.hardMs))
    const soft = (): void => {
      flight.isKept = true
    }
    const softMs = mayBeStale ? settings.softMs : 0
    try {
      const limits = { hardMs: settings.hardMs, softMs, signal, soft, hard }
      let entry = await waitFor(flight.promise, limits, this.#options.clock)
      if (entry === wentSoft) {
        if (!this.#isForgotten(flight.key, stale as Entry)) {
          this.#tally.count('stale', 'memory', start)
          return (stale as Entry).give()
        }
        entry = (await waitFor(flight.promise, { ...limits, softMs: 0 }, this.#options.clock)) as Entry
      }
      this.#tally.countLoaded(entry, flight, start)
      return entry.give()
    } catch (failure) {
      if (failure !== error || !mayBeStale || this.#isForgotten(flight.key, stale)) throw failure
      stale.retryAt = this.#now() + settings.retryMs
      this.#tally.count('stale', 'memory', start)
      return stale.give()
    } finally {
      if (flight.leave(error ?? new Error('Nobody waits for the value any more'))) this.#drop(flight)
    }
  }

  #isOutdated(flight: Flight): boolean {
    return this.#memory.invalidations.isOutdated(flight.key, flight.tags, flight.generation)
  }

  #start(
    key: string,
    loader: AnyLoader,
    lookup: Lookup,
    stale: Entry | undefined,
    isUsable: boolean,
    isRefresh: boolean,
  ): Flight {
    const flight = new Flight(key, lookup.tags, this.#begin())
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
    return this.#memory.invalidations.isOutdated(key, tags, generation)
  }

  #drop(flight: Flight): void {
    if (this.#flights.get(flight.key) === flight) this.#flights.delete(flight.key)
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
    const lease = token === '' ? undefined : this.#store?.hold(key, token)
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
    const store = this.#store as Store
    const { key } = flight
    let stale: Entry | undefined
    const isFresh = (entry: Entry | undefined): entry is Entry =>
      entry !== undefined &&
      entry.freshUntil > this.#now() &&
      !(isRefresh && entry.storedAt < flight.startedAt && entry.refreshAt <= this.#now())
    try {
      const first = await this.readStore(key, true)
      if (isFresh(first)) return { fresh: first, token: '' }
      stale = first
      if (this.#options.leaseMs === 0) return { stale, token: '' }
      const token = randomBytes(9).toString('base64url')
      for (let pause = 10; ; pause = Math.min(100, pause * 1.5)) {
        const { taken, found } = await store.leaseThenRead(key, token)
        const entry = this.#memory.take(key, found)
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
        await sleep(pause, this.#options.clock, flight.controller.signal)
        if (!store.isUsable) return { stale, token: '' }
      }
    } catch (error) {
      if (flight.controller.signal.aborted) throw error
      store.doubt(error)
      return { stale, token: '' }
    }
  }

  async #load(flight: Flight, loader: AnyLoader, lookup: Lookup, stale: Entry | undefined): Promise<Entry> {
    this.#tally.counts.loads++
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
    return this.#memory.make(content, tags.size === 0 ? noTags : [...tags], lookup.settings, flight.generation, ttlMs)
  }

  #keep(flight: Flight, entry: Entry, token: string): void {
    const { key } = flight
    const isCurrent =
      !this.#isClosed &&
      entry.freshUntil > entry.storedAt &&
      !flight.controller.signal.aborted &&
      !this.#memory.invalidations.isOutdated(key, entry.tags, flight.generation)
    if (!isCurrent) {
      if (token !== '') this.#store?.release(key, token)
      return
    }
    entry.checked = this.#memory.invalidations.generation
    this.#memory.put(key, entry)
    this.#store?.put(key, entry, flight, token)
  }

  #fail(flight: Flight, error: unknown, settings: EntrySettings, stale: Entry | undefined, token: string): Entry {
    const { key } = flight
    const now = this.#now()
    const isCancelled = flight.controller.signal.aborted
    if (!isCancelled) this.#tally.counts.loadFailures++
    const isStaleUsable =
      stale?.content !== undefined && stale.freshUntil + settings.sieMs > now && !this.#isForgotten(key, stale)
    if (isStaleUsable && !isHardeningError(error, 'ERR_CACHE_VALUE')) {
      if (token !== '') this.#store?.release(key, token)
      stale.retryAt = now + settings.retryMs
      if (this.#memory.entries.peek(key) === undefined) this.#memory.put(key, stale)
      return stale
    }
    if (settings.errorTtlMs > 0 && !isCancelled) {
      const freshUntil = now + settings.errorTtlMs
      const { generation, tags } = flight
      const fields = { content: undefined, error, tags, generation, storedAt: now, refreshAt: freshUntil, freshUntil }
      this.#keep(flight, new Entry({ ...fields, staleUntil: freshUntil }), token)
    } else if (token !== '') this.#store?.release(key, token)
    throw error
  }

  /** Looks in Redis, and takes what is there into memory. */
  async readStore(key: string, rethrow = false): Promise<Entry | undefined> {
    const store = this.#store as Store
    try {
      return this.#memory.take(key, await store.read(key))
    } catch (error) {
      if (rethrow) throw error
      store.doubt(error)
      return undefined
    }
  }

  #now(): number {
    return this.#options.clock.monotonic()
  }
}
