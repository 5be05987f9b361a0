import { readyHeader, type ReadyHeader } from '@hardening/core'
import { fixBytes } from '../data/fixed-bytes.js'
import type { Freshness } from './policy.js'
import { parseHttpDate } from './preconditions.js'
import type { ByteRange } from './ranges.js'

/** Header lines as they are kept. */
export type StoredHeaders = readonly (readonly [name: string, value: string | readonly string[]])[]

/** A response as it is kept: plain data, so that it can be shared and sent to Redis. */
export interface StoredResponse {
  readonly kind: 'response'
  readonly status: number
  readonly headers: StoredHeaders
  /** Never changed. */
  readonly body: Uint8Array
  /** Which part of the whole the body is, where it is not the whole. */
  readonly part?: StoredPart
  /** Wall-clock milliseconds at which it was received. */
  readonly at: number
  readonly freshness: Freshness
}

export interface StoredPart extends ByteRange {
  /** Bytes of the whole. */
  readonly total: number
}

/** Stands where the responses of a URL differ by what the request says. */
export interface StoredVary {
  readonly kind: 'vary'
  readonly fields: readonly string[]
}

/** What is worked out of a stored response once, when it is first used. */
export interface ReadyResponse {
  readonly etag: string | undefined
  readonly lastModified: string | undefined
  readonly date: string | undefined
  readonly length: string
  readonly headers: readonly ReadyHeader[]
  /** A short body, a character for each byte: it goes out with its head in one piece. */
  readonly text: string | undefined
}

/** Longest body that is kept as text too; longer ones may be compressed, which takes bytes. */
const longestText = 1023

const ready = new WeakMap<StoredResponse, ReadyResponse>()

export function readyResponse(stored: StoredResponse): ReadyResponse {
  const known = ready.get(stored)
  if (known !== undefined) return known
  const made = {
    etag: headerOf(stored, 'etag'),
    lastModified: headerOf(stored, 'last-modified'),
    date: headerOf(stored, 'date'),
    length: String(stored.body.length),
    headers: stored.headers.map(([name, value]) => readyHeader(name, value)),
    text: stored.body.length > longestText ? undefined : Buffer.from(stored.body).toString('latin1'),
  }
  ready.set(stored, made)
  return made
}

/** The body to send: as text where it is short. */
export function wholeBody(stored: StoredResponse): Uint8Array | string {
  return readyResponse(stored).text ?? stored.body
}

export function headerOf({ headers }: StoredResponse, name: string): string | undefined {
  const found = headers.find(([known]) => known.toLowerCase() === name)?.[1]
  return found === undefined || typeof found === 'string' ? found : found[0]
}

/** Seconds since the origin made it (RFC 9111 section 4.2.3). */
export function ageOf(stored: StoredResponse, now: number): number {
  return stored.freshness.initialAge + Math.max(0, now - stored.at) / 1000
}

/** One body of the chunks that it came in, which are nobody else's. */
export function storedBody(chunks: readonly Buffer[]): Uint8Array {
  return fixBytes(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks))
}

/** Whether a 304 is about what is stored (RFC 9111 section 4.3.4). */
export function isAbout(stored: StoredResponse, etag: string | undefined, lastModified: string | undefined): boolean {
  const { etag: own, lastModified: ownModified } = readyResponse(stored)
  if (etag !== undefined) return own !== undefined && own.replace(/^W\//, '') === etag.replace(/^W\//, '')
  if (lastModified === undefined) return true
  return parseHttpDate(lastModified) === parseHttpDate(ownModified)
}

/** Two parts of the same whole as one, where they meet (RFC 9111 section 3.4); `undefined` where they do not. */
export function joinParts(one: StoredResponse, other: StoredResponse): StoredResponse | undefined {
  const [a, b] = [one.part, other.part]
  const etag = readyResponse(other).etag
  if (a === undefined || b === undefined || etag?.startsWith('"') !== true) return undefined
  if (readyResponse(one).etag !== etag || a.total !== b.total) return undefined
  if (a.start > b.end + 1 || b.start > a.end + 1) return undefined
  const [first, second] = a.start <= b.start ? [one, other] : [other, one]
  const [from, then] = [first.part as StoredPart, second.part as StoredPart]
  const rest = second.body.subarray(Math.min(second.body.length, Math.max(0, from.end + 1 - then.start)))
  const body = fixBytes(Buffer.concat([first.body, rest]))
  const part = { start: from.start, end: from.start + body.length - 1, total: a.total }
  if (body.length < a.total) return { ...other, body, part }
  const { part: _whole, ...whole } = other
  return { ...whole, status: 200, body }
}
