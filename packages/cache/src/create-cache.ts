import { ConfigError, functionOption, rejectUnknownOptions } from '@hardening/core'
import { Engine } from './data/engine.js'
import type { Beginning } from './data/flight.js'
import { escapeGlob } from './data/glob.js'
import type { CacheStats, LoaderContext, Lookup } from './data/lookup.js'
import {
  checkName,
  checkNames,
  checkTags,
  entryOptionNames,
  noTags,
  resolveEntryOptions,
  type CacheEntryOptions,
} from './data/settings.js'
import { resolveCacheOptions, type CreateCacheOptions } from './options.js'

/** Gives a value that is not in the cache. */
export type CacheLoader<T> = (context: LoaderContext) => T | Promise<T>

/** Options of one `set`. */
export interface CacheSetOptions extends CacheEntryOptions {
  /** Names by which this value is forgotten together with others. */
  tags?: readonly string[]
}

/** Options of one `getOrSet`. */
export interface CacheGetOrSetOptions extends CacheSetOptions {
  /** Ends the waiting; the loader is told to stop where nobody else waits. */
  signal?: AbortSignal
  /** Loads a new value whatever is there. @defaultValue `false` */
  forceFresh?: boolean
}

/** Options of `wrap`. */
export interface CacheWrapOptions<Arguments extends unknown[]> extends CacheSetOptions {
  /** Text that is the same exactly where the result is; several parts make one key. */
  key: (...args: Arguments) => string | readonly (string | number)[]
}

/**
 * Memory in front of Redis. Values that come out are the cache's own and frozen, or copies where they cannot be: nobody
 * changes what others get.
 */
export interface Cache {
  readonly name: string
  /** The value, while it is fresh. */
  get<T = unknown>(key: string): Promise<T | undefined>
  /** Puts a value in for all processes. @throws CacheValueError */
  set(key: string, value: unknown, options?: CacheSetOptions): Promise<void>
  /**
   * The value, or what the loader gives, which is kept. However many ask, in however many processes, one loads.
   *
   * @throws what the loader throws; CacheValueError, CacheLoaderTimeoutError, CacheLoaderFailedError
   */
  getOrSet<T>(key: string, loader: CacheLoader<T>, options?: CacheGetOrSetOptions): Promise<T>
  /** Forgets a value in all processes. */
  delete(key: string | readonly string[]): Promise<void>
  /** Forgets all values that have the tag, however many, in constant time. */
  deleteByTag(tag: string | readonly string[]): Promise<void>
  /** Forgets all values whose key matches: `*` any characters, `?` one, `\` the next one as it is. */
  deleteByPattern(pattern: string): Promise<void>
  /** Forgets everything: of a namespace, of the namespace alone. */
  clear(): Promise<void>
  /** The same function, cached. */
  wrap<Arguments extends unknown[], Result>(
    fn: (...args: Arguments) => Result | Promise<Result>,
    options: CacheWrapOptions<Arguments>,
  ): (...args: Arguments) => Promise<Result>
  /** A part of this cache with keys and options of its own. */
  namespace(name: string, options?: CacheEntryOptions): Cache
  stats(): CacheStats
  /** Waits for writes that are on the way and ends timers and connections of its own. The Redis client stays open. */
  close(): Promise<void>
}

/**
 * Creates a cache.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 *
 * @example
 * const cache = createCache({ redis, name: 'catalog', ttl: '1m', staleIfError: '1h' })
 * const product = await cache.getOrSet(`product:${id}`, () => db.product(id), { tags: ['products'] })
 * await cache.deleteByTag('products')
 */
export function createCache(options: CreateCacheOptions = {}): Cache {
  const resolved = resolveCacheOptions(options)
  return new CacheView(new Engine(resolved), '', noTags, resolved.settings)
}

/** A cache for the response cache, which tells of lookups itself. */
export function createResponseStore(options: CreateCacheOptions): ResponseStore {
  const resolved = resolveCacheOptions(options)
  return new CacheView(new Engine({ ...resolved, isQuiet: true }), '', noTags, resolved.settings)
}

/** What the response cache needs of a cache. */
export interface ResponseStore extends Cache {
  /** The value in memory, if nobody has to be asked. */
  peek(key: string): unknown
  begin(): Beginning
  keep(key: string, value: unknown, tags: readonly string[], ttlMs: number, since: Beginning): void
}

class CacheView implements ResponseStore {
  readonly name: string
  readonly #engine: Engine
  readonly #prefix: string
  readonly #tags: readonly string[]
  readonly #lookup: Lookup

  constructor(engine: Engine, prefix: string, tags: readonly string[], settings: Lookup['settings']) {
    this.name = engine.options.name
    this.#engine = engine
    this.#prefix = prefix
    this.#tags = tags
    this.#lookup = { settings, tags, signal: undefined, forceFresh: false }
  }

  get<T>(key: string): Promise<T | undefined> {
    const quick = typeof key === 'string' ? this.#engine.quick(this.#prefix + key) : undefined
    return (quick ?? this.#get(key)) as Promise<T | undefined>
  }

  async set(key: string, value: unknown, options?: CacheSetOptions): Promise<void> {
    if (options !== undefined) checkNames('set', options, ['tags'])
    const { settings, tags } = this.#lookupOf('set', options)
    await this.#engine.set(this.#key(key), value, tags, settings)
  }

  getOrSet<T>(key: string, loader: CacheLoader<T>, options?: CacheGetOrSetOptions): Promise<T> {
    if (options?.forceFresh !== true && typeof key === 'string') {
      const quick = this.#engine.quick(this.#prefix + key)
      if (quick !== undefined) return quick as Promise<T>
    }
    return this.#getOrSet(key, loader, options) as Promise<T>
  }

  async delete(key: string | readonly string[]): Promise<void> {
    const names = (typeof key === 'string' ? [key] : key).map((name) => this.#key(name))
    if (names.length > 0) await this.#engine.invalidateEverywhere({ kind: 'key', names })
  }

  async deleteByTag(tag: string | readonly string[]): Promise<void> {
    const names = checkTags(typeof tag === 'string' ? [tag] : tag)
    if (names.length > 0) await this.#engine.invalidateEverywhere({ kind: 'tag', names })
  }

  async deleteByPattern(pattern: string): Promise<void> {
    const name = escapeGlob(this.#prefix) + checkName('pattern', pattern)
    await this.#engine.invalidateEverywhere({ kind: 'pattern', names: [name] })
  }

  async clear(): Promise<void> {
    if (this.#prefix === '') await this.#engine.invalidateEverywhere({ kind: 'clear', names: [] })
    else await this.#engine.invalidateEverywhere({ kind: 'tag', names: this.#tags.slice(-1) })
  }

  wrap<Arguments extends unknown[], Result>(
    fn: (...args: Arguments) => Result | Promise<Result>,
    options: CacheWrapOptions<Arguments>,
  ): (...args: Arguments) => Promise<Result> {
    functionOption('wrap', 'fn', fn)
    rejectUnknownOptions('wrap', options, [...entryOptionNames, 'tags', 'key'])
    const { key, ...rest } = options
    functionOption('wrap', 'key', key as (...args: never[]) => unknown)
    this.#lookupOf('wrap', rest)
    return (...args) => this.getOrSet(joinKey(key(...args)), () => fn(...args), rest)
  }

  namespace(name: string, options: CacheEntryOptions = {}): Cache {
    if (typeof name !== 'string' || !/^[\w.-]{1,64}$/.test(name)) {
      throw new ConfigError('namespace', 'name', '1 to 64 letters, digits, `.`, `_` and `-`', name)
    }
    checkNames('namespace', options, [])
    const prefix = `${this.#prefix}${name}:`
    const settings = resolveEntryOptions('namespace', options, this.#lookup.settings)
    return new CacheView(this.#engine, prefix, [...this.#tags, `\u0000${prefix}`], settings)
  }

  peek(key: string): unknown {
    return this.#engine.peek(this.#prefix + key)
  }

  begin(): Beginning {
    return this.#engine.begin()
  }

  keep(key: string, value: unknown, tags: readonly string[], ttlMs: number, since: Beginning): void {
    const settings = { ...this.#lookup.settings, ttlMs, jitter: 0, refreshAhead: 1 }
    this.#engine.keep(this.#prefix + key, value, [...tags, ...this.#tags], settings, since)
  }

  stats(): CacheStats {
    return this.#engine.stats()
  }

  close(): Promise<void> {
    return this.#engine.close()
  }

  async #get(key: string): Promise<unknown> {
    return this.#engine.get(this.#key(key))
  }

  async #getOrSet<T>(key: string, loader: CacheLoader<T>, options?: CacheGetOrSetOptions): Promise<unknown> {
    functionOption('getOrSet', 'loader', loader)
    if (options !== undefined) checkNames('getOrSet', options, ['tags', 'signal', 'forceFresh'])
    return this.#engine.getOrSet(this.#key(key), loader, this.#lookupOf('getOrSet', options))
  }

  #key(key: string): string {
    return this.#prefix + checkName('key', key)
  }

  #lookupOf(factory: string, options: CacheGetOrSetOptions | undefined): Lookup {
    if (options === undefined) return this.#lookup
    const own = checkTags(options.tags)
    return {
      settings: resolveEntryOptions(factory, options, this.#lookup.settings),
      tags: own.length === 0 ? this.#tags : [...own, ...this.#tags],
      signal: options.signal,
      forceFresh: options.forceFresh === true,
    }
  }
}

function joinKey(key: string | readonly (string | number)[]): string {
  // As JSON, so that ['a', 'b:c'] and ['a:b', 'c'] are two keys.
  return typeof key === 'string' ? key : JSON.stringify(key)
}
