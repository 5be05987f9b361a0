import { HardeningError, HttpError } from '@hardening/core'

/**
 * A value cannot be kept: it is `undefined`, circular, nested too deeply, too large, or holds a function or symbol.
 * Code `ERR_CACHE_VALUE`.
 */
export class CacheValueError extends HardeningError {
  override readonly code: string = 'ERR_CACHE_VALUE'
  /** Where in the value: `$.items[3].save`. */
  readonly at: string

  constructor(at: string, problem: string) {
    super(`A value for the cache ${problem} (at ${at})`)
    this.at = at
  }
}

/** A key or tag is no text of 1 to 1,024 characters. Code `ERR_CACHE_KEY`. */
export class CacheKeyError extends HardeningError {
  override readonly code: string = 'ERR_CACHE_KEY'

  constructor(what: 'key' | 'tag' | 'pattern') {
    super(`A ${what} of the cache must be a string of 1 to 1024 characters`)
  }
}

/** A loader took longer than `hardTimeout`, and nothing stale could stand in. Code `ERR_CACHE_LOADER_TIMEOUT`, status 503. */
export class CacheLoaderTimeoutError extends HttpError {
  override readonly code: string = 'ERR_CACHE_LOADER_TIMEOUT'

  constructor(name: string, timeoutMs: number) {
    super(503, `A loader of the cache ${name} did not finish within ${timeoutMs} ms`)
  }
}

/** A loader failed a moment ago, in another process, and is not called again before `errorTtl` is over. Code `ERR_CACHE_LOADER_FAILED`, status 503. */
export class CacheLoaderFailedError extends HttpError {
  override readonly code: string = 'ERR_CACHE_LOADER_FAILED'

  constructor(name: string) {
    super(503, `A loader of the cache ${name} failed a moment ago`)
  }
}

/** The cache has been closed. Code `ERR_CACHE_CLOSED`. */
export class CacheClosedError extends HardeningError {
  override readonly code: string = 'ERR_CACHE_CLOSED'

  constructor(name: string) {
    super(`The cache ${name} is closed`)
  }
}
