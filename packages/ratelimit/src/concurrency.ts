import { booleanOption, ConfigError, integerOption, rejectUnknownOptions, type Exchange } from '@hardening/core'
import { RateLimitValueError } from './errors.js'
import type { KeySource } from './keys/key-source.js'
import type { RateLimitConcurrencyOptions } from './options.js'

/** Counts the requests of each key that are being served by this process. */
export class Concurrency {
  readonly name: string
  readonly isEnforced: boolean
  readonly #limit: RateLimitConcurrencyOptions['limit']
  readonly #key: KeySource
  readonly #running = new Map<string, number>()

  /** @throws ConfigError `ERR_CONFIG_INVALID` */
  constructor(options: RateLimitConcurrencyOptions, key: KeySource) {
    rejectUnknownOptions('rateLimit', options, ['limit', 'name', 'key', 'dryRun'], 'concurrency')
    const { limit, name = 'concurrency', dryRun = false } = options
    if (typeof limit !== 'function') integerOption('rateLimit', 'concurrency.limit', limit, { min: 1 })
    if (!/^[\w.-]{1,64}$/.test(name)) {
      throw new ConfigError('rateLimit', 'concurrency.name', '1 to 64 letters, digits, `.`, `_` and `-`', name)
    }
    this.#limit = limit
    this.#key = key
    this.name = name
    this.isEnforced = !booleanOption('rateLimit', 'concurrency.dryRun', dryRun)
  }

  /** Keys that have a request running. */
  get size(): number {
    return this.#running.size
  }

  /** Takes a place and gives its key for {@link leave}; `undefined` where there is none left. */
  enter(exchange: Exchange): string | undefined {
    const limit = typeof this.#limit === 'function' ? this.#limit(exchange) : this.#limit
    if (limit !== Infinity && !(Number.isSafeInteger(limit) && limit >= 1)) {
      throw new RateLimitValueError(this.name, 'limit', 'a whole number of at least 1, or Infinity', limit)
    }
    const key = this.#key.of(exchange)
    const running = this.#running.get(key) ?? 0
    if (running >= limit && this.isEnforced) return undefined
    this.#running.set(key, running + 1)
    return key
  }

  /** Whether a key has more running than it may; for dry runs. */
  isOver(exchange: Exchange, key: string): boolean {
    const limit = typeof this.#limit === 'function' ? this.#limit(exchange) : this.#limit
    return (this.#running.get(key) ?? 0) > limit
  }

  leave(key: string): void {
    const running = (this.#running.get(key) ?? 1) - 1
    if (running > 0) this.#running.set(key, running)
    else this.#running.delete(key)
  }
}
