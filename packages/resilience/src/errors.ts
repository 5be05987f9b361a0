import { HttpError } from '@hardening/core'

/** Whole seconds for `Retry-After` (RFC 9110 section 10.2.3): at least 1, so that nobody comes back at once. */
function seconds(ms: number): string {
  return String(Math.max(1, Math.ceil(ms / 1000)))
}

// A shared cache that kept a refusal would hand it on after the service is back.
function retryHeaders(ms: number): Record<string, string> {
  return { 'Retry-After': seconds(ms), 'Cache-Control': 'no-store' }
}

/**
 * The breaker is open, or half-open with all its probes under way: the service was not asked. Code
 * `ERR_RESILIENCE_OPEN`, status 503 with `Retry-After`.
 */
export class CircuitOpenError extends HttpError {
  override readonly code: string = 'ERR_RESILIENCE_OPEN'
  /** Name of the breaker. */
  readonly service: string
  /** Milliseconds until a new attempt makes sense. */
  readonly retryAfterMs: number

  constructor(service: string, retryAfterMs: number) {
    // No stack: while a service is down thousands are made a second, and it costs more than all the rest of a refusal.
    const limit = Error.stackTraceLimit
    const isSet = Reflect.set(Error, 'stackTraceLimit', 0)
    super(503, `${service} is not asked: its circuit breaker is open`, { headers: retryHeaders(retryAfterMs) })
    if (isSet) Error.stackTraceLimit = limit
    this.service = service
    this.retryAfterMs = retryAfterMs
  }
}

/**
 * As many calls as the bulkhead allows are under way and its queue is full, or the wait in it took too long. Code
 * `ERR_RESILIENCE_BULKHEAD`, status 503 with `Retry-After`.
 */
export class BulkheadFullError extends HttpError {
  override readonly code: string = 'ERR_RESILIENCE_BULKHEAD'
  /** Name of what the bulkhead guards. */
  readonly service: string
  /** Milliseconds until a new attempt makes sense. */
  readonly retryAfterMs: number = 1000

  constructor(service: string) {
    super(503, `${service} is not asked: too many calls are under way`, { headers: retryHeaders(1000) })
    this.service = service
  }
}

/** Which time has run out: of one attempt, of the whole call, or what the request that is being served has left. */
export type TimeoutScope = 'attempt' | 'total' | 'deadline'

/** A call did not end in time. Code `ERR_RESILIENCE_TIMEOUT`, status 504. */
export class CallTimeoutError extends HttpError {
  override readonly code: string = 'ERR_RESILIENCE_TIMEOUT'
  /** Name of what was asked. */
  readonly service: string
  /** Milliseconds that it was given. */
  readonly timeoutMs: number
  /** Which time has run out. */
  readonly scope: TimeoutScope

  constructor(service: string, timeoutMs: number, scope: TimeoutScope) {
    super(504, `${service} has not answered within ${Math.round(timeoutMs)} ms (${scope})`)
    this.service = service
    this.timeoutMs = timeoutMs
    this.scope = scope
  }
}

/** The policy was closed while a call waited in it, or before. Code `ERR_RESILIENCE_CLOSED`, status 503. */
export class PolicyClosedError extends HttpError {
  override readonly code: string = 'ERR_RESILIENCE_CLOSED'
  /** Name of what the policy guards. */
  readonly service: string

  constructor(service: string) {
    super(503, `${service} is not asked any more: its policy was closed`)
    this.service = service
  }
}

/** Why the losers of a hedged call are ended: as callers' aborts, they say nothing about the service. */
export function hedgeLost(): DOMException {
  return new DOMException('Another attempt has answered first', 'AbortError')
}
