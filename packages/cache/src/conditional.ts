import * as crypto from 'node:crypto'
import {
  booleanOption,
  middleware,
  rejectUnknownOptions,
  type BodyFilter,
  type BodySink,
  type Exchange,
  type StepMiddleware,
} from '@hardening/core'
import { isNotModified } from './http/preconditions.js'

/** Options of {@link conditional}. */
export interface ConditionalOptions {
  /** Whether tags are weak: equal meaning, not equal bytes. @defaultValue `false` */
  weak?: boolean
}

/**
 * Gives responses that come in one piece an entity tag, where the route sets none, and answers 304 where the client has
 * them already. Mount it behind `compress`, so that a tag is that of the content and not of its coding.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-13
 *
 * @example
 * app.use(compress(), conditional())
 */
export function conditional(options: ConditionalOptions = {}): StepMiddleware {
  rejectUnknownOptions('conditional', options, ['weak'])
  const { weak = false } = options
  booleanOption('conditional', 'weak', weak)
  const prefix = weak ? 'W/' : ''
  const filter: BodyFilter = { wrap: (inner, exchange) => new ConditionalSink(exchange, inner, prefix) }
  return middleware({
    name: 'conditional',
    request(exchange) {
      if (exchange.method === 'GET') exchange.filterBody(filter)
    },
  })
}

class ConditionalSink implements BodySink {
  readonly #exchange: Exchange
  readonly #inner: BodySink
  readonly #prefix: string

  constructor(exchange: Exchange, inner: BodySink, prefix: string) {
    this.#exchange = exchange
    this.#inner = inner
    this.#prefix = prefix
  }

  write(chunk: unknown, encoding?: unknown, callback?: unknown): boolean {
    return this.#inner.write(chunk, encoding, callback)
  }

  end(chunk?: unknown, encoding?: unknown, callback?: unknown): void {
    const { req, res } = this.#exchange
    if (!res.headersSent && res.statusCode === 200 && (typeof chunk === 'string' || chunk instanceof Uint8Array)) {
      const tag = this.#tag(chunk, encoding)
      const lastModified = res.getHeader('last-modified') as string | undefined
      const isReload = /\bno-cache\b/i.test(String(req.headers['cache-control'] ?? ''))
      if (!isReload && isNotModified(req.headers, { etag: tag, lastModified })) {
        res.statusCode = 304
        for (const name of ['Content-Type', 'Content-Length', 'Content-Encoding', 'Content-Language'])
          res.removeHeader(name)
        this.#inner.end(undefined, undefined, typeof encoding === 'function' ? encoding : callback)
        return
      }
    }
    this.#inner.end(chunk, encoding, callback)
  }

  #tag(chunk: string | Uint8Array, encoding: unknown): string {
    const { res } = this.#exchange
    const given = res.getHeader('etag')
    if (given !== undefined) return String(given)
    const bytes =
      typeof chunk === 'string' && typeof encoding === 'string' ? Buffer.from(chunk, encoding as 'utf8') : chunk
    const tag = `${this.#prefix}"${entityTag(bytes)}"`
    res.setHeader('ETag', tag)
    return tag
  }
}

/** A digest of the content, short enough for a header and long enough that no two are the same. */
function entityTag(body: string | Uint8Array): string {
  const digest =
    typeof crypto.hash === 'function'
      ? crypto.hash('sha256', body, 'base64url')
      : crypto.createHash('sha256').update(body).digest('base64url')
  return digest.slice(0, 27)
}
