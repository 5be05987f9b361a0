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
  report(exchange, refusal)
  exchange.refuse(error)
}

/** Tells those who listen for threats of what was stopped; without an exchange where no request was read. */
export function report(exchange: Exchange | undefined, refusal: Refusal): void {
  if (!channels.threat.hasSubscribers) return
  channels.threat.publish({ ...refusal, ...(exchange === undefined ? {} : { exchange }), blocked: true })
}
