import { randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { setReadyHeaders, type Exchange } from '@hardening/core'
import { isNotModified } from './preconditions.js'
import { parseRanges, type ByteRange } from './ranges.js'
import { ageOf, headerOf, readyResponse, type StoredResponse } from './stored.js'

/** Puts the headers of a stored response, and its age, on the answer. */
export function putHeaders({ res }: Exchange, stored: StoredResponse, now: number): void {
  setReadyHeaders(res, readyResponse(stored).headers)
  res.setHeader('Age', String(Math.floor(ageOf(stored, now))))
}

/** Adds to `Cache-Status` (RFC 9211): the last one is the cache that is nearest to the client. */
export function sayStatus({ res }: Exchange, name: string, said: string): void {
  if (res.headersSent) return
  const before = res.getHeader('cache-status')
  res.setHeader('Cache-Status', before === undefined ? `${name}; ${said}` : `${String(before)}, ${name}; ${said}`)
}

/** The part of a stored response that the client asked for: the body, ranges of it, or nothing with a 304 or HEAD. */
export function cutDown(
  exchange: Exchange,
  stored: StoredResponse,
  asked: IncomingHttpHeaders,
): Uint8Array | undefined {
  const { method, res } = exchange
  const facts = readyResponse(stored)
  if (stored.status === 200 && asksConditionally(asked) && isNotModified(asked, facts)) {
    res.statusCode = 304
    for (const name of ['Content-Length', 'Content-Type', 'Content-Language', 'Content-Encoding', 'Content-Range'])
      res.removeHeader(name)
    return undefined
  }
  if (stored.status !== 204) res.setHeader('Content-Length', facts.length)
  if (method === 'HEAD') return undefined
  const isRange = stored.status === 200 && asked.range !== undefined
  if (!isRange || !isRangeFor(asked['if-range'], facts.etag, facts.lastModified)) return stored.body
  const { body } = stored
  const ranges = parseRanges(asked.range, body.length)
  if (ranges === undefined) return body
  if (ranges === 'unsatisfiable') return answerUnsatisfiable(exchange, body.length)
  return ranges.length === 1
    ? answerPart(exchange, ranges[0] as ByteRange, body.length, body)
    : answerParts(exchange, ranges, stored)
}

/** Whether a stored part holds what the client asked for, whole or in part (RFC 9111 section 3.3). */
export function cutOfPart(stored: StoredResponse, asked: IncomingHttpHeaders): ByteRange | undefined {
  const { part } = stored
  if (part === undefined || asked.range === undefined) return undefined
  const { etag, lastModified } = readyResponse(stored)
  if (!isRangeFor(asked['if-range'], etag, lastModified)) return undefined
  const ranges = parseRanges(asked.range, part.total)
  if (ranges === undefined || ranges === 'unsatisfiable' || ranges.length > 1) return undefined
  const [range] = ranges as [ByteRange]
  return range.start >= part.start && range.end <= part.end ? range : undefined
}

/** Answers with a range of a body that begins at `offset` of a whole of `total` bytes. */
export function answerPart(
  { res }: Exchange,
  { start, end }: ByteRange,
  total: number,
  body: Uint8Array,
  offset = 0,
): Uint8Array {
  res.statusCode = 206
  res.setHeader('Content-Range', `bytes ${start}-${end}/${total}`)
  res.setHeader('Content-Length', String(end - start + 1))
  return body.subarray(start - offset, end - offset + 1)
}

function answerUnsatisfiable({ res }: Exchange, total: number): undefined {
  res.statusCode = 416
  res.setHeader('Content-Range', `bytes */${total}`)
  res.setHeader('Content-Length', '0')
}

/** RFC 9110 section 15.3.7.2. */
function answerParts({ res }: Exchange, ranges: readonly ByteRange[], stored: StoredResponse): Uint8Array {
  const boundary = randomBytes(18).toString('base64url')
  const type = headerOf(stored, 'content-type')
  const { body } = stored
  const pieces: Uint8Array[] = []
  for (const { start, end } of ranges) {
    const typeLine = type === undefined ? '' : `Content-Type: ${type}\r\n`
    const head = `--${boundary}\r\n${typeLine}Content-Range: bytes ${start}-${end}/${body.length}\r\n\r\n`
    pieces.push(Buffer.from(`${pieces.length === 0 ? '' : '\r\n'}${head}`, 'latin1'), body.subarray(start, end + 1))
  }
  pieces.push(Buffer.from(`\r\n--${boundary}--\r\n`, 'latin1'))
  const whole = Buffer.concat(pieces)
  res.statusCode = 206
  res.setHeader('Content-Type', `multipart/byteranges; boundary=${boundary}`)
  res.setHeader('Content-Length', String(whole.length))
  return whole
}

function asksConditionally(asked: IncomingHttpHeaders): boolean {
  return asked['if-none-match'] !== undefined || asked['if-modified-since'] !== undefined
}

/** `If-Range` holds for the very same bytes alone (RFC 9110 section 13.1.5). */
function isRangeFor(
  condition: string | string[] | undefined,
  etag: string | undefined,
  lastModified: string | undefined,
): boolean {
  if (condition === undefined) return true
  const text = String(condition)
  return text.startsWith('"') ? text === etag : !text.startsWith('W/') && text === lastModified
}
