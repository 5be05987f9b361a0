import { booleanOption, currentContext, functionOption, outgoingHeaders, rejectUnknownOptions } from '@hardening/core'
import type { Attempt } from './call/attempt.js'
import { protectFor, protectOptionNames, type Protection, type ProtectOptions } from './protect.js'

/** Options of {@link resilientFetch}. */
export interface ResilientFetchOptions extends Omit<ProtectOptions, 'discard' | 'fallback' | 'fallbackWhen'> {
  /** What is called. @defaultValue the `fetch` of Node */
  fetch?: typeof fetch
  /**
   * Whether `traceparent`, `tracestate` and `X-Request-Id` of the request that is being served are handed on.
   *
   * @defaultValue `true`
   */
  propagate?: boolean
}

/** A `fetch` for one service. */
export interface ResilientFetch {
  (input: string | URL | Request, init?: RequestInit): Promise<Response>
  /** The policy that it goes through: breaker, statistics, `close()`. */
  readonly protection: Protection
}

/** Methods that may be sent twice (RFC 9110 section 9.2.2). */
const idempotentMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])

/**
 * A `fetch` under `protect`. Answers of status 408, 425, 429 and 500 and above are tried again and counted, `Retry-After`
 * is followed, and the last answer is given as it is: as with `fetch`, no status throws. Only methods that may be sent
 * twice are, or requests with an `Idempotency-Key`; a POST never by default, unless no connection came about. A body that
 * is a stream can be sent once only. Its time-outs run until the head of the answer has come; the caller's signal and the
 * request's end the body as well.
 *
 * @example
 * const billing = resilientFetch('billing', { timeout: '2s', registry: breakers })
 * const response = await billing(`https://billing.example.com/invoices/${id}`)
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 */
export function resilientFetch(service: string, options: ResilientFetchOptions = {}): ResilientFetch {
  const factory = 'resilientFetch'
  const own = ['discard', 'fallback', 'fallbackWhen']
  const known = protectOptionNames.filter((name) => !own.includes(name))
  rejectUnknownOptions(factory, options, [...known, 'fetch', 'propagate'])
  const { fetch: send = globalThis.fetch, propagate = true, classify = 'http', ...rules } = options
  functionOption(factory, 'fetch', send)
  booleanOption(factory, 'propagate', propagate)
  const protection = protectFor<never>(factory, service, { ...rules, classify, discard: cancelBody })

  function resilientFetchFunction(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
    const request = input instanceof Request ? input : undefined
    const context = currentContext()
    const own = init.signal ?? request?.signal
    const signal = own !== undefined && context !== undefined ? AbortSignal.any([own, context.signal]) : own
    const headers = new Headers(init.headers ?? request?.headers)
    if (propagate) addMissing(headers, outgoingHeaders(context))
    const isOnce = isStream(init.body)
    const method = (init.method ?? request?.method ?? 'GET').toUpperCase()
    const mayRepeat = idempotentMethods.has(method) || headers.has('idempotency-key')
    const ending = signal ?? context?.signal

    const operation = (attempt: Attempt): Promise<Response> => {
      const bounded = ending === undefined ? attempt.signal : AbortSignal.any([attempt.signal, ending])
      // A Request is used up by being sent; a copy keeps its body for the next attempt.
      const target = request === undefined || request.body === null ? input : request.clone()
      return send(target, { ...init, headers, signal: bounded })
    }
    return protection.execute(operation, { signal, idempotent: options.idempotent ?? mayRepeat, once: isOnce })
  }
  return Object.assign(resilientFetchFunction, { protection })
}

function addMissing(headers: Headers, more: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(more)) if (!headers.has(name)) headers.set(name, value)
}

function isStream(body: unknown): boolean {
  return body instanceof ReadableStream || (typeof body === 'object' && body !== null && Symbol.asyncIterator in body)
}

/** The connection of an answer that nobody reads is free again only when its body is. */
function cancelBody(value: unknown): void {
  if (value instanceof Response) value.body?.cancel().catch(() => undefined)
}
