import type { IncomingHttpHeaders } from 'node:http'

/** What a stored or finished response is validated by. */
export interface Validators {
  readonly etag: string | undefined
  readonly lastModified: string | undefined
  /** When a response without `Last-Modified` was made. */
  readonly date?: string | undefined
}

/** Entity tags in a list such as that of `If-None-Match`, weakness kept; `'*'` for any. */
function parseTags(header: string): readonly string[] | '*' {
  if (header.trim() === '*') return '*'
  return header.slice(0, 8192).match(/(?:W\/)?"[^"]*"/g) ?? []
}

/** Whether two tags are equal but for their weakness (RFC 9110 section 8.8.3.2). */
function tagsMatch(one: string, other: string): boolean {
  return one.replace(/^W\//, '') === other.replace(/^W\//, '')
}

/** Milliseconds of an HTTP date; `undefined` for anything else (RFC 9110 section 5.6.7). */
export function parseHttpDate(text: string | undefined): number | undefined {
  if (text === undefined || text.length > 40) return undefined
  const day = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)'
  const long = '(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)'
  const time = String.raw`\d\d:\d\d:\d\d`
  const month = '[A-Z][a-z]{2}'
  const forms = [
    String.raw`${day}, \d\d ${month} \d{4} ${time} GMT`,
    String.raw`${long}, \d\d-${month}-\d\d ${time} GMT`,
    String.raw`${day} ${month} [ \d]\d ${time} \d{4}`,
  ]
  if (!new RegExp(`^(?:${forms.join('|')})$`, 'i').test(text)) return undefined
  const short = /^([a-z]+, \d\d)-([a-z]{3})-(\d\d)( .*)$/i.exec(text)
  const full = short === null ? text : `${short[1]} ${short[2]} ${yearOf(Number(short[3]))}${short[4]}`
  const ms = Date.parse(/GMT$/i.test(full) ? full : `${full} GMT`)
  return Number.isNaN(ms) ? undefined : ms
}

/** Two digits that would be more than 50 years ahead are of the century before (RFC 9110 section 5.6.7). */
function yearOf(digits: number): number {
  const now = new Date().getUTCFullYear()
  const year = now - (now % 100) + digits
  return year > now + 50 ? year - 100 : year
}

/**
 * Whether the client has what it asks for, so that 304 is the answer to GET and HEAD (RFC 9110 section 13.2.2, steps 3
 * and 4).
 */
export function isNotModified(headers: IncomingHttpHeaders, { etag, lastModified, date }: Validators): boolean {
  const tags = headers['if-none-match']
  if (tags !== undefined) {
    const list = parseTags(tags)
    return list === '*' || (etag !== undefined && list.some((tag) => tagsMatch(tag, etag)))
  }
  const since = parseHttpDate(headers['if-modified-since'])
  // Without one, its date stands for it (RFC 9111 section 4.3.2).
  const changed = parseHttpDate(lastModified ?? date)
  return since !== undefined && changed !== undefined && changed <= since
}
