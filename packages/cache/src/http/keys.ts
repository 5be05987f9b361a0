import * as crypto from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/**
 * Headers that applications and frameworks take for the address of a page. A response made with one is kept for requests
 * with the same one alone: nobody else gets a page that somebody has poisoned.
 */
const addressing = [
  'forwarded',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-scheme',
  'x-forwarded-port',
  'x-forwarded-prefix',
  'x-forwarded-server',
  'x-host',
  'x-original-url',
  'x-rewrite-url',
  'x-original-host',
] as const

/** Key of a URL, whatever the method. */
export function uriKey(url: string, headers: IncomingHttpHeaders, scheme: string, partition: string): string {
  let extra = ''
  for (const name of addressing) {
    const value = headers[name]
    if (value !== undefined) extra += `\n${name}:${String(value)}`
  }
  const host = (headers.host ?? '').toLowerCase()
  if (partition !== '') extra += `\n\n${partition}`
  const plain = `${scheme}://${host}${url}`
  if (extra === '' && plain.length <= 900) return plain
  return `${plain.slice(0, 800)}#${fingerprint(plain + extra)}`
}

/** Key of one of the responses of a URL, by what the request says (RFC 9111 section 4.1). */
export function variantKey(key: string, fields: readonly string[], headers: IncomingHttpHeaders): string {
  const values = fields.map((field) => [field, normalValue(field, headers[field])])
  return `${key.slice(0, 900)} ${fingerprint(key + JSON.stringify(values))}`
}

/** The URL with those parameters of the query that count, in one order. */
export function normalUrl(url: string, parameters: readonly string[] | undefined): string {
  if (parameters === undefined) return url
  const at = url.indexOf('?')
  if (at === -1) return url
  const query = new URLSearchParams(url.slice(at + 1))
  const kept = [...query]
    .filter(([name]) => parameters.includes(name))
    .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return kept.length === 0 ? url.slice(0, at) : `${url.slice(0, at)}?${new URLSearchParams(kept).toString()}`
}

/** Fields whose values mean the same in capitals (RFC 9110 section 12.5). */
const caseless = new Set(['accept-language', 'accept-encoding', 'accept-charset'])

/** Lists that differ in space alone are the same (RFC 9111 section 4.1). */
function normalValue(field: string, value: string | string[] | undefined): string | null {
  if (value === undefined) return null
  const text = String(value)
    .slice(0, 8192)
    .split(',')
    .map((item) => item.trim())
    .join(',')
    .replaceAll(/\s+/g, ' ')
  return caseless.has(field) ? text.toLowerCase() : text
}

function fingerprint(text: string): string {
  return typeof crypto.hash === 'function'
    ? crypto.hash('sha256', text, 'base64url')
    : crypto.createHash('sha256').update(text).digest('base64url')
}
