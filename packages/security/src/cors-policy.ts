import {
  ConfigError,
  booleanOption,
  compileHead,
  durationOption,
  middleware,
  rejectUnknownOptions,
  type Duration,
  type Exchange,
  type StaticHead,
  type Step,
  type StepMiddleware,
} from '@hardening/core'
import { corsHeaders, type CorsHeaders } from './cors/cors-headers.js'
import { originMatcher, type OriginPattern } from './cors/origin-matcher.js'
import { CorsError } from './errors.js'
import { refuse } from './threat.js'

/** For how many origins the headers are kept ready: a pattern may allow any number of them. */
const mostKnown = 100

/** Decides whether an origin may call; never asked about `null`. */
export type OriginDecision = (origin: string, exchange: Exchange) => boolean | Promise<boolean>

/** Options of {@link corsPolicy}. */
export interface CorsPolicyOptions {
  /**
   * Origins that may call: exactly (`https://app.example.com`), by subdomain (`https://*.example.com`), with any port
   * (`http://localhost:*`), by a regular expression anchored with `^` and `$`, `'*'` for all, or a function. With none,
   * no header is sent and `OPTIONS` is left to the application.
   *
   * @defaultValue `[]`
   */
  origins?: '*' | readonly OriginPattern[] | OriginDecision
  /** Whether browsers send cookies and HTTP authentication along. Not together with `'*'`. @defaultValue `false` */
  credentials?: boolean
  /** Methods that a preflight allows. @defaultValue GET, HEAD, PUT, PATCH, POST, DELETE */
  methods?: readonly string[]
  /** Request headers that a preflight allows. @defaultValue what the toolkit reads: see the README */
  allowedHeaders?: readonly string[]
  /** Response headers that scripts may read. @defaultValue what the toolkit sends: see the README */
  exposedHeaders?: readonly string[]
  /** How long browsers keep the answer to a preflight; Chromium keeps it no longer than the default. @defaultValue `'2h'` */
  maxAge?: Duration
}

/** Request headers that a preflight allows by default. */
export const corsAllowedHeaders: readonly string[] = [
  'Accept',
  'Authorization',
  'Content-Digest',
  'Content-Type',
  'Idempotency-Key',
  'If-Match',
  'If-Modified-Since',
  'If-None-Match',
  'If-Unmodified-Since',
  'Range',
  'Signature',
  'Signature-Input',
  'traceparent',
  'tracestate',
  'X-API-Key',
  'X-Correlation-Id',
  'X-Request-Id',
  'X-Requested-With',
]

/** Response headers that scripts may read by default. */
export const corsExposedHeaders: readonly string[] = [
  'Age',
  'Cache-Status',
  'Content-Disposition',
  'ETag',
  'Link',
  'Location',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'Server-Timing',
  'X-Process-Time',
  'X-Request-Id',
  'X-Total-Count',
]

/**
 * Lets scripts of other origins call, as far as `origins` says. Answers preflights; `OPTIONS` without
 * `Access-Control-Request-Method` stays the application's.
 *
 * @example
 * app.use(corsPolicy({ origins: ['https://app.example.com', 'https://*.preview.example.com'], credentials: true }))
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export function corsPolicy(options: CorsPolicyOptions = {}): StepMiddleware {
  return middleware(corsStep(options))
}

/** What {@link corsPolicy} does, and what a server needs that answers before the pass. */
interface CorsStep extends Step {
  /** Headers of an answer to a request of `origin`; absent where that is not known by the origin alone. */
  headersFor?(origin: string | undefined): readonly (readonly [name: string, value: string])[]
}

function corsStep(options: CorsPolicyOptions): CorsStep {
  const factory = 'corsPolicy'
  rejectUnknownOptions(factory, options, [
    'origins',
    'credentials',
    'methods',
    'allowedHeaders',
    'exposedHeaders',
    'maxAge',
  ])
  const {
    origins = [],
    credentials = false,
    methods = ['GET', 'HEAD', 'PUT', 'PATCH', 'POST', 'DELETE'],
    allowedHeaders = corsAllowedHeaders,
    exposedHeaders = corsExposedHeaders,
    maxAge = '2h',
  } = options
  booleanOption(factory, 'credentials', credentials)
  const headers = corsHeaders({
    credentials,
    methods: tokens(factory, 'methods', methods, credentials),
    allowedHeaders: tokens(factory, 'allowedHeaders', allowedHeaders, credentials),
    exposedHeaders: tokens(factory, 'exposedHeaders', exposedHeaders, credentials),
    maxAge: Math.floor(durationOption(factory, 'maxAge', maxAge) / 1000),
  })
  if (isEverybody(origins)) return openStep(factory, credentials, headers)
  if (typeof origins === 'function') return dynamicStep(factory, origins, headers)
  if (!Array.isArray(origins)) {
    const expected = "'*', a list of origins or a function; to answer every origin with itself is no policy"
    throw new ConfigError(factory, 'origins', expected, origins)
  }
  if (origins.length === 0) return { name: factory }
  const allows = originMatcher(factory, 'origins', origins as readonly OriginPattern[])
  const varying = ['Vary', 'Origin'] as const
  const forOrigin: NonNullable<CorsStep['headersFor']> = (origin) =>
    origin === undefined || !allows(origin)
      ? [varying]
      : [varying, ['Access-Control-Allow-Origin', origin], ...headers.actual]
  const known = new Map<string, StaticHead>()
  return {
    name: factory,
    headersFor: forOrigin,
    request(exchange) {
      exchange.vary('Origin')
      const { origin } = exchange.headers
      if (origin === undefined) {
        if (isPreflight(exchange)) deny(exchange)
        return
      }
      const ready = exchange.method === 'OPTIONS' ? undefined : known.get(origin)
      if (ready !== undefined) return exchange.setHeaders(ready)
      const allowed = allows(origin)
      decided(exchange, origin, allowed, headers)
      if (allowed && known.size < mostKnown)
        known.set(origin, compileHead(factory, [['Access-Control-Allow-Origin', origin], ...headers.actual]))
    },
  }
}

function isEverybody(origins: unknown): boolean {
  return origins === '*' || (Array.isArray(origins) && origins.includes('*'))
}

function openStep(factory: string, credentials: boolean, headers: CorsHeaders): Step {
  if (credentials) {
    const expected = "a list of origins beside `credentials`: browsers refuse '*' there"
    throw new ConfigError(factory, 'origins', expected, '*')
  }
  const preflight = { 'Access-Control-Allow-Origin': '*', ...headers.preflight }
  return {
    name: factory,
    headers: [['Access-Control-Allow-Origin', '*'], ...headers.actual],
    request(exchange) {
      if (isPreflight(exchange)) exchange.answer(204, preflight)
    },
  }
}

function dynamicStep(factory: string, decide: OriginDecision, headers: CorsHeaders): Step {
  return {
    name: factory,
    request(exchange) {
      exchange.vary('Origin')
      const { origin } = exchange.headers
      if (origin === undefined) return isPreflight(exchange) ? deny(exchange) : undefined
      const answer: unknown = origin !== 'null' && decide(origin, exchange)
      if (!isThenable(answer)) return decided(exchange, origin, answer, headers)
      return Promise.resolve(answer).then((allowed) => decided(exchange, origin, allowed, headers))
    },
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as Partial<PromiseLike<unknown>>).then === 'function'
  )
}

function decided(exchange: Exchange, origin: string, allowed: unknown, headers: CorsHeaders): void {
  const preflight = isPreflight(exchange)
  if (allowed !== true) {
    if (preflight) deny(exchange)
    return
  }
  // It was the value of a header itself.
  exchange.setHeader('Access-Control-Allow-Origin', origin, true)
  if (preflight) return exchange.answer(204, headers.preflight)
  for (const [name, value] of headers.actual) exchange.setHeader(name, value, true)
}

function isPreflight({ method, headers }: Exchange): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined
}

function deny(exchange: Exchange): void {
  refuse(exchange, new CorsError(), { kind: 'cors', rule: 'unknown-origin', field: 'header.origin', score: 2 })
}

function tokens(factory: string, option: string, values: unknown, credentials: boolean): readonly string[] {
  if (!Array.isArray(values)) throw new ConfigError(factory, option, 'a list of names', values)
  for (const [at, value] of values.entries()) {
    if (typeof value !== 'string' || !/^[\w!#$%&'*+.^`|~-]+$/.test(value)) {
      throw new ConfigError(factory, `${option}[${at}]`, 'a name without spaces', value)
    }
    if (value === '*' && credentials) {
      throw new ConfigError(factory, `${option}[${at}]`, "a name: beside `credentials` '*' is read literally", value)
    }
  }
  return values as readonly string[]
}
