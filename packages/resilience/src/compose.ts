import { ConfigError } from '@hardening/core'
import { stack } from './call/part.js'
import { LayeredPolicy, type Policy } from './policy.js'

/**
 * One policy of several, the first outermost. `protect` puts all of them in the right order by itself; this is for orders
 * of your own. Statistics stay with the parts.
 *
 * @example
 * const reads = compose(fallback([]), retry({ idempotent: true }), circuitBreaker('search'), timeout({ after: '1s' }))
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 */
export function compose<Fallback = never>(...policies: readonly Policy<Fallback>[]): Policy<Fallback> {
  const layered = policies.map((policy, at) => {
    const { layer } = policy as Partial<LayeredPolicy>
    if (typeof layer !== 'function')
      throw new ConfigError('compose', `policies[${at}]`, 'a policy of this package', policy)
    return { layer, close: () => policy.close() }
  })
  const named = policies.find(({ service }) => service !== 'call')
  return new LayeredPolicy<Fallback>({ service: named?.service ?? 'call', ...stack(layered) })
}
