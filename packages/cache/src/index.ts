export { createCache } from './create-cache.js'
export type { Cache, CacheGetOrSetOptions, CacheLoader, CacheSetOptions, CacheWrapOptions } from './create-cache.js'
export type { CacheStats, LoaderContext } from './data/engine.js'
export type { CacheEntryOptions } from './data/settings.js'
export {
  CacheClosedError,
  CacheKeyError,
  CacheLoaderFailedError,
  CacheLoaderTimeoutError,
  CacheValueError,
} from './errors.js'
export type { CreateCacheOptions } from './options.js'
