import {
  continueTrace,
  createRequestId,
  currentContext,
  formatTraceparent,
  type RequestContext,
  type TraceContext,
} from '@hardening/core'
import type { JobOrigin } from './job.js'

/** What a job carries of the request that enqueues it; `undefined` outside a request. */
export function currentOrigin(): JobOrigin | undefined {
  const context = currentContext()
  if (context === undefined) return undefined
  const { requestId, trace, user, tenant } = context
  return {
    requestId,
    traceparent: formatTraceparent(trace),
    ...(trace.tracestate ? { tracestate: trace.tracestate } : undefined),
    ...(user === undefined ? undefined : { user }),
    ...(tenant === undefined ? undefined : { tenant }),
  }
}

/** The context in which a job runs: the request id, trace and user of whoever enqueued it, with a span of its own. */
export class JobContext implements RequestContext {
  readonly startedAt: number
  user: string | undefined
  tenant: string | undefined
  readonly #origin: JobOrigin | undefined
  readonly #signal: () => AbortSignal
  #requestId: string | undefined
  #trace: TraceContext | undefined = undefined

  constructor(origin: JobOrigin | undefined, startedAt: number, signal: () => AbortSignal) {
    this.startedAt = startedAt
    this.user = origin?.user
    this.tenant = origin?.tenant
    this.#origin = origin
    this.#signal = signal
    this.#requestId = origin?.requestId
  }

  get requestId(): string {
    return (this.#requestId ??= createRequestId())
  }

  get trace(): TraceContext {
    return (this.#trace ??= continueTrace(this.#origin?.traceparent, this.#origin?.tracestate))
  }

  get signal(): AbortSignal {
    return this.#signal()
  }
}
