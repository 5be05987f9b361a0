import {
  ConfigError,
  choiceOption,
  integerOption,
  middleware,
  parseSize,
  rejectUnknownOptions,
  sizeOption,
  type Exchange,
  type Size,
  type Step,
  type StepMiddleware,
} from '@hardening/core'
import { BodySizeError, HeaderLimitError, QueryLimitError, UrlLengthError } from './errors.js'
import { countBody } from './limits/body-counter.js'
import { keepOne } from './limits/keep-one.js'
import { scanQuery, type QueryScan } from './limits/query-scan.js'
import { refuse, report, type Refusal } from './threat.js'

/** Options of {@link requestLimits}. */
export interface RequestLimitsOptions {
  /** Largest body, except multipart ones; or a function that says so for each request. @defaultValue `'1mb'` */
  body?: Size | ((exchange: Exchange) => Size)
  /** Largest `multipart/*` body. @defaultValue `'50mb'` */
  multipart?: Size
  /** Longest URL, in characters. @defaultValue `8192` */
  urlLength?: number
  /** Longest query, in characters. @defaultValue `4096` */
  queryLength?: number
  /** Most parameters in a query. @defaultValue `100` */
  queryParameters?: number
  /** Most brackets in the name of a parameter: `a[b][c]` has two. @defaultValue `5` */
  queryDepth?: number
  /**
   * What becomes of a parameter that stands more than once, without `[]` in its name, or beside one that a parser puts
   * into it (`a` and `a[]`): `allow` leaves it, `refuse` answers 400, `first` and `last` keep one of them in `req.query`.
   *
   * @defaultValue `'allow'`
   */
  repeated?: 'allow' | 'refuse' | 'first' | 'last'
  /** Parameters that may stand more than once whatever `repeated` says. @defaultValue `[]` */
  repeatable?: readonly string[]
  /** Most header lines. @defaultValue `100` */
  headerCount?: number
  /** Largest sum of all names and values of headers. @defaultValue `'16kb'` */
  headerSize?: Size
}

/**
 * Refuses what is too large or aims at a prototype before anything is parsed: body by its length (a chunked one as it
 * comes in), URL, query and headers. What only shows in a parsed body is for {@link bodyLimits}.
 *
 * @example
 * app.use(requestLimits({ body: '256kb', repeated: 'refuse', repeatable: ['tag'] }))
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 */
export function requestLimits(options: RequestLimitsOptions = {}): StepMiddleware {
  return middleware(requestLimitsStep(options))
}

const factory = 'requestLimits'

function requestLimitsStep(options: RequestLimitsOptions): Step {
  rejectUnknownOptions(factory, options, [
    'body',
    'multipart',
    'urlLength',
    'queryLength',
    'queryParameters',
    'queryDepth',
    'repeated',
    'repeatable',
    'headerCount',
    'headerSize',
  ])
  const { urlLength = 8192, queryLength = 4096, queryParameters = 100, queryDepth = 5, headerCount = 100 } = options
  const { repeated = 'allow', repeatable = [] } = options
  for (const [option, value] of Object.entries({ urlLength, queryLength, queryParameters, headerCount })) {
    integerOption(factory, option, value, { min: 1 })
  }
  integerOption(factory, 'queryDepth', queryDepth)
  choiceOption(factory, 'repeated', repeated, ['allow', 'refuse', 'first', 'last'])
  if (!Array.isArray(repeatable)) throw new ConfigError(factory, 'repeatable', 'a list of names', repeatable)
  const headerBytes = sizeOption(factory, 'headerSize', options.headerSize ?? '16kb', 1)
  const bodyLimit = bodyLimitOf(options)
  const limits = { parameters: queryParameters, depth: queryDepth }
  const mayRepeat: ReadonlySet<string> = new Set(repeatable)

  const request = (exchange: Exchange): void => {
    const { url } = exchange
    const { rawHeaders } = exchange.req
    if (url.length > urlLength) {
      return tooMuch(exchange, new UrlLengthError(urlLength), 'url-length', 'url')
    }
    if (rawHeaders.length > headerCount * 2) {
      return tooMuch(
        exchange,
        new HeaderLimitError(`There are more than ${headerCount} headers`),
        'header-count',
        'header',
      )
    }
    if (headerSizeOf(rawHeaders) > headerBytes) {
      const error = new HeaderLimitError(`The headers are larger than ${headerBytes} bytes`)
      return tooMuch(exchange, error, 'header-size', 'header')
    }
    const start = url.indexOf('?')
    if (start !== -1) {
      if (url.length - start - 1 > queryLength) {
        const error = new QueryLimitError(`The query is longer than ${queryLength} characters`)
        return tooMuch(exchange, error, 'query-length', 'query')
      }
      checkQuery(exchange, scanQuery(url.slice(start + 1), limits))
      if (exchange.settled) return
    }
    checkBody(exchange, bodyLimit)
  }

  const checkQuery = (exchange: Exchange, scan: QueryScan): void => {
    if (scan.rule !== undefined)
      return tooMuch(exchange, new QueryLimitError(queryDetails[scan.rule]), scan.rule, 'query')
    if (repeated === 'allow' || scan.repeated.length === 0) return
    const names = scan.repeated.filter((name) => !mayRepeat.has(name))
    if (names.length === 0) return
    if (repeated !== 'refuse') return keepOne(exchange.req, names, repeated)
    const error = new QueryLimitError('A parameter stands more than once in the query')
    tooMuch(exchange, error, 'repeated-parameter', 'query')
  }

  return { name: factory, request }
}

const queryDetails: Readonly<Record<NonNullable<QueryScan['rule']>, string>> = {
  'parameter-count': 'There are too many parameters in the query',
  'parameter-depth': 'A parameter of the query is nested too deeply',
  'prototype-key': 'A parameter of the query has a name that is not allowed',
}

type BodyLimit = (exchange: Exchange) => number

function bodyLimitOf({ body = '1mb', multipart = '50mb' }: RequestLimitsOptions): BodyLimit {
  const multipartBytes = sizeOption(factory, 'multipart', multipart)
  const fixed = typeof body === 'function' ? undefined : sizeOption(factory, 'body', body)
  return (exchange) => {
    if (exchange.headers['content-type']?.toLowerCase().startsWith('multipart/')) return multipartBytes
    if (fixed !== undefined) return fixed
    const bytes = parseSize((body as (exchange: Exchange) => Size)(exchange))
    if (bytes === undefined) throw new ConfigError(factory, 'body', 'a function that gives a size', undefined)
    return bytes
  }
}

function checkBody(exchange: Exchange, limitOf: BodyLimit): void {
  const { headers } = exchange
  if (headers['transfer-encoding'] !== undefined) {
    const limit = limitOf(exchange)
    countBody(exchange, limit, () => report(exchange, refusal('body-size', 'body')))
    return
  }
  const length = headers['content-length']
  if (length === undefined || length === '0') return
  const limit = limitOf(exchange)
  if (Number(length) > limit) tooMuch(exchange, new BodySizeError(limit), 'body-size', 'body')
}

function headerSizeOf(rawHeaders: readonly string[]): number {
  // Each line has a colon, a space and an end beside its name and value.
  let size = rawHeaders.length * 2
  for (const text of rawHeaders) size += text.length
  return size
}

function tooMuch(exchange: Exchange, error: unknown, rule: string, field: string): void {
  refuse(exchange, error, refusal(rule, field))
}

function refusal(rule: string, field: string): Refusal {
  return { kind: 'limits', rule, field, score: 3 }
}
