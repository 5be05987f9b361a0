import { systemClock, type Clock } from '@hardening/core'
import { httpErrors } from './http.js'
import { harmless, ignored, permanent, property, transient, type Classifier, type Judgement } from './judgement.js'
import { headerOf, parseRetryAfter } from './retry-after.js'

/** What the account or the question lacks: asking again costs and does not help. */
const notNow: ReadonlySet<string> = new Set(['insufficient_quota', 'billing_hard_limit_reached', 'billing_error'])
const ofTheQuestion: ReadonlySet<string> = new Set([
  'context_length_exceeded',
  'content_filter',
  'content_policy_violation',
  'invalid_request_error',
  'request_too_large',
])
const ofTheService: ReadonlySet<string> = new Set([
  'overloaded_error',
  'rate_limit_error',
  'api_error',
  'timeout_error',
])

/**
 * Errors of model providers as their SDKs throw them: by status and kind. A used-up quota is counted, but not tried again;
 * `retry-after-ms` and `x-should-retry` are followed.
 */
export function llmErrors(clock: Clock = systemClock): Classifier {
  const http = httpErrors(clock)
  return {
    error(error) {
      const name = property(error, 'name')
      if (name === 'APIUserAbortError') return ignored
      const kind = kindOf(error)
      if (kind !== undefined && notNow.has(kind)) return permanent
      if (kind !== undefined && ofTheQuestion.has(kind)) return harmless
      const found =
        http.error(error) ??
        (kind !== undefined && ofTheService.has(kind) ? transient : undefined) ??
        (name === 'APIConnectionTimeoutError' ? transient : undefined)
      return found === undefined ? undefined : withHeaders(found, property(error, 'headers'))
    },
    result: (value) => {
      const found = http.result?.(value)
      return found === undefined ? undefined : withHeaders(found, property(value, 'headers'))
    },
  }

  function withHeaders(found: Judgement, headers: unknown): Judgement {
    const should = headerOf(headers, 'x-should-retry')
    const text = headerOf(headers, 'retry-after-ms')
    const ms = text !== undefined && /^\d{1,10}(?:\.\d{1,6})?$/.test(text) ? Number(text) : undefined
    const retryAfterMs = ms ?? found.retryAfterMs ?? parseRetryAfter(headerOf(headers, 'retry-after'), clock.now())
    return {
      ...found,
      retry: should === 'true' ? true : should === 'false' ? false : found.retry,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    }
  }
}

/** `error.code`, else the kind in the body: `{ error: { type } }`, once or twice nested, as providers differ. */
function kindOf(error: unknown): string | undefined {
  const inner = property(error, 'error')
  for (const at of [error, inner, property(inner, 'error')]) {
    for (const name of ['code', 'type']) {
      const value = property(at, name)
      if (typeof value === 'string' && (notNow.has(value) || ofTheQuestion.has(value) || ofTheService.has(value)))
        return value
    }
  }
  return undefined
}
