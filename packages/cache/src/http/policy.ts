import type { IncomingHttpHeaders } from 'node:http'
import CachePolicy from 'http-cache-semantics'
import { fieldsOf, parseDirectives, secondsOf, type Directives } from './directives.js'
import { parseHttpDate } from './preconditions.js'

/** Header lines of a response by lower-case name. */
export type ResponseHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/** What decides whether a response may be kept, and how long it is good. */
export interface ResponseFacts {
  readonly status: number
  readonly headers: ResponseHeaders
  readonly requestHeaders: IncomingHttpHeaders
  readonly url: string
  /** Wall-clock milliseconds at which the request came, and at which the response did. */
  readonly requestTime: number
  readonly responseTime: number
  /** Whether the request showed who the user is. */
  readonly isCredentialed: boolean
  /** Seconds for responses that say nothing themselves. */
  readonly defaultSeconds: number
  /** Whether it is one part of a whole that is known. */
  readonly isPart?: boolean
}

/** What follows from {@link ResponseFacts}. Times in seconds. */
export interface Freshness {
  readonly lifetime: number
  /** Age when it was received. */
  readonly initialAge: number
  readonly swr: number
  readonly sie: number
  /** It must be validated before each use. */
  readonly alwaysValidate: boolean
  /** It must not be used stale. */
  readonly neverStale: boolean
  /** It says itself that it is for everybody. */
  readonly isShared: boolean
}

/** Statuses that may be kept without being told to (RFC 9110 section 15.1); 206 where the part is understood. */
const heuristic = new Set([200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501])
/** Statuses whose meaning for caches is known, for `must-understand`. */
const understood = new Set([...heuristic, 302, 303, 307, 400, 401, 403, 500, 502, 503])
const aDay = 86_400

/** Freshness of a response that may be kept (RFC 9111 section 3); `undefined` for one that may not. */
export function judge(facts: ResponseFacts): Freshness | undefined {
  const { status, headers, requestHeaders } = facts
  const directives = parseDirectives(headers['cache-control'])
  const isShared = directives.has('public') || directives.has('s-maxage')
  if (status < 200 || (status === 206 && facts.isPart !== true) || status === 304 || status === 416) return undefined
  if (parseDirectives(requestHeaders['cache-control']).has('no-store')) return undefined
  const mustUnderstand = directives.has('must-understand')
  if (mustUnderstand && !understood.has(status)) return undefined
  if (directives.has('no-store') && !mustUnderstand) return undefined
  const withheld = withheldFields(directives)
  if (directives.has('private') && fieldsOf(directives, 'private') === undefined) return undefined
  if (headers['set-cookie'] !== undefined && !withheld.includes('set-cookie')) return undefined
  // A response to somebody whose name we know is for them alone unless it says otherwise. RFC 9111 section 3.5 asks this
  // of Authorization, where must-revalidate would do as well; cookies and keys tell as much, so all are held to it.
  if (facts.isCredentialed && !isShared) return undefined
  if (String(headers['vary'] ?? '').includes('*') || givesNonce(headers)) return undefined
  const lifetime = lifetimeOf(facts, directives)
  const hasValidator = headers['etag'] !== undefined || headers['last-modified'] !== undefined
  if (lifetime === undefined || (lifetime <= 0 && !hasValidator) || !isStorable(facts)) return undefined
  const neverStale =
    directives.has('must-revalidate') || directives.has('proxy-revalidate') || directives.has('s-maxage')
  return {
    lifetime,
    initialAge: initialAgeOf(facts),
    swr: neverStale ? 0 : (secondsOf(directives, 'stale-while-revalidate') ?? 0),
    sie: neverStale ? 0 : (secondsOf(directives, 'stale-if-error') ?? 0),
    alwaysValidate: directives.has('no-cache') && fieldsOf(directives, 'no-cache') === undefined,
    neverStale,
    isShared,
  }
}

/**
 * Fields that a shared cache must not keep, or not use without asking (RFC 9111 sections 5.2.2.4 and 5.2.2.7); both are
 * left out of what is kept.
 */
export function withheldFields(directives: Directives): readonly string[] {
  return [...(fieldsOf(directives, 'private') ?? []), ...(fieldsOf(directives, 'no-cache') ?? [])]
}

/** Seconds that it is fresh (RFC 9111 section 4.2.1); `undefined` where nothing tells. */
function lifetimeOf(facts: ResponseFacts, directives: Directives): number | undefined {
  const { headers, status } = facts
  const explicit = secondsOf(directives, 's-maxage') ?? secondsOf(directives, 'max-age')
  if (explicit !== undefined) return explicit
  const date = parseHttpDate(single(headers['date'])) ?? facts.responseTime
  if (headers['expires'] !== undefined) {
    const expires = parseHttpDate(single(headers['expires']))
    return expires === undefined ? 0 : Math.max(0, (expires - date) / 1000)
  }
  if (!heuristic.has(status) && status !== 206 && !directives.has('public')) return undefined
  if (directives.has('no-cache') && fieldsOf(directives, 'no-cache') === undefined) return 0
  if (facts.defaultSeconds > 0) return facts.defaultSeconds
  const modified = parseHttpDate(single(headers['last-modified']))
  // A tenth of the time that it has not changed for, a day at most (RFC 9111 section 4.2.2).
  if (modified !== undefined) return Math.min(aDay, Math.max(0, (date - modified) / 10_000))
  return headers['etag'] === undefined ? undefined : 0
}

/** RFC 9111 section 4.2.3. */
function initialAgeOf({ headers, requestTime, responseTime }: ResponseFacts): number {
  const date = parseHttpDate(single(headers['date']))
  const apparent = date === undefined ? 0 : Math.max(0, Math.floor((responseTime - date) / 1000))
  const first = single(headers['age'])?.split(',')[0]?.trim() ?? ''
  const given = /^\d+$/.test(first) ? Math.min(Number(first), 2_147_483_648) : 0
  return Math.max(apparent, given + Math.max(0, responseTime - requestTime) / 1000)
}

/** Asks a second judge, who knows section 3 too: what either of the two refuses is not kept. */
function isStorable({ status, headers, requestHeaders, url }: ResponseFacts): boolean {
  const directives = [...parseDirectives(headers['cache-control'])]
    // What has been judged already, more finely.
    .filter(([name]) => !['must-understand', 'no-store', 'private', 'no-cache'].includes(name))
    // It does not know what a quoted comma is.
    .map(([name, value]) => (value === true || !/^\w+$/.test(value) ? name : `${name}=${value}`))
  const plain: Record<string, string> = {}
  for (const name in headers) plain[name] = String(headers[name])
  plain['cache-control'] = directives.join(', ')
  // It knows fewer statuses than there are; one of its own that stands for "any".
  const known = status === 206 ? 200 : heuristic.has(status) || [302, 303, 307].includes(status) ? status : 302
  const request = { url, method: 'GET', headers: requestHeaders as Record<string, string> }
  const judge = new CachePolicy(
    { ...request, headers: withoutCredentials(request.headers) },
    { status: known, headers: plain },
  )
  return judge.storable()
}

/** Who may see what is judged here, more strictly. */
function withoutCredentials(headers: Record<string, string>): Record<string, string> {
  return { 'cache-control': headers['cache-control'] ?? '' }
}

/** A nonce is worth nothing the second time. */
function givesNonce(headers: ResponseHeaders): boolean {
  return (
    /^text\/html/i.test(single(headers['content-type']) ?? '') &&
    String(headers['content-security-policy'] ?? '').includes("'nonce-")
  )
}

function single(value: string | readonly string[] | undefined): string | undefined {
  return value === undefined || typeof value === 'string' ? value : value[0]
}
