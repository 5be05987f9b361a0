import { ConfigError } from '@hardening/core'
import type { BreakerControl, BreakerView } from './breaker-view.js'

/** All breakers of an application, for health, metrics and operators. */
export interface BreakerRegistry extends Iterable<BreakerControl> {
  /** The breaker of that name. */
  get(name: string): BreakerControl | undefined
  /** What reports show, as plain data. */
  list(): BreakerView[]
  /** Adds one. Factories do so themselves when given the registry. @throws ConfigError where the name is taken */
  add(breaker: BreakerControl): void
  /** Takes one off. A policy that is closed does so itself. */
  remove(breaker: BreakerControl): void
}

/**
 * A registry to be given to policies, one for each application.
 *
 * @example
 * const breakers = createBreakerRegistry()
 * const billing = protect('billing', { registry: breakers })
 * app.use(health({ registry: checks, breakers: () => breakers }))
 */
export function createBreakerRegistry(): BreakerRegistry {
  const byName = new Map<string, BreakerControl>()
  return {
    get: (name) => byName.get(name),
    list: () =>
      [...byName.values()].map(({ name, state, mode, retryAfterMs }) => ({ name, state, mode, retryAfterMs })),
    add(breaker) {
      if (byName.has(breaker.name)) {
        throw new ConfigError('createBreakerRegistry', 'name', 'a name that is not taken', breaker.name)
      }
      byName.set(breaker.name, breaker)
    },
    remove(breaker) {
      if (byName.get(breaker.name) === breaker) byName.delete(breaker.name)
    },
    [Symbol.iterator]: () => byName.values(),
  }
}
