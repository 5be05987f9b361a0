import { ConfigError } from '@hardening/core'
import type { Cache, CacheWrapOptions } from './create-cache.js'

type Method<This, Arguments extends unknown[], Result> = (this: This, ...args: Arguments) => Promise<Result>

/**
 * Decorates a method, so that its results are cached. What is called is the method of the first object that asks: the
 * key has to say all that the result depends on.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 *
 * @example
 * class Products {
 *   \@cached(cache, { key: (id: string) => ['product', id], ttl: '1m' })
 *   async find(id: string) { return db.product(id) }
 * }
 */
export function cached<Arguments extends unknown[]>(
  cache: Cache,
  options: CacheWrapOptions<Arguments>,
): <This, Result>(
  method: Method<This, Arguments, Result>,
  context: ClassMethodDecoratorContext<This, Method<This, Arguments, Result>>,
) => Method<This, Arguments, Result> {
  return (method, context) => {
    if (context.kind !== 'method') throw new ConfigError('cached', 'target', 'a method', context.kind)
    return function (...args) {
      return cache.wrap((...inner: Arguments) => method.apply(this, inner), options)(...args)
    }
  }
}
