import type { IncomingHttpHeaders } from 'node:http'
import type { BodyFilter, BodySink, Exchange } from '@hardening/core'
import type { Beginning } from '../data/flight.js'
import { cutDown, putHeaders, sayStatus } from './answer.js'
import { parseDirectives } from './directives.js'
import { judge, withheldFields, type Freshness } from './policy.js'
import { parseContentRange } from './ranges.js'
import { ageOf, isAbout, readyResponse, storedBody, type StoredPart, type StoredResponse } from './stored.js'
import {
  linesToStore,
  outdated,
  ownHeaders,
  single,
  tellsOfSame,
  updatedHeaders,
  varyOf,
  type HeaderLines,
} from './stored-headers.js'
import type { RequestWishes } from './wishes.js'

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

export interface PlanFields {
  readonly exchange: Exchange
  readonly key: string
  readonly url: string
  readonly wishes: RequestWishes
  readonly isCredentialed: boolean
  readonly since: Beginning
  /** What is validated by the route, or stands in where it fails. */
  readonly stale: StoredResponse | undefined
  /** Why the cache did not answer by itself, in the words of RFC 9211. */
  readonly reason: string
}

/** Headers of a request that ask for less than the whole. */
const conditions = ['if-none-match', 'if-modified-since', 'range', 'if-range'] as const

/** The way of one request through the route, and what is kept of it. */
export class ResponsePlan implements BodyFilter, BodySink {
  readonly exchange: Exchange
  readonly fields: PlanFields
  readonly tags: Set<string> = new Set()
  /** What the client asked for, before it was taken out for the route. */
  readonly asked: IncomingHttpHeaders
  readonly #host: PlanHost
  readonly #requestTime: number
  #inner: BodySink | undefined
  #isSettled = false
  #isDone = false
  #freshness: Freshness | undefined
  #part: StoredPart | undefined
  #instead: StoredResponse | undefined
  #headers: HeaderLines = {}
  #chunks: Buffer[] = []
  #length = 0

  constructor(host: PlanHost, fields: PlanFields) {
    this.#host = host
    this.exchange = fields.exchange
    this.fields = fields
    this.#requestTime = host.now()
    this.asked = { ...fields.exchange.req.headers }
  }

  /** Lets the route make a whole response, or say that the stored one still holds. */
  start(): void {
    const { headers } = this.exchange.req
    const { stale, isCredentialed } = this.fields
    if (!isCredentialed || stale !== undefined) {
      for (const name of conditions) {
        // A route that can send a part is not made to send the whole of it.
        if (stale !== undefined || (name !== 'range' && name !== 'if-range')) delete headers[name]
      }
    }
    if (stale !== undefined) {
      const { etag, lastModified } = readyResponse(stale)
      if (etag !== undefined) headers['if-none-match'] = etag
      if (lastModified !== undefined) headers['if-modified-since'] = lastModified
    }
    this.exchange.filterBody(this)
  }

  wrap(inner: BodySink): BodySink {
    this.#inner = inner
    return this
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
    if (stored !== undefined && !wasSent && this.#asksForLess && stored.part === undefined) {
      inner.end(this.#answerWith(stored, true), undefined, done)
    } else inner.end(chunk, encoding, callback)
    this.#finish(stored !== undefined)
  }

  /** Decides, when status and headers are known and before they go out. */
  settle(): void {
    if (this.#isSettled) return
    this.#isSettled = true
    const { req, res } = this.exchange
    const { stale, reason } = this.fields
    const headers = ownHeaders(res)
    if (stale !== undefined) {
      if (res.statusCode === 304) return this.#validated(stale, headers)
      if (this.#mayStandIn(stale)) return this.#standIn(stale)
      if (req.method === 'HEAD' && res.statusCode === 200) this.#refreshByHead(stale, headers)
    }
    this.#headers = headers
    if (req.method === 'GET' && !res.headersSent) {
      this.#part = res.statusCode === 206 ? parseContentRange(single(headers['content-range'])) : undefined
      this.#freshness = this.#judge(res.statusCode, headers)
      const length = Number(res.getHeader('content-length') ?? 0)
      if (length > this.#host.maxBodyBytes) this.#freshness = undefined
    }
    this.#say(`fwd=${reason}; fwd-status=${res.statusCode}${this.#freshness === undefined ? '' : '; stored'}`)
  }

  /** The response has ended; `aborted` where not all of it was sent. */
  ended(): void {
    this.#finish(false)
  }

  get #asksForLess(): boolean {
    return this.exchange.req.method === 'GET' && conditions.some((name) => this.asked[name] !== undefined)
  }

  #judge(status: number, headers: HeaderLines): Freshness | undefined {
    return judge({
      status,
      headers,
      requestHeaders: this.asked,
      url: this.fields.url,
      requestTime: this.#requestTime,
      responseTime: this.#host.now(),
      isCredentialed: this.fields.isCredentialed,
      defaultSeconds: this.#host.defaultSeconds,
      isPart: this.#part !== undefined,
    })
  }

  #validated(stale: StoredResponse, headers: HeaderLines): void {
    const { res } = this.exchange
    let updated = stale
    if (isAbout(stale, single(headers['etag']), single(headers['last-modified']))) {
      updated = this.#freshen(stale, headers) ?? stale
    }
    this.#instead = updated
    for (const name of Object.keys(headers)) res.removeHeader(name)
    this.#putHead(updated, 'fwd=stale; fwd-status=304')
  }

  /** The stored response with what a newer one says of it; kept, where it may still be. */
  #freshen(stale: StoredResponse, headers: HeaderLines): StoredResponse | undefined {
    const merged = updatedHeaders(stale, headers)
    const freshness = this.#judge(stale.status, merged)
    const at = this.#host.now()
    const kept = linesToStore(merged, withheldFields(parseDirectives(merged['cache-control'])), at)
    const updated = { ...stale, headers: kept, at, freshness: freshness ?? stale.freshness }
    if (freshness !== undefined) this.#host.keep(this, updated, varyOf(merged))
    return updated
  }

  /** RFC 9111 section 4.3.5. */
  #refreshByHead(stale: StoredResponse, headers: HeaderLines): void {
    const { res } = this.exchange
    if (tellsOfSame(stale, headers, res.getHeader('content-length'))) this.#freshen(stale, headers)
    else {
      const lines = Object.fromEntries(stale.headers)
      this.#host.keep(this, { ...stale, freshness: outdated(stale.freshness) }, varyOf(lines))
    }
  }

  /** RFC 5861 section 4. */
  #mayStandIn(stale: StoredResponse): boolean {
    const { freshness } = stale
    if (![500, 502, 503, 504].includes(this.exchange.res.statusCode) || freshness.neverStale) return false
    const over = ageOf(stale, this.#host.now()) - freshness.lifetime
    return over < Math.max(freshness.sie, this.fields.wishes.staleIfError)
  }

  #standIn(stale: StoredResponse): void {
    const { res } = this.exchange
    const { statusCode } = res
    for (const name of Object.keys(ownHeaders(res))) res.removeHeader(name)
    this.#instead = stale
    this.#putHead(stale, `fwd=stale; fwd-status=${statusCode}; detail=stale-if-error`)
  }

  #putHead(stored: StoredResponse, said: string): void {
    const { res } = this.exchange
    if (res.headersSent) return
    res.statusCode = stored.status
    putHeaders(this.exchange, stored, this.#host.now())
    // The length is known now; a head that goes out before the body is asked for must not promise another one.
    res.setHeader('Content-Length', readyResponse(stored).length)
    this.#say(said)
  }

  #answerWith(stored: StoredResponse, canChangeHead: boolean): Uint8Array | undefined {
    if (!canChangeHead) return this.exchange.req.method === 'HEAD' ? undefined : stored.body
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
    const part = this.#part
    // Half a response is none (RFC 9111 section 3.3).
    if (promised !== undefined && Number(promised) !== this.#length) return undefined
    if (part !== undefined && part.end - part.start + 1 !== this.#length) return undefined
    const withheld = withheldFields(parseDirectives(this.#headers['cache-control']))
    const at = this.#host.now()
    const stored: StoredResponse = {
      kind: 'response',
      status: res.statusCode,
      headers: linesToStore(this.#headers, part === undefined ? withheld : [...withheld, 'content-range'], at),
      body: storedBody(this.#chunks),
      ...(part === undefined ? undefined : { part }),
      at,
      freshness: this.#freshness,
    }
    this.#chunks = []
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
