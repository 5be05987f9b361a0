import { brandClass } from './brand.js'
import { HttpProblem, withDefaults, type AnyMembers, type HttpProblemOptions } from './http-problem.js'
import { retryAfterHeader, retryAfterSeconds, type RetryAfter } from './retry-after.js'

/** A service that this one needs has failed. Status 502. Code `ERR_HTTP_SERVICE`. The client never sees which. */
export class ServiceError<Members extends object = AnyMembers> extends HttpProblem<Members> {
  /** Name of the service, for logs. */
  readonly service: string

  static {
    brandClass(this, 'ServiceError')
  }

  constructor(
    service: string,
    detail: string = `The service ${service} failed.`,
    options?: HttpProblemOptions<Members>,
  ) {
    super(502, detail, withDefaults(options, 'ERR_HTTP_SERVICE'))
    this.service = service
  }
}

/** Options of {@link ServiceUnavailableError}. */
export type ServiceUnavailableErrorOptions<Members extends object = AnyMembers> = HttpProblemOptions<Members> & {
  /** When to come back, for `Retry-After`. @defaultValue not said */
  retryAfter?: RetryAfter
}

/** This service cannot answer at the moment. Status 503. Code `ERR_HTTP_SERVICE_UNAVAILABLE`. */
export class ServiceUnavailableError<Members extends object = AnyMembers> extends HttpProblem<Members> {
  /** Seconds until the client may come back; `undefined` where nothing is known. */
  readonly retryAfter: number | undefined

  static {
    brandClass(this, 'ServiceUnavailableError')
  }

  constructor(
    detail: string = 'The service is not available at the moment.',
    options?: ServiceUnavailableErrorOptions<Members>,
  ) {
    const { retryAfter, ...rest } = (options ?? {}) as ServiceUnavailableErrorOptions
    const seconds = retryAfter === undefined ? undefined : retryAfterSeconds('ServiceUnavailableError', retryAfter)
    super(503, detail, withDefaults(rest, 'ERR_HTTP_SERVICE_UNAVAILABLE', retryAfterHeader(seconds)) as never)
    this.retryAfter = seconds
  }
}

/** A service that this one needs did not answer in time. Status 504. Code `ERR_HTTP_TIMEOUT`. The client never sees which. */
export class TimeoutError<Members extends object = AnyMembers> extends HttpProblem<Members> {
  /** Name of the service, for logs. */
  readonly service: string

  static {
    brandClass(this, 'TimeoutError')
  }

  constructor(
    service: string,
    detail: string = `The service ${service} did not answer in time.`,
    options?: HttpProblemOptions<Members>,
  ) {
    super(504, detail, withDefaults(options, 'ERR_HTTP_TIMEOUT'))
    this.service = service
  }
}
