import { HttpError } from '../errors.js'

/**
 * Why a command could not be carried out:
 *
 * - `absent`: the client has not been connected since the start
 * - `not-ready`: the connection is lost, or the server says that it cannot serve (`LOADING`, `READONLY`, `OOM` ...)
 * - `timeout`: no reply in time; it may or may not have been carried out
 * - `breaker-open`: too many failures in a row, so it was not tried
 * - `connection`: the connection broke on the way; it may or may not have been carried out
 */
export type RedisUnavailableReason = 'absent' | 'not-ready' | 'timeout' | 'breaker-open' | 'connection'

const details: Readonly<Record<RedisUnavailableReason, string>> = {
  absent: 'has not been reached yet',
  'not-ready': 'is not ready',
  timeout: 'did not answer in time',
  'breaker-open': 'is not asked after too many failures',
  connection: 'lost the connection',
}

/** Redis could not be asked, or gave no usable answer. Code `ERR_REDIS_UNAVAILABLE`, status 503. */
export class RedisUnavailableError extends HttpError {
  override readonly code: string = 'ERR_REDIS_UNAVAILABLE'
  readonly reason: RedisUnavailableReason

  /** @param name - name of the guard */
  constructor(name: string, reason: RedisUnavailableReason, options: { cause?: unknown } = {}) {
    super(503, `Redis (${name}) ${details[reason]}`, options.cause === undefined ? {} : { cause: options.cause })
    this.reason = reason
  }
}
