import {
  booleanOption,
  ConfigError,
  durationOption,
  middleware,
  rejectUnknownOptions,
  type Duration,
  type Exchange,
  type StepMiddleware,
} from '@hardening/core'

/** Options of {@link cacheControl}. Durations become whole seconds. */
export interface CacheControlOptions {
  /** Whether shared caches may keep it (`public`), only the client's own (`private`), or nobody (`no-store`). @defaultValue `'private'` */
  scope?: 'public' | 'private' | 'no-store'
  /** How long it is fresh. @defaultValue left out */
  maxAge?: Duration
  /** How long it is fresh in shared caches. @defaultValue left out */
  sharedMaxAge?: Duration
  /** How long after that an old one may be served while a new one is fetched (RFC 5861). @defaultValue left out */
  staleWhileRevalidate?: Duration
  /** How long after that an old one may be served where the server fails (RFC 5861). @defaultValue left out */
  staleIfError?: Duration
  /** Whether it must be validated before each use. @defaultValue `false` */
  noCache?: boolean
  /** Whether it must never be used stale. @defaultValue `false` */
  mustRevalidate?: boolean
  /** Whether nobody on the way may change it; also keeps `compress` off. @defaultValue `false` */
  noTransform?: boolean
  /** Whether it never changes while it is fresh (RFC 8246). @defaultValue `false` */
  immutable?: boolean
}

/**
 * Gives responses a `Cache-Control`, where the route sets none. Errors get `no-store`, and what sets a cookie is never
 * `public`.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 * @see https://www.rfc-editor.org/rfc/rfc9111#section-5.2.2
 *
 * @example
 * app.use('/assets', cacheControl({ scope: 'public', maxAge: '365d', immutable: true }))
 */
export function cacheControl(options: CacheControlOptions = {}): StepMiddleware {
  const value = cacheControlValue(options)
  const cookieValue = value.replace(/^public\b/, 'private').replace(/, s-maxage=\d+/, '')
  return middleware({
    name: 'cacheControl',
    headers: [['Cache-Control', value]],
    head(exchange: Exchange) {
      const { res } = exchange
      if (res.getHeader('cache-control') !== value) return
      if (res.statusCode >= 400) exchange.setHeader('Cache-Control', 'no-store')
      else if (cookieValue !== value && res.hasHeader('set-cookie')) exchange.setHeader('Cache-Control', cookieValue)
    },
  })
}

function cacheControlValue(options: CacheControlOptions): string {
  const factory = 'cacheControl'
  const names = ['scope', 'maxAge', 'sharedMaxAge', 'staleWhileRevalidate', 'staleIfError']
  const flags = ['noCache', 'mustRevalidate', 'noTransform', 'immutable'] as const
  rejectUnknownOptions(factory, options, [...names, ...flags])
  const { scope = 'private' } = options
  if (!['public', 'private', 'no-store'].includes(scope)) {
    throw new ConfigError(factory, 'scope', "'public', 'private' or 'no-store'", scope)
  }
  const parts: string[] = [scope]
  const times = [
    ['maxAge', 'max-age'],
    ['sharedMaxAge', 's-maxage'],
    ['staleWhileRevalidate', 'stale-while-revalidate'],
    ['staleIfError', 'stale-if-error'],
  ] as const
  for (const [option, directive] of times) {
    if (options[option] === undefined) continue
    const ms = durationOption(factory, option, options[option], { max: 2_147_483_647_000 })
    parts.push(`${directive}=${Math.floor(ms / 1000)}`)
  }
  for (const flag of flags) {
    if (options[flag] === undefined || !booleanOption(factory, flag, options[flag])) continue
    parts.push(flag.replace(/[A-Z]/, (letter) => `-${letter.toLowerCase()}`))
  }
  if (scope === 'no-store' && parts.length > 1 && !(parts.length === 2 && options.noTransform === true)) {
    throw new ConfigError(factory, 'scope', "'public' or 'private' where a time or flag is given", scope)
  }
  if (scope === 'private' && options.sharedMaxAge !== undefined) {
    throw new ConfigError(factory, 'sharedMaxAge', "left out where `scope` is 'private'", options.sharedMaxAge)
  }
  return parts.join(', ')
}
