import { parseHttpDate } from './preconditions.js'
import { neverChanges } from './compressor.js'
import type { Freshness } from './policy.js'

/** A response as it is kept: plain data, so that it can be shared and sent to Redis. */
export interface StoredResponse {
  readonly kind: 'response'
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: string | readonly string[]])[]
  readonly body: string
  readonly isText: boolean
  /** Wall-clock milliseconds at which it was received. */
  readonly at: number
  readonly freshness: Freshness
}

/** Stands where the responses of a URL differ by what the request says. */
export interface StoredVary {
  readonly kind: 'vary'
  readonly fields: readonly string[]
}

/** What is worked out of a stored response once, when it is first used. */
export interface ReadyResponse {
  readonly stored: StoredResponse
  readonly body: Buffer
  readonly etag: string | undefined
  readonly lastModified: string | undefined
}

const ready = new WeakMap<StoredResponse, ReadyResponse>()

export function readyResponse(stored: StoredResponse): ReadyResponse {
  const known = ready.get(stored)
  if (known !== undefined) return known
  const body = Buffer.from(stored.body, stored.isText ? 'utf8' : 'base64')
  // So that it is compressed once, however often it is sent.
  neverChanges(body)
  const made = { stored, body, etag: headerOf(stored, 'etag'), lastModified: headerOf(stored, 'last-modified') }
  ready.set(stored, made)
  return made
}

function headerOf(stored: StoredResponse, name: string): string | undefined {
  const found = stored.headers.find(([known]) => known.toLowerCase() === name)?.[1]
  return found === undefined || typeof found === 'string' ? found : found[0]
}

/** Seconds since the origin made it (RFC 9111 section 4.2.3). */
export function ageOf(stored: StoredResponse, now: number): number {
  return stored.freshness.initialAge + Math.max(0, now - stored.at) / 1000
}

/** Body as text where it is UTF-8 through and through, else as base64. */
export function storedBody(body: Buffer): { body: string; isText: boolean } {
  const text = body.toString('utf8')
  if (Buffer.byteLength(text) === body.length && Buffer.from(text, 'utf8').equals(body))
    return { body: text, isText: true }
  return { body: body.toString('base64'), isText: false }
}

/** Whether a 304 is about what is stored (RFC 9111 section 4.3.4). */
export function isAbout(stored: StoredResponse, etag: string | undefined, lastModified: string | undefined): boolean {
  const own = headerOf(stored, 'etag')
  if (etag !== undefined) return own !== undefined && own.replace(/^W\//, '') === etag.replace(/^W\//, '')
  if (lastModified === undefined) return true
  return parseHttpDate(lastModified) === parseHttpDate(headerOf(stored, 'last-modified'))
}
