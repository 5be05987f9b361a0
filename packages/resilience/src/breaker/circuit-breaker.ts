import { rejectUnknownOptions, systemClock, type Clock } from '@hardening/core'
import { classifyOption, type ClassifyOption } from '../classify/option.js'
import { LayeredPolicy, type Policy } from '../policy.js'
import { newStats } from '../stats.js'
import { breakerPart } from './breaker-part.js'
import { breakerRuleNames, controlOf, resolveCircuit, type BreakerRules } from './breaker-options.js'
import type { BreakerControl } from './breaker-view.js'
import type { BreakerRegistry } from './breaker-registry.js'

/** Options of {@link circuitBreaker}. */
export interface CircuitBreakerOptions extends BreakerRules {
  /** Which errors tell against the service. @defaultValue `'standard'` */
  classify?: ClassifyOption
  /** Where it is listed, for health and operators. @defaultValue nowhere */
  registry?: BreakerRegistry
  /** Where time comes from. @defaultValue the system's */
  clock?: Clock
}

/** A policy with a breaker to look at and to set by hand. */
export interface CircuitBreaker extends Policy {
  readonly breaker: BreakerControl
}

/**
 * Stops asking a service that fails: while the breaker is open every call is refused at once with `ERR_RESILIENCE_OPEN`
 * (503 with `Retry-After`). When its time is over, as many calls as `probes` says find out whether the service is back; all
 * others are refused meanwhile, and nobody waits. Callers who go, and answers below 500 but 408, 425 and 429, count for
 * nothing. Changes are told on the channel `hardening:breaker:state`.
 *
 * @example
 * const billing = circuitBreaker('billing', { opens: [consecutive(5), slowCalls({ over: '2s' })] })
 * const invoice = await billing.execute(({ signal }) => loadInvoice(id, { signal }))
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 */
export function circuitBreaker(name: string, options: CircuitBreakerOptions = {}): CircuitBreaker {
  const factory = 'circuitBreaker'
  rejectUnknownOptions(factory, options, [...breakerRuleNames, 'classify', 'registry', 'clock'])
  const { classify = 'standard', registry, clock = systemClock } = options
  const classifier = classifyOption(factory, 'classify', classify, clock)
  const circuit = resolveCircuit(factory, '', name, options, clock)
  const stats = newStats()
  const breaker = controlOf(circuit)
  registry?.add(breaker)
  const policy = new LayeredPolicy({
    service: name,
    clock,
    stats,
    ...breakerPart(circuit, { classifier, clock, stats }),
    close: () => registry?.remove(breaker),
  })
  return Object.assign(policy, { breaker })
}
