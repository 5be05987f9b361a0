import type { Registry } from 'prom-client'
import { ConfigError, functionOption } from '@hardening/core'

/** The start of metrics' names. @throws ConfigError */
export function prefixOption(factory: string, prefix: unknown): string {
  if (typeof prefix === 'string' && /^(?:[a-zA-Z_:][a-zA-Z0-9_:]{0,99})?$/.test(prefix)) return prefix
  throw new ConfigError(factory, 'prefix', 'the start of a metric name: letters, digits, _ and :', prefix)
}

/** A registry of prom-client, of whichever copy of it. @throws ConfigError */
export function registryOption(factory: string, registry: Registry): Registry {
  if (typeof registry !== 'object' || registry === null) {
    throw new ConfigError(factory, 'registry', 'a registry of prom-client', registry)
  }
  functionOption(factory, 'registry.registerMetric', registry.registerMetric as () => void)
  functionOption(factory, 'registry.getSingleMetric', registry.getSingleMetric as () => unknown)
  return registry
}

/** Bounds of a histogram. @throws ConfigError */
export function boundsOption(factory: string, option: string, bounds: readonly number[]): readonly number[] {
  const isAscending =
    Array.isArray(bounds) &&
    bounds.length > 0 &&
    bounds.length <= 100 &&
    bounds.every((bound, at) => Number.isFinite(bound) && (at === 0 || bound > (bounds[at - 1] as number)))
  if (isAscending) return [...bounds]
  throw new ConfigError(factory, option, 'a list of 1 to 100 ascending finite numbers', bounds)
}
