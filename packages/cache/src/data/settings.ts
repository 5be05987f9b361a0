import { durationOption, numberOption, rejectUnknownOptions, ConfigError, type Duration } from '@hardening/core'
import { CacheKeyError } from '../errors.js'

/** How long a value is good for, and what happens when it is not. */
export interface CacheEntryOptions {
  /** How long a value is fresh. @defaultValue 5 minutes */
  ttl?: Duration
  /** Share of `ttl`, 0 to 1, by which it is shortened at random, so that entries made together do not end together. @defaultValue 0.1 */
  jitter?: number
  /** How long `null` is fresh. @defaultValue as `ttl` */
  nullTtl?: Duration
  /** How long a failure of the loader is kept and given again, so that a database that is down is not asked by everybody. 0 for not at all. @defaultValue 0 */
  errorTtl?: Duration
  /** How long after `ttl` the old value is answered with while a new one is loaded behind the caller's back. @defaultValue 0 */
  staleWhileRevalidate?: Duration
  /** How long after `ttl` the old value is answered with where the loader fails or runs out of time. @defaultValue 0 */
  staleIfError?: Duration
  /** How long to wait before the loader is tried again after it failed and something stale was served. @defaultValue 5 s */
  retryAfter?: Duration
  /** How long to wait for the loader where something stale could be served; the loader goes on. 0 for as long as it takes. @defaultValue 0 */
  softTimeout?: Duration
  /** How long to wait for the loader at all. @defaultValue 30 s */
  hardTimeout?: Duration
  /** Share of `ttl`, 0 to 1, after which a hit starts loading the next value. 1 for never. @defaultValue 1 */
  refreshAhead?: number
}

/** {@link CacheEntryOptions}, checked. */
export interface EntrySettings {
  readonly ttlMs: number
  readonly jitter: number
  readonly nullTtlMs: number
  readonly errorTtlMs: number
  readonly swrMs: number
  readonly sieMs: number
  readonly retryMs: number
  readonly softMs: number
  readonly hardMs: number
  readonly refreshAhead: number
}

export const entryOptionNames = [
  'ttl',
  'jitter',
  'nullTtl',
  'errorTtl',
  'staleWhileRevalidate',
  'staleIfError',
  'retryAfter',
  'softTimeout',
  'hardTimeout',
  'refreshAhead',
] as const

const defaults: EntrySettings = {
  ttlMs: 300_000,
  jitter: 0.1,
  nullTtlMs: -1,
  errorTtlMs: 0,
  swrMs: 0,
  sieMs: 0,
  retryMs: 5000,
  softMs: 0,
  hardMs: 30_000,
  refreshAhead: 1,
}

const longest = 366 * 86_400_000

/** @throws ConfigError `ERR_CONFIG_INVALID` */
export function resolveEntryOptions(
  factory: string,
  options: CacheEntryOptions,
  base: EntrySettings = defaults,
): EntrySettings {
  const long = (name: keyof CacheEntryOptions, value: Duration | undefined, fallback: number, min = 0): number =>
    value === undefined ? fallback : durationOption(factory, name, value, { min, max: longest })
  const share = (name: keyof CacheEntryOptions, value: number | undefined, fallback: number): number =>
    value === undefined ? fallback : numberOption(factory, name, value, { min: 0, max: 1 })
  return {
    ttlMs: long('ttl', options.ttl, base.ttlMs, 1),
    jitter: share('jitter', options.jitter, base.jitter),
    nullTtlMs: long('nullTtl', options.nullTtl, base.nullTtlMs),
    errorTtlMs: long('errorTtl', options.errorTtl, base.errorTtlMs),
    swrMs: long('staleWhileRevalidate', options.staleWhileRevalidate, base.swrMs),
    sieMs: long('staleIfError', options.staleIfError, base.sieMs),
    retryMs: long('retryAfter', options.retryAfter, base.retryMs),
    softMs: long('softTimeout', options.softTimeout, base.softMs),
    hardMs: long('hardTimeout', options.hardTimeout, base.hardMs, 1),
    refreshAhead: share('refreshAhead', options.refreshAhead, base.refreshAhead),
  }
}

/** @throws ConfigError for options that nobody knows */
export function checkNames(factory: string, options: object, more: readonly string[]): void {
  rejectUnknownOptions(factory, options, [...entryOptionNames, ...more])
}

const longestName = 1024

/** @throws CacheKeyError */
export function checkName(what: 'key' | 'tag' | 'pattern', name: unknown): string {
  if (typeof name === 'string' && name !== '' && name.length <= longestName) return name
  throw new CacheKeyError(what)
}

/** @throws CacheKeyError; ConfigError where they are no list or more than 128 */
export function checkTags(tags: unknown): readonly string[] {
  if (tags === undefined) return noTags
  if (!Array.isArray(tags) || tags.length > 128) throw new ConfigError('cache', 'tags', 'a list of at most 128', tags)
  return tags.length === 0 ? noTags : [...new Set(tags.map((tag) => checkName('tag', tag)))]
}

export const noTags: readonly string[] = Object.freeze([])
