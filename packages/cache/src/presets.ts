import type { CacheEntryOptions } from './data/settings.js'

/**
 * Options for results that are expensive to get: give them to `getOrSet`, `wrap` or `namespace`.
 *
 * @example
 * const embeddings = cache.namespace('embeddings', cachePresets.embeddings)
 */
export const cachePresets: {
  /** What a model makes of a text: the same for a day, and good for another one where the model cannot be reached. */
  readonly embeddings: CacheEntryOptions
  /** What a search found: half an hour, refreshed while it is asked for, and kept an hour longer for when the search fails. */
  readonly search: CacheEntryOptions
} = Object.freeze({
  embeddings: Object.freeze({ ttl: '24h', staleIfError: '24h', hardTimeout: '60s' }),
  search: Object.freeze({
    ttl: '30m',
    refreshAhead: 0.8,
    staleWhileRevalidate: '10m',
    staleIfError: '1h',
    errorTtl: '2s',
  }),
} satisfies Record<string, CacheEntryOptions>)
