import { OutgoingMessage } from 'node:http'
import type { Exchange } from '@hardening/core'
import type { Freshness } from './policy.js'
import { headerOf, readyResponse, type StoredHeaders, type StoredResponse } from './stored.js'

/** Header lines by lower-case name. */
export type HeaderLines = Record<string, string | readonly string[]>

/** Headers that belong to one answer or one connection, and not to what is kept (RFC 9111 section 3.1). */
const passing = new Set([
  'age',
  'connection',
  'content-length',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'set-cookie',
  'x-request-id',
  'x-correlation-id',
  'traceparent',
  'tracestate',
  'server-timing',
  'x-response-time',
])

/** What says how the stored bytes are to be read: a 304 sends none that it could be true of (section 3.2). */
const ofTheBody = new Set(['content-encoding', 'content-range', 'content-length'])

/** What the application has set itself, without what the steps of the toolkit add to every response anew. */
export function ownHeaders(res: Exchange['res']): HeaderLines {
  const headers: HeaderLines = {}
  for (const [name, value] of Object.entries(OutgoingMessage.prototype.getHeaders.call(res))) {
    if (value !== undefined) headers[name] = typeof value === 'number' ? String(value) : value
  }
  const control = headers['cache-control'] ?? res.getHeader('cache-control')
  // A step may speak for the application here.
  if (control !== undefined) headers['cache-control'] = String(control)
  return headers
}

/**
 * The lines that go into the store. Where there is no `Date`, one is added, so that no later answer looks new (section 4).
 *
 * @param withheld - names that the response keeps from shared caches itself
 */
export function linesToStore(headers: HeaderLines, withheld: readonly string[], now: number): StoredHeaders {
  const dropped = new Set([...passing, ...withheld, ...listed(headers['connection'])])
  const date = typeof headers['date'] === 'string' ? headers['date'] : new Date(now).toUTCString()
  return [['date', date] as const, ...Object.entries(headers).filter(([name]) => name !== 'date')].filter(
    ([name]) => !dropped.has(name),
  )
}

/** Stored lines with those of a newer response about the same body (section 3.2). */
export function updatedHeaders(stored: StoredResponse, newer: HeaderLines): HeaderLines {
  const merged: HeaderLines = Object.fromEntries(stored.headers.map(([name, value]) => [name.toLowerCase(), value]))
  for (const [name, value] of Object.entries(newer)) {
    if (!passing.has(name) && !ofTheBody.has(name)) merged[name] = value
  }
  if (newer['date'] === undefined) delete merged['date']
  return merged
}

/** Whether a response to HEAD tells of the same body as the stored one to GET (section 4.3.5). */
export function tellsOfSame(stored: StoredResponse, headers: HeaderLines, length: unknown): boolean {
  const { etag, lastModified } = readyResponse(stored)
  const isSame = (name: string, own: string | undefined): boolean =>
    headers[name] === undefined || single(headers[name]) === own
  if (!isSame('etag', etag) || !isSame('last-modified', lastModified)) return false
  if (headerOf(stored, 'content-encoding') !== single(headers['content-encoding'])) return false
  return length === undefined || Number(length) === (stored.part?.total ?? stored.body.length)
}

/** A freshness that is over. */
export function outdated(freshness: Freshness): Freshness {
  return { ...freshness, lifetime: 0, swr: 0, sie: 0 }
}

/** Fields by which responses of a URL differ. An origin that is answered to by name is one of them. */
export function varyOf(headers: HeaderLines): string[] {
  const fields = listed(headers['vary'])
  const origin = headers['access-control-allow-origin']
  if (origin !== undefined && origin !== '*' && !fields.includes('origin')) fields.push('origin')
  // What is kept is kept uncompressed.
  return [...new Set(fields)]
    .filter((field) => field !== 'accept-encoding' || headers['content-encoding'] !== undefined)
    .sort()
}

function listed(value: string | readonly string[] | undefined): string[] {
  if (value === undefined) return []
  return String(value)
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

export function single(value: string | readonly string[] | undefined): string | undefined {
  return value === undefined || typeof value === 'string' ? value : value[0]
}
