import { HardeningError, HttpError } from '@hardening/core'

/** Where the problem types of rate limiting are registered (draft-ietf-httpapi-ratelimit-headers). */
const problemTypes = 'https://iana.org/assignments/http-problem-types'

/** What the errors of a refusal are told. */
export interface RefusalDetails {
  /** Names of the policies that refused. */
  readonly policies: readonly string[]
  /** Seconds until a new attempt makes sense. */
  readonly retryAfter: number
}

function refusalHeaders(retryAfter: number): Record<string, string> {
  // A shared cache that kept a refusal would hand it to clients that are within their limits.
  return { 'Retry-After': String(retryAfter), 'Cache-Control': 'no-store' }
}

/** The client has used up what a policy gives it. Code `ERR_RATELIMIT_EXCEEDED`, status 429. */
export class RateLimitExceededError extends HttpError {
  override readonly code: string = 'ERR_RATELIMIT_EXCEEDED'
  /** Names of the policies that refused. */
  readonly policies: readonly string[]
  /** Seconds until a new attempt makes sense; at least 1. */
  readonly retryAfter: number

  constructor({ policies, retryAfter }: RefusalDetails) {
    super(429, `Too many requests. Try again in ${seconds(retryAfter)}.`, {
      type: `${problemTypes}#quota-exceeded`,
      title: 'Request cannot be satisfied as assigned quota has been exceeded',
      headers: refusalHeaders(retryAfter),
      extensions: { 'violated-policies': policies },
    })
    this.policies = policies
    this.retryAfter = retryAfter
  }
}

/** The client went on after it was refused, or was blocked by hand. Code `ERR_RATELIMIT_BLOCKED`, status 429. */
export class RateLimitBlockedError extends HttpError {
  override readonly code: string = 'ERR_RATELIMIT_BLOCKED'
  /** Names of the policies that led to the block; empty where it was made by hand. */
  readonly policies: readonly string[]
  /** Seconds until the block ends; at least 1. */
  readonly retryAfter: number

  constructor({ policies, retryAfter }: RefusalDetails) {
    super(429, `Blocked after too many requests. Try again in ${seconds(retryAfter)}.`, {
      type: `${problemTypes}#abnormal-usage-detected`,
      title: 'Request not satisfied due to detection of abnormal request pattern',
      headers: refusalHeaders(retryAfter),
      extensions: { 'violated-policies': policies },
    })
    this.policies = policies
    this.retryAfter = retryAfter
  }
}

/** The store is out of reach and the policy says `closed`. Code `ERR_RATELIMIT_UNAVAILABLE`, status 503. */
export class RateLimitUnavailableError extends HttpError {
  override readonly code: string = 'ERR_RATELIMIT_UNAVAILABLE'

  constructor({ policies, retryAfter }: RefusalDetails, cause?: unknown) {
    super(503, 'Limits cannot be checked at the moment.', {
      cause,
      type: `${problemTypes}#temporary-reduced-capacity`,
      title: 'Request cannot be satisfied due to temporary server capacity constraints',
      headers: refusalHeaders(retryAfter),
      extensions: { 'violated-policies': policies },
    })
  }
}

/** The client's address is on the list of those that are always refused. Code `ERR_RATELIMIT_DENIED`, status 403. */
export class RateLimitDeniedError extends HttpError {
  override readonly code: string = 'ERR_RATELIMIT_DENIED'

  constructor() {
    super(403, 'Requests from this address are not accepted.')
  }
}

/**
 * A function of the options gave what cannot be used: a `cost`, `limit` or `window` that is negative, fractional or not a
 * number, a cost above the limit, which no waiting would make fit, or a promise where the value is needed at once. Code
 * `ERR_RATELIMIT_VALUE`, status 500.
 */
export class RateLimitValueError extends HttpError {
  override readonly code: string = 'ERR_RATELIMIT_VALUE'

  /** @param of - name of the policy, key or limiter that it is of */
  constructor(of: string, what: 'cost' | 'limit' | 'window' | 'key' | 'plan' | 'skip', expected: string, got: unknown) {
    const shown = typeof got === 'number' ? String(got) : typeof got
    const subject =
      what === 'key'
        ? `rate limit key ${of}`
        : `${what} of the rate ${what === 'plan' || what === 'skip' ? 'limiter' : 'limit policy'} ${of}`
    super(500, `The ${subject} must be ${expected}, got ${shown}`)
  }
}

/** The store answered, but not with something that can be used. Code `ERR_RATELIMIT_STORE`. */
export class RateLimitStoreError extends HardeningError {
  override readonly code: string = 'ERR_RATELIMIT_STORE'
}

/** The store cannot do what was asked of it. Code `ERR_RATELIMIT_UNSUPPORTED`. */
export class RateLimitUnsupportedError extends HardeningError {
  override readonly code: string = 'ERR_RATELIMIT_UNSUPPORTED'

  constructor(operation: string) {
    super(`A store of express-rate-limit has no way to ${operation}; the memory and Redis stores of this package have`)
  }
}

function seconds(count: number): string {
  return count === 1 ? '1 second' : `${count} seconds`
}
