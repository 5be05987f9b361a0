import { channels, type Exchange } from '@hardening/core'

/** What a guard of this package tells of a request that it refused. */
export interface Refusal {
  /** `host`, `cors`, `csrf` ... */
  readonly kind: string
  /** The rule that it broke. */
  readonly rule: string
  /** Where in the request, never the value: `header.host`. */
  readonly field: string
  /** Weight as in the OWASP Core Rule Set: 2 notice, 3 warning, 4 error, 5 critical. */
  readonly score: number
}

/** Refuses the request, and tells those who listen for threats. */
export function refuse(exchange: Exchange, error: unknown, refusal: Refusal): void {
  if (channels.threat.hasSubscribers) channels.threat.publish({ ...refusal, exchange, blocked: true })
  exchange.refuse(error)
}
