import { randomFillSync } from 'node:crypto'

/** Where ids come from, so that tests can know them. Every string is lower-case hexadecimal. */
export interface RandomIds {
  /** 16 random bytes as 32 characters: a trace id, never all zeros. */
  traceId(): string
  /** 8 random bytes as 16 characters: a span id, never all zeros. */
  spanId(): string
  /** 16 random bytes as 32 characters: a request id, which passes {@link isValidRequestId}. */
  requestId(): string
}

/** One call of the generator costs about as much as fifty ids. */
const poolBytes = 4096
/** Written at once: few, for a slice of a text keeps the whole of it for as long as somebody holds the id. */
const writtenBytes = 256

/**
 * Ids cut from a pool of random bytes that is filled ahead.
 *
 * @param fill - Fills the bytes that it gets with randomness. @defaultValue `crypto.randomFillSync`
 */
export function createRandomIds(fill: (bytes: Uint8Array) => unknown = randomFillSync): RandomIds {
  const pool = Buffer.alloc(poolBytes)
  let used = poolBytes
  let text = ''
  let next = 0

  function write(): void {
    if (used === poolBytes) {
      fill(pool)
      used = 0
    }
    text = pool.toString('hex', used, (used += writtenBytes))
    next = 0
  }

  function take(length: number): string {
    if (next + length > text.length) write()
    const start = next
    next += length
    return text.slice(start, next)
  }

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
