import { AsyncLocalStorage } from 'node:async_hooks'
import type { RequestLike } from './http.js'
import { createRequestId, isValidRequestId } from './random-ids.js'
import { continueTrace, formatTraceparent, type TraceContext } from './trace-context.js'

/** What is known of the request that is being served. */
export interface RequestContext {
  /** Id of the request: the client's where it is well formed, else a new one. On every response as `X-Request-Id`. */
  readonly requestId: string
  /** W3C trace context, level 2: the caller's, or a new trace. */
  readonly trace: TraceContext
  /** Wall-clock milliseconds at which the request was first seen. */
  readonly startedAt: number
  /** Id of the user, once known; set by whoever authenticates. Never more than an id. */
  user: string | undefined
  /** Id of the tenant, once known. */
  tenant: string | undefined
  /** Fires when the client goes before its answer, or the request runs out of time. */
  readonly signal: AbortSignal
  /** Monotonic milliseconds by which the answer has to begin; set by whoever limits the request's time. */
  deadline?: number | undefined
}

/** {@link RequestContext} as the house itself uses it: what few requests need is made when first asked for. */
export class ContextRecord implements RequestContext {
  readonly requestId: string
  readonly startedAt: number = Date.now()
  user: string | undefined = undefined
  tenant: string | undefined = undefined
  deadline: number | undefined = undefined
  /** Until the trace has been read from them: timers of the connection keep the context long after its request. */
  #headers: RequestLike['headers'] | undefined
  #trace: TraceContext | undefined = undefined
  #controller: AbortController | undefined = undefined
  #cancelled: unknown = undefined

  constructor(requestId: string, headers: RequestLike['headers']) {
    this.requestId = requestId
    this.#headers = headers
  }

  get trace(): TraceContext {
    if (this.#trace === undefined) {
      this.#trace = continueTrace(this.#headers?.['traceparent'], this.#headers?.['tracestate'])
      this.#headers = undefined
    }
    return this.#trace
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#cancelled !== undefined) this.#controller.abort(this.#cancelled)
    }
    return this.#controller.signal
  }

  cancel(reason: Error): void {
    this.#cancelled ??= reason
    this.#controller?.abort(reason)
  }
}

/** The context of a request for which nothing else was asked: `requestContext`'s defaults. */
export function newContext({ headers }: RequestLike): RequestContext {
  const given = headers['x-request-id'] ?? headers['x-correlation-id']
  return new ContextRecord(typeof given === 'string' && isValidRequestId(given) ? given : createRequestId(), headers)
}

// One storage for all copies of this package in a process: what one has entered, another must find.
const storageSlot: unique symbol = Symbol.for('@hardening/context@1')
const shared = globalThis as { [storageSlot]?: AsyncLocalStorage<RequestContext> }
const storage: AsyncLocalStorage<RequestContext> = (shared[storageSlot] ??= new AsyncLocalStorage())

/** The context of the request that is being served here, wherever in the code that is. */
export function currentContext(): RequestContext | undefined {
  return storage.getStore()
}

/** Calls `run` inside `context`, so that {@link currentContext} finds it there and in all that it starts. */
export function runInContext<Arguments extends unknown[], Result>(
  context: RequestContext,
  run: (...args: Arguments) => Result,
  ...args: Arguments
): Result {
  return storage.run(context, run, ...args)
}

/**
 * Headers that hand the context on to another service: `traceparent`, `tracestate`, `X-Request-Id`.
 * Empty outside a request.
 *
 * @example
 * await fetch(url, { headers: { accept: 'application/json', ...outgoingHeaders() } })
 */
export function outgoingHeaders(context: RequestContext | undefined = currentContext()): Record<string, string> {
  if (context === undefined) return {}
  const { trace, requestId } = context
  const headers: Record<string, string> = {
    traceparent: formatTraceparent(trace),
    'x-request-id': requestId,
  }
  if (trace.tracestate) headers['tracestate'] = trace.tracestate
  return headers
}
