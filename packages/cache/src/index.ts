export { createCache } from './create-cache.js'
export type { Cache, CacheGetOrSetOptions, CacheLoader, CacheSetOptions, CacheWrapOptions } from './create-cache.js'
export type { CacheStats, LoaderContext } from './data/lookup.js'
export type { CacheEntryOptions } from './data/settings.js'
export {
  CacheClosedError,
  CacheKeyError,
  CacheLoaderFailedError,
  CacheLoaderTimeoutError,
  CacheValueError,
} from './errors.js'
export type { CreateCacheOptions } from './options.js'
export { compress } from './compress.js'
export type { CompressOptions } from './compress.js'
export type { Encoding } from './http/accept-encoding.js'
export { cacheControl } from './cache-control.js'
export type { CacheControlOptions } from './cache-control.js'
export { conditional } from './conditional.js'
export type { ConditionalOptions } from './conditional.js'
export { responseCache } from './response-cache.js'
export type { ResponseCacheMiddleware, ResponseCacheOptions } from './response-cache.js'
export { cached } from './cached.js'
export { cachePresets } from './presets.js'
