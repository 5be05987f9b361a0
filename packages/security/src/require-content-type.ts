import {
  ConfigError,
  middleware,
  rejectUnknownOptions,
  type RequestLike,
  type Step,
  type StepMiddleware,
} from '@hardening/core'
import { accepts, holds, parseMediaType, type MediaType } from './content/media-type.js'
import { ContentTypeError, NotAcceptableError } from './errors.js'
import { pathPredicate } from './exempt-paths.js'
import { countHeader } from './host/requested-host.js'
import { refuse } from './threat.js'

/** Options of {@link requireContentType}. */
export interface RequireContentTypeOptions {
  /**
   * Types that a body may have: exactly, or `application/*`, `application/*+json`.
   *
   * @defaultValue `['application/json', 'application/*+json']`
   */
  accept?: readonly string[]
  /** Types that the answers come in, of which a client that sends `Accept` must take one. @defaultValue not looked at */
  produce?: readonly string[]
  /** Paths, with all below them, that take and give anything. @defaultValue `[]` */
  exempt?: readonly string[]
}

/**
 * Refuses bodies of other types with 415, before anything parses them, and clients that take none of the types that
 * there are with 406. A request without a body passes.
 *
 * @example
 * app.use('/api', requireContentType({ produce: ['application/json'] }))
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-15.5.16
 */
export function requireContentType(options: RequireContentTypeOptions = {}): StepMiddleware {
  return middleware(contentTypeStep(options))
}

function contentTypeStep(options: RequireContentTypeOptions): Step {
  const factory = 'requireContentType'
  rejectUnknownOptions(factory, options, ['accept', 'produce', 'exempt'])
  const { accept = ['application/json', 'application/*+json'], produce, exempt = [] } = options
  const taken = mediaTypes(factory, 'accept', accept)
  const given = produce === undefined ? undefined : mediaTypes(factory, 'produce', produce)
  const isExempt = pathPredicate(factory, 'exempt', exempt)
  return {
    name: factory,
    request(exchange) {
      const { req } = exchange
      if (exempt.length > 0 && isExempt(exchange.path)) return
      if (hasBody(req) && !isTaken(req, taken)) {
        const refusal = { kind: 'content-type', rule: 'not-taken', field: 'header.content-type', score: 2 }
        refuse(exchange, new ContentTypeError(accept), refusal)
      } else if (given !== undefined && req.headers.accept !== undefined && !accepts(req.headers.accept, given)) {
        exchange.refuse(new NotAcceptableError(produce as readonly string[]))
      }
    },
  }
}

/** Whether a request carries a body (RFC 9112 section 6). */
function hasBody({ headers }: RequestLike): boolean {
  if (headers['transfer-encoding'] !== undefined) return true
  const length = headers['content-length']
  return length !== undefined && length !== '0'
}

function isTaken(req: RequestLike, taken: readonly MediaType[]): boolean {
  const media = parseMediaType(req.headers['content-type'] ?? '')
  // Of several, Node keeps the first and a proxy before it perhaps the last.
  return media !== undefined && countHeader(req, 'content-type') === 1 && taken.some((range) => holds(range, media))
}

function mediaTypes(factory: string, option: string, values: unknown): readonly MediaType[] {
  if (!Array.isArray(values) || values.length === 0) {
    throw new ConfigError(factory, option, 'a list with at least one media type', values)
  }
  return values.map((value, at) => {
    const media = typeof value === 'string' && !value.includes(';') ? parseMediaType(value) : undefined
    if (media !== undefined) return media
    throw new ConfigError(factory, `${option}[${at}]`, "a media type such as 'application/json'", value)
  })
}
