import { brandClass } from './brand.js'
import { HttpProblem, withDefaults, type AnyMembers, type HttpProblemOptions } from './http-problem.js'
import { retryAfterHeader, retryAfterSeconds, type RetryAfter } from './retry-after.js'

/** Options of {@link RateLimitError}. */
export type RateLimitErrorOptions<Members extends object = AnyMembers> = HttpProblemOptions<Members> & {
  /** When to come back, for `Retry-After`. @defaultValue not said */
  retryAfter?: RetryAfter
}

/**
 * Too many requests. Status 429 with `Retry-After`. Code `ERR_HTTP_RATE_LIMIT`. Made without a stack where it is made by
 * {@link withoutStack}.
 */
export class RateLimitError<Members extends object = AnyMembers> extends HttpProblem<Members> {
  /** Seconds until the client may come back; `undefined` where nothing is known. */
  readonly retryAfter: number | undefined

  static {
    brandClass(this, 'RateLimitError')
  }

  constructor(detail: string = 'Too many requests.', options?: RateLimitErrorOptions<Members>) {
    const { retryAfter, ...rest } = (options ?? {}) as RateLimitErrorOptions
    const seconds = retryAfter === undefined ? undefined : retryAfterSeconds('RateLimitError', retryAfter)
    super(429, detail, withDefaults(rest, 'ERR_HTTP_RATE_LIMIT', retryAfterHeader(seconds)) as never)
    this.retryAfter = seconds
  }
}
