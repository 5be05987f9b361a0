import { systemIds, type RandomIds } from './random-ids.js'
import { parseTracestate } from './tracestate.js'

/** The caller records this trace (W3C Trace Context level 2, section 3.2.2.5.1). */
export const SAMPLED_FLAG = 0x01
/** The right 7 bytes of the trace id are random (section 3.2.2.5.2). */
export const RANDOM_FLAG = 0x02

/** What a `traceparent` header says. */
export interface Traceparent {
  /** Id of the whole trace: 32 lower-case hexadecimal characters. */
  readonly traceId: string
  /** Id of the caller's span: 16 lower-case hexadecimal characters. */
  readonly parentId: string
  /** {@link SAMPLED_FLAG} and {@link RANDOM_FLAG}; flags that have no meaning yet are cleared. */
  readonly flags: number
}

/** The place of one request in a distributed trace. */
export interface TraceContext {
  /** Id of the whole trace: 32 lower-case hexadecimal characters. */
  readonly traceId: string
  /** Id of this request's span: 16 lower-case hexadecimal characters. */
  readonly spanId: string
  /** Id of the caller's span; `undefined` where the trace begins here. */
  readonly parentId: string | undefined
  /** {@link SAMPLED_FLAG} and {@link RANDOM_FLAG}. */
  readonly flags: number
  /** The `tracestate` to hand on; empty where there is none. */
  readonly tracestate: string
}

// Version 00 has just this length; a later one has at least it (section 3.2.4).
const LENGTH = 55
const VERSION_00 = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/
const LATER_VERSION = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/
const ZERO_TRACE_ID = '0'.repeat(32)
const ZERO_SPAN_ID = '0'.repeat(16)

/**
 * Reads a `traceparent` header (W3C Trace Context level 2, section 3.2) to the letter: lower-case hexadecimal only, no
 * id of zeros, no version `ff`, nothing behind version `00`. Of a later version the fields of version `00` are read,
 * where more follows only behind a hyphen (section 3.2.4).
 *
 * @returns `undefined` where there is no header or it is invalid; then `tracestate` must not be read either.
 */
export function parseTraceparent(header: unknown): Traceparent | undefined {
  if (typeof header !== 'string' || header.length < LENGTH) return undefined
  const found = header.startsWith('00') ? VERSION_00.exec(header) : LATER_VERSION.exec(header)
  if (found === null) return undefined
  const [, traceId = '', parentId = '', flags = ''] = found
  if (traceId === ZERO_TRACE_ID || parentId === ZERO_SPAN_ID) return undefined
  return { traceId, parentId, flags: Number.parseInt(flags, 16) & (SAMPLED_FLAG | RANDOM_FLAG) }
}

/** A trace that begins here, not sampled: nobody has asked for it to be recorded. */
export function createTraceContext(ids: RandomIds = systemIds): TraceContext {
  return {
    traceId: ids.traceId(),
    spanId: ids.spanId(),
    parentId: undefined,
    flags: RANDOM_FLAG,
    tracestate: '',
  }
}

/**
 * The trace context of an incoming request: the caller's trace with a span id of its own, or a new trace where the
 * caller sent none or an invalid one.
 *
 * @param traceparent - The `traceparent` header.
 * @param tracestate - The `tracestate` header or headers; left unread where `traceparent` is invalid.
 */
export function continueTrace(
  traceparent: unknown,
  tracestate: string | readonly string[] | undefined,
  ids: RandomIds = systemIds,
): TraceContext {
  const parent = parseTraceparent(traceparent)
  if (parent === undefined) return createTraceContext(ids)
  return {
    traceId: parent.traceId,
    spanId: ids.spanId(),
    parentId: parent.parentId,
    flags: parent.flags,
    tracestate: parseTracestate(tracestate),
  }
}

/** A span under `context`: same trace, flags and state, new span id. */
export function childTraceContext(context: TraceContext, ids: RandomIds = systemIds): TraceContext {
  return {
    traceId: context.traceId,
    spanId: ids.spanId(),
    parentId: context.spanId,
    flags: context.flags,
    tracestate: context.tracestate,
  }
}

const FLAGS = ['00', '01', '02', '03'] as const

/** The `traceparent` to send on: always version `00`, with the context's span as the parent. */
export function formatTraceparent(context: Pick<TraceContext, 'traceId' | 'spanId' | 'flags'>): string {
  return `00-${context.traceId}-${context.spanId}-${FLAGS[context.flags & (SAMPLED_FLAG | RANDOM_FLAG)]!}`
}
