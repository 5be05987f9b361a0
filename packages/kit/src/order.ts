import type { Step } from '@hardening/core'

/**
 * The way of a request through the packages. What knows the request comes first, then what refuses at little cost, then
 * what has to look closer. Headers and observation apply to all answers, refusals too.
 */
export const order = [
  'requestContext',
  'accessLog',
  'httpMetrics',
  'trackRequests',
  'sentryReporter',
  'health',
  'metricsEndpoint',
  'secureHeaders',
  'trustedHosts',
  'httpsRedirect',
  'ipFilter',
  'requestLimits',
  'corsPolicy',
  'rateLimit',
  'csrfGuard',
  'requireContentType',
  'requestTimeout',
  'compress',
  'detectThreats',
] as const

/** Steps in the order of {@link order}; those that it does not name come last, as they were given. */
export function inOrder(steps: readonly Step[]): Step[] {
  const rank = (step: Step): number => {
    const at = (order as readonly string[]).indexOf(step.name)
    return at === -1 ? order.length : at
  }
  return [...steps].sort((a, b) => rank(a) - rank(b))
}
