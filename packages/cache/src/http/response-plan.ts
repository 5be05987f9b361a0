import { OutgoingMessage, type IncomingHttpHeaders } from 'node:http'
import type { BodySink, Exchange } from '@hardening/core'
import type { Beginning } from '../data/flight.js'
import { isNotModified } from './preconditions.js'
import { judge, type Freshness, type RequestWishes } from './policy.js'
import { parseRange } from './ranges.js'
import { ageOf, isAbout, readyResponse, storedBody, type StoredResponse } from './stored.js'

/** What the plans of one response cache share. */
export interface PlanHost {
  readonly name: string
  readonly maxBodyBytes: number
  readonly defaultSeconds: number
  now(): number
  keep(plan: ResponsePlan, stored: StoredResponse, vary: readonly string[]): void
  /** The route has answered, or will never. */
  done(plan: ResponsePlan, isKept: boolean): void
}

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
  'retry-after',
  'x-request-id',
  'x-correlation-id',
  'traceparent',
  'tracestate',
  'server-timing',
  'x-response-time',
])

/** Headers of a request that ask for less than the whole. */
const conditions = ['if-none-match', 'if-modified-since', 'range', 'if-range'] as const

/** The way of one request through the route, and what is kept of it. */
export class ResponsePlan implements BodySink {
  readonly exchange: Exchange
  readonly key: string
  readonly url: string
  readonly wishes: RequestWishes
  readonly isCredentialed: boolean
  readonly since: Beginning
  readonly tags: Set<string> = new Set()
  /** What is validated by the route, or stands in where it fails. */
  readonly stale: StoredResponse | undefined
  /** What the client asked for, before it was taken out for the route. */
  readonly asked: IncomingHttpHeaders
  readonly #host: PlanHost
  readonly #reason: string
  readonly #requestTime: number
  #inner: BodySink | undefined
  #isSettled = false
  #isDone = false
  #freshness: Freshness | undefined
  #instead: StoredResponse | undefined
  #headers: Record<string, string | readonly string[]> = {}
  #chunks: Buffer[] = []
  #length = 0

  constructor(host: PlanHost, fields: PlanFields) {
    this.#host = host
    this.exchange = fields.exchange
    this.key = fields.key
    this.url = fields.url
    this.wishes = fields.wishes
    this.isCredentialed = fields.isCredentialed
    this.since = fields.since
    this.stale = fields.stale
    this.#reason = fields.reason
    this.#requestTime = host.now()
    this.asked = { ...fields.exchange.req.headers }
  }

  /** Lets the route make a whole response, or say that the stored one still holds. */
  start(): void {
    const { headers } = this.exchange.req
    if (!this.isCredentialed || this.stale !== undefined) for (const name of conditions) delete headers[name]
    if (this.stale !== undefined) {
      const { etag, lastModified } = readyResponse(this.stale)
      if (etag !== undefined) headers['if-none-match'] = etag
      if (lastModified !== undefined) headers['if-modified-since'] = lastModified
    }
    this.exchange.filterBody((inner) => {
      this.#inner = inner
      return this
    })
  }

  write(chunk: unknown, encoding?: unknown, callback?: unknown): boolean {
    this.settle()
    if (this.#instead !== undefined) {
      const done = typeof encoding === 'function' ? encoding : callback
      if (typeof done === 'function') process.nextTick(done)
      return true
    }
    this.#collect(chunk, encoding)
    return (this.#inner as BodySink).write(chunk, encoding, callback)
  }

  end(chunk?: unknown, encoding?: unknown, callback?: unknown): void {
    const wasSent = this.exchange.res.headersSent
    this.settle()
    const inner = this.#inner as BodySink
    const done = [chunk, encoding, callback].find((argument) => typeof argument === 'function')
    if (this.#instead !== undefined) {
      inner.end(this.#answerWith(this.#instead, !wasSent), undefined, done)
      this.#finish(true)
      return
    }
    if (typeof chunk !== 'function') this.#collect(chunk, encoding)
    const stored = this.#complete()
    if (stored !== undefined && !wasSent && this.#asksForLess) {
      inner.end(this.#answerWith(stored, true), undefined, done)
    } else inner.end(chunk, encoding, callback)
    this.#finish(stored !== undefined)
  }

  /** Decides, when status and headers are known and before they go out. */
  settle(): void {
    if (this.#isSettled) return
    this.#isSettled = true
    const { res } = this.exchange
    const headers = ownHeaders(res)
    if (this.stale !== undefined && res.statusCode === 304) return this.#validated(this.stale, headers)
    if (this.stale !== undefined && this.#mayStandIn(this.stale)) return this.#standIn(this.stale)
    const { req } = this.exchange
    this.#headers = headers
    const responseTime = this.#host.now()
    if (req.method === 'GET' && !res.headersSent) {
      this.#freshness = judge({
        status: res.statusCode,
        headers,
        requestHeaders: this.asked,
        url: this.url,
        requestTime: this.#requestTime,
        responseTime,
        isCredentialed: this.isCredentialed,
        defaultSeconds: this.#host.defaultSeconds,
      })
      const length = Number(res.getHeader('content-length') ?? 0)
      if (length > this.#host.maxBodyBytes) this.#freshness = undefined
    }
    this.#say(`fwd=${this.#reason}; fwd-status=${res.statusCode}${this.#freshness === undefined ? '' : '; stored'}`)
  }

  /** The response has ended; `aborted` where not all of it was sent. */
  ended(): void {
    this.#finish(false)
  }

  get #asksForLess(): boolean {
    return this.exchange.req.method === 'GET' && conditions.some((name) => this.asked[name] !== undefined)
  }

  #validated(stale: StoredResponse, headers: Record<string, string | readonly string[]>): void {
    const { res } = this.exchange
    const now = this.#host.now()
    let updated = stale
    if (isAbout(stale, single(headers['etag']), single(headers['last-modified']))) {
      const merged = Object.fromEntries(stale.headers.map(([name, value]) => [name.toLowerCase(), value]))
      for (const [name, value] of Object.entries(headers)) {
        if (!passing.has(name) && !['content-encoding', 'content-range', 'content-type'].includes(name))
          merged[name] = value
      }
      if (headers['date'] === undefined) delete merged['date']
      const facts = { status: stale.status, headers: merged, requestHeaders: this.asked, url: this.url }
      const times = { requestTime: this.#requestTime, responseTime: now }
      const { isCredentialed } = this
      const freshness = judge({ ...facts, ...times, isCredentialed, defaultSeconds: this.#host.defaultSeconds })
      updated = { ...stale, headers: Object.entries(merged), at: now, freshness: freshness ?? stale.freshness }
      if (freshness !== undefined) this.#host.keep(this, updated, varyOf(merged))
    }
    this.#instead = updated
    for (const name of Object.keys(headers)) res.removeHeader(name)
    this.#putHead(updated, 'fwd=stale; fwd-status=304')
  }

  /** RFC 5861 section 4. */
  #mayStandIn(stale: StoredResponse): boolean {
    const { freshness } = stale
    if (![500, 502, 503, 504].includes(this.exchange.res.statusCode) || freshness.neverStale) return false
    const over = ageOf(stale, this.#host.now()) - freshness.lifetime
    return over < Math.max(freshness.sie, this.wishes.staleIfError)
  }

  #standIn(stale: StoredResponse): void {
    const { res } = this.exchange
    const { statusCode } = res
    for (const name of Object.keys(ownHeaders(res))) res.removeHeader(name)
    this.#instead = stale
    this.#putHead(stale, `hit; fwd=stale; fwd-status=${statusCode}`)
  }

  #putHead(stored: StoredResponse, said: string): void {
    const { res } = this.exchange
    if (res.headersSent) return
    res.statusCode = stored.status
    putHeaders(this.exchange, stored, this.#host.now())
    // The length is known now; a head that goes out before the body is asked for must not promise another one.
    res.setHeader('Content-Length', readyResponse(stored).body.length)
    this.#say(said)
  }

  #answerWith(stored: StoredResponse, canChangeHead: boolean): Buffer | undefined {
    if (!canChangeHead) return this.exchange.req.method === 'HEAD' ? undefined : readyResponse(stored).body
    return cutDown(this.exchange, stored, this.asked)
  }

  #collect(chunk: unknown, encoding: unknown): void {
    if (this.#freshness === undefined || chunk === undefined || chunk === null) return
    const bytes =
      typeof chunk === 'string'
        ? Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8')
        : Buffer.from(chunk as Uint8Array)
    this.#length += bytes.length
    if (this.#length > this.#host.maxBodyBytes) {
      this.#freshness = undefined
      this.#chunks = []
    } else this.#chunks.push(bytes)
  }

  #complete(): StoredResponse | undefined {
    const { res } = this.exchange
    if (this.#freshness === undefined || res.destroyed) return undefined
    const promised = res.getHeader('content-length')
    // Half a response is none (RFC 9111 section 3.3).
    if (promised !== undefined && Number(promised) !== this.#length) return undefined
    const body = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks)
    const dropped = new Set([...passing, ...listed(this.#headers['connection'])])
    const stored: StoredResponse = {
      kind: 'response',
      status: res.statusCode,
      headers: [dateOf(this.#headers, this.#host.now()), ...Object.entries(this.#headers)].filter(
        ([name]) => !dropped.has(name),
      ),
      ...storedBody(body),
      at: this.#host.now(),
      freshness: this.#freshness,
    }
    this.#host.keep(this, stored, varyOf(this.#headers))
    return stored
  }

  #finish(isKept: boolean): void {
    if (this.#isDone) return
    this.#isDone = true
    this.#host.done(this, isKept)
  }

  #say(said: string): void {
    sayStatus(this.exchange, this.#host.name, said)
  }
}

export interface PlanFields {
  readonly exchange: Exchange
  readonly key: string
  readonly url: string
  readonly wishes: RequestWishes
  readonly isCredentialed: boolean
  readonly since: Beginning
  readonly stale: StoredResponse | undefined
  /** Why the cache did not answer by itself, in the words of RFC 9211. */
  readonly reason: string
}

/** What the application has set itself, without what the steps of the toolkit add to every response anew. */
function ownHeaders(res: Exchange['res']): Record<string, string | readonly string[]> {
  const headers: Record<string, string | readonly string[]> = {}
  for (const [name, value] of Object.entries(OutgoingMessage.prototype.getHeaders.call(res))) {
    if (value !== undefined) headers[name] = typeof value === 'number' ? String(value) : value
  }
  const control = headers['cache-control'] ?? res.getHeader('cache-control')
  // A step may speak for the application here.
  if (control !== undefined) headers['cache-control'] = String(control)
  return headers
}

/** When it was made, so that no later answer looks new (RFC 9111 section 4). The application's own comes behind it and wins. */
function dateOf(headers: Readonly<Record<string, unknown>>, now: number): readonly [string, string] {
  return ['date', typeof headers['date'] === 'string' ? headers['date'] : new Date(now).toUTCString()]
}

/** Fields by which responses of a URL differ. An origin that is answered to by name is one of them. */
function varyOf(headers: Readonly<Record<string, string | readonly string[] | undefined>>): string[] {
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

function single(value: string | readonly string[] | undefined): string | undefined {
  return value === undefined || typeof value === 'string' ? value : value[0]
}

/** Puts the headers of a stored response, and its age, on the answer. */
export function putHeaders({ res }: Exchange, stored: StoredResponse, now: number): void {
  for (const [name, value] of stored.headers) res.setHeader(name, value)
  res.setHeader('Age', Math.floor(ageOf(stored, now)))
}

/** Adds to `Cache-Status` (RFC 9211): the last one is the cache that is nearest to the client. */
export function sayStatus({ res }: Exchange, name: string, said: string): void {
  if (res.headersSent) return
  const before = res.getHeader('cache-status')
  res.setHeader('Cache-Status', `${before === undefined ? '' : `${String(before)}, `}${name}; ${said}`)
}

/** The part of a stored response that the client asked for: the body, a range of it, or nothing with a 304 or HEAD. */
export function cutDown(exchange: Exchange, stored: StoredResponse, asked: IncomingHttpHeaders): Buffer | undefined {
  const { req, res } = exchange
  const { body, etag, lastModified } = readyResponse(stored)
  if (stored.status === 200 && isNotModified(asked, { etag, lastModified })) {
    res.statusCode = 304
    for (const name of ['Content-Length', 'Content-Type', 'Content-Language', 'Content-Encoding'])
      res.removeHeader(name)
    return undefined
  }
  if (stored.status !== 204) res.setHeader('Content-Length', body.length)
  if (req.method === 'HEAD') return undefined
  if (stored.status !== 200 || asked.range === undefined || !isRangeFor(asked['if-range'], etag, lastModified))
    return body
  const range = parseRange(asked.range, body.length)
  if (range === undefined) return body
  if (range === 'unsatisfiable') {
    res.statusCode = 416
    res.setHeader('Content-Range', `bytes */${body.length}`)
    res.setHeader('Content-Length', 0)
    return undefined
  }
  const part = body.subarray(range.start, range.end + 1)
  res.statusCode = 206
  res.setHeader('Content-Range', `bytes ${range.start}-${range.end}/${body.length}`)
  res.setHeader('Content-Length', part.length)
  return part
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
