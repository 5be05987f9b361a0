import {
  booleanOption,
  ConfigError,
  functionOption,
  middleware,
  rejectUnknownOptions,
  sizeOption,
  type BodyFilter,
  type Exchange,
  type NoteKey,
  type Size,
  type StepMiddleware,
} from '@hardening/core'
import { chooseEncoding, hasZstd, type Encoding } from './http/accept-encoding.js'
import { CompressSink, type CompressRules } from './http/compress-sink.js'
import { KeptBodies } from './http/kept-bodies.js'

/** Options of {@link compress}. */
export interface CompressOptions {
  /** A shorter body goes out as it is. @defaultValue 1 KB */
  threshold?: Size
  /** Codings, the first one preferred. @defaultValue `['br', 'zstd', 'gzip']`, without zstd before Node 22.15 */
  encodings?: readonly Encoding[]
  /**
   * Most bytes of bodies, compressed and as they were, that are kept for the next response of the same content; 0 for
   * none. A body is kept when it comes a second time.
   *
   * @defaultValue 16 MB
   */
  keep?: Size
  /**
   * Whether a response is left alone where its size could give a secret away: one that sets a cookie, and one to a
   * request from another site that carries cookies or credentials (BREACH).
   *
   * @defaultValue `true`
   */
  protectSecrets?: boolean
  /** Whether a response may be compressed, beside all other rules. @defaultValue every one */
  filter?: (exchange: Exchange) => boolean
}

const sinkNote: NoteKey<CompressSink> = { name: 'compress' }

/** Types that are worth it. What is compressed already (images, video, archives, woff2) is not. */
const compressibleType =
  /^(?:text\/[^;]+|application\/(?:json|javascript|ecmascript|x-javascript|xml|xhtml\+xml|rtf|wasm|graphql|ld\+json|manifest\+json|x-ndjson|jsonl|vnd\.ms-fontobject)|[^;/]+\/[^;]*\+(?:json|xml|text|yaml)|font\/(?:ttf|otf|collection)|image\/(?:svg\+xml|bmp|x-icon|vnd\.microsoft\.icon)|model\/gltf-binary)\s*(?:;|$)/i

/**
 * Compresses responses: what is small enough at once, what is streamed as a stream, and the same content only once.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-8.4
 * @see https://www.breachattack.com
 *
 * @example
 * app.use(compress())
 */
export function compress(options: CompressOptions = {}): StepMiddleware {
  const factory = 'compress'
  rejectUnknownOptions(factory, options, ['threshold', 'encodings', 'keep', 'protectSecrets', 'filter'])
  const {
    threshold = '1kb',
    encodings = ['br', 'zstd', 'gzip'],
    keep = '16mb',
    protectSecrets = true,
    filter,
  } = options
  const thresholdBytes = sizeOption(factory, 'threshold', threshold)
  const keptBytes = sizeOption(factory, 'keep', keep)
  booleanOption(factory, 'protectSecrets', protectSecrets)
  if (filter !== undefined) functionOption(factory, 'filter', filter as (...args: never[]) => unknown)
  const isKnown = (name: unknown): boolean => ['br', 'zstd', 'gzip'].includes(name as string)
  if (!Array.isArray(encodings) || encodings.length === 0 || !encodings.every(isKnown)) {
    throw new ConfigError(factory, 'encodings', "a list of 'br', 'zstd' and 'gzip'", encodings)
  }
  const ours = encodings.filter((encoding) => encoding !== 'zstd' || hasZstd)

  const isWorthIt = (exchange: Exchange): boolean => {
    const { res } = exchange
    return (
      isCompressibleType(res.getHeader('content-type')) &&
      !res.hasHeader('content-encoding') &&
      !res.hasHeader('content-range') &&
      // A digest is one of the coded bytes (RFC 9530).
      !res.hasHeader('content-digest') &&
      !/\bno-transform\b/i.test(String(res.getHeader('cache-control') ?? '')) &&
      (filter === undefined || filter(exchange))
    )
  }
  const rules: CompressRules = {
    thresholdBytes,
    kept: keptBytes === 0 ? undefined : new KeptBodies(keptBytes),
    isCompressible: (exchange) =>
      isCompressibleStatus(exchange.res.statusCode) &&
      !(protectSecrets && mayGiveSecretsAway(exchange)) &&
      isWorthIt(exchange),
  }

  const compressing: BodyFilter = {
    atLeast: thresholdBytes,
    wrap(inner, exchange) {
      const encoding = chooseEncoding(exchange.headers['accept-encoding'], ours)
      if (encoding === undefined || exchange.note(sinkNote) !== undefined) return inner
      const sink = new CompressSink(exchange, inner, encoding, rules)
      exchange.setNote(sinkNote, sink)
      return sink
    },
  }

  return middleware({
    name: factory,
    request(exchange) {
      const { method, headers } = exchange
      if (method !== 'HEAD' && headers['accept-encoding'] !== undefined) exchange.filterBody(compressing)
    },
    head(exchange) {
      const { res } = exchange
      exchange.note(sinkNote)?.decide()
      if (
        res.statusCode === 304 ||
        isCompressibleType(res.getHeader('content-type')) ||
        res.hasHeader('content-encoding')
      )
        exchange.vary('Accept-Encoding')
      if (res.statusCode === 304) matchTag(exchange, ours)
      else if (exchange.method === 'HEAD' && rules.isCompressible(exchange)) headLikeGet(exchange, ours, thresholdBytes)
    },
    end(exchange) {
      if (exchange.aborted) exchange.note(sinkNote)?.destroy()
    },
  })
}

const knownTypes = new Map<string, boolean>()

/** Whether a type is one of {@link compressibleType}; an application has a few, which are remembered. */
function isCompressibleType(type: unknown): boolean {
  if (typeof type !== 'string') return false
  let known = knownTypes.get(type)
  if (known === undefined) {
    known = compressibleType.test(type)
    if (knownTypes.size < 100 && type.length < 100) knownTypes.set(type, known)
  }
  return known
}

function isCompressibleStatus(status: number): boolean {
  return status >= 200 && status !== 204 && status !== 205 && status !== 206 && status !== 304
}

/** A 304 carries the tag of the response that it stands for (RFC 9110 section 15.4.5): the weak one, if we made it so. */
function matchTag({ req, res }: Exchange, ours: readonly Encoding[]): void {
  if (chooseEncoding(req.headers['accept-encoding'], ours) === undefined) return
  const tag = res.getHeader('etag')
  const asked = req.headers['if-none-match']
  if (typeof tag === 'string' && tag.startsWith('"') && asked?.includes(`W/${tag}`) === true)
    res.setHeader('ETag', `W/${tag}`)
}

/** The head of a response to GET, whose length nobody knows without its body (RFC 9110 sections 8.6 and 9.3.2). */
function headLikeGet({ req, res }: Exchange, ours: readonly Encoding[], thresholdBytes: number): void {
  const encoding = chooseEncoding(req.headers['accept-encoding'], ours)
  const length = res.getHeader('content-length')
  if (encoding === undefined || length === undefined || Number(length) < thresholdBytes) return
  res.removeHeader('Content-Length')
  res.removeHeader('Accept-Ranges')
  res.setHeader('Content-Encoding', encoding)
  const tag = res.getHeader('etag')
  if (typeof tag === 'string' && tag.startsWith('"')) res.setHeader('ETag', `W/${tag}`)
}

/**
 * The length of a compressed body tells whether a guess is in it. For that an attacker makes a victim's browser send
 * requests, with the victim's credentials, from a page of the attacker's.
 */
function mayGiveSecretsAway({ req, res }: Exchange): boolean {
  if (res.hasHeader('set-cookie')) return true
  const { headers } = req
  if (headers.cookie === undefined && headers.authorization === undefined) return false
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site === 'cross-site'
  const from = headers.origin ?? headers.referer
  return from !== undefined && hostOf(from) !== headers.host
}

function hostOf(url: string): string | undefined {
  try {
    return new URL(url).host
  } catch {
    return undefined
  }
}
