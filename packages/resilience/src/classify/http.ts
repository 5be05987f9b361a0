import { systemClock, type Clock } from '@hardening/core'
import { harmless, permanent, property, transient, type Classifier, type Judgement } from './judgement.js'
import { headerOf, parseRetryAfter } from './retry-after.js'

/** Statuses after which the same request may go well (RFC 9110, RFC 8470 for 425, RFC 6585 for 429). */
const transientStatuses: ReadonlySet<number> = new Set([
  408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529,
])

/** Answers of status 400 and above: of a `Response`, or carried by an error, as axios, got, SDKs and `HttpError` do. */
export function httpErrors(clock: Clock = systemClock): Classifier {
  const judge = (holder: unknown): Judgement | undefined => {
    const status = property(holder, 'status') ?? property(holder, 'statusCode')
    if (typeof status !== 'number' || status < 400 || status > 599) return undefined
    if (!transientStatuses.has(status)) return status < 500 ? harmless : permanent
    const retryAfterMs = parseRetryAfter(headerOf(property(holder, 'headers'), 'retry-after'), clock.now())
    return retryAfterMs === undefined ? transient : { ...transient, retryAfterMs }
  }
  return {
    error: (error) => judge(property(error, 'response')) ?? judge(error),
    result: (value) => {
      // Read straight away: this is on the way of every answer that is well.
      const status = property(value, 'status')
      return typeof status === 'number' && status >= 400 ? judge(value) : undefined
    },
  }
}
