import { randomText } from './random-text.js'

/** Where ids come from, so that tests can know them. Every string is lower-case hexadecimal. */
export interface RandomIds {
  /** 16 random bytes as 32 characters: a trace id, never all zeros. */
  traceId(): string
  /** 8 random bytes as 16 characters: a span id, never all zeros. */
  spanId(): string
  /** 16 random bytes as 32 characters: a request id, which passes {@link isValidRequestId}. */
  requestId(): string
}

/**
 * Makes ids of {@link randomText}.
 *
 * @param fill - Fills the bytes that it gets with randomness. @defaultValue `crypto.randomFillSync`
 */
export function createRandomIds(fill?: (bytes: Uint8Array) => unknown): RandomIds {
  const take = randomText('hex', fill)
  return {
    traceId: () => notZero(take(32), ZERO_TRACE_ID),
    spanId: () => notZero(take(16), ZERO_SPAN_ID),
    requestId: () => take(32),
  }
}

/** Ids from the system's cryptographic generator. */
export const systemIds: RandomIds = createRandomIds()

/** A new request id: 32 lower-case hexadecimal characters of cryptographic randomness. */
export function createRequestId(ids: RandomIds = systemIds): string {
  return ids.requestId()
}

const REQUEST_ID = /^[A-Za-z0-9._-]{1,128}$/

/**
 * Whether a request id from outside may be kept: 1 to 128 letters, digits, dots, underscores and hyphens. What passes
 * can forge no line in a log, no header and no path.
 */
export function isValidRequestId(value: unknown): value is string {
  return typeof value === 'string' && REQUEST_ID.test(value)
}

const ZERO = 48
const ZERO_TRACE_ID = '0'.repeat(32)
const ZERO_SPAN_ID = '0'.repeat(16)

// Trying again would never end with a generator that is broken in just this way.
function notZero(id: string, zero: string): string {
  // Comparing whole texts costs more than all else here, and one character rules out nearly all.
  return id.charCodeAt(0) === ZERO && id === zero ? `${id.slice(1)}1` : id
}
