import {
  ConfigError,
  booleanOption,
  middleware,
  rejectUnknownOptions,
  type Exchange,
  type RequestLike,
  type Step,
  type StepMiddleware,
} from '@hardening/core'
import { originMatcher, type OriginMatcher, type OriginPattern } from './cors/origin-matcher.js'
import { CrossSiteRequestError } from './errors.js'
import { pathPredicate } from './exempt-paths.js'
import { parseHost } from './host/host-name.js'
import { isSecure, requestedHost } from './host/transport.js'
import { refuse } from './threat.js'

/** Options of {@link csrfGuard}. */
export interface CsrfGuardOptions {
  /** Other origins whose pages may send, in the forms of `corsPolicy`. @defaultValue `[]` */
  trustedOrigins?: readonly OriginPattern[]
  /** Whether pages of other hosts of the same site may send (`app.example.com` to `api.example.com`). @defaultValue `false` */
  allowSameSite?: boolean
  /**
   * Whether other sites' pages are also kept from loading what `GET` gives: scripts, images, frames, fetches. Links and
   * redirects to it still work.
   *
   * @defaultValue `false`
   */
  isolateResources?: boolean
  /** Paths, with all below them, that are left alone. @defaultValue `[]` */
  exempt?: readonly string[]
  /** Requests that are left alone. @defaultValue none */
  skip?: (exchange: Exchange) => boolean
}

// RFC 9110 section 9.2.1, and QUERY (draft-ietf-httpbis-safe-method-w-body), which has a body yet changes nothing.
const safeMethods: ReadonlySet<string | undefined> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'QUERY'])

/**
 * Refuses requests that change something and that a page of another site made the browser send. Needs no token: the
 * browser itself says where a request comes from (`Sec-Fetch-Site`, else `Origin`). Programs that are no browsers send
 * neither and pass.
 *
 * @example
 * app.use(csrfGuard({ trustedOrigins: ['https://app.example.com'] }))
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 * @see https://www.w3.org/TR/fetch-metadata/
 */
export function csrfGuard(options: CsrfGuardOptions = {}): StepMiddleware {
  return middleware(csrfStep(options))
}

function csrfStep(options: CsrfGuardOptions): Step {
  const factory = 'csrfGuard'
  rejectUnknownOptions(factory, options, ['trustedOrigins', 'allowSameSite', 'isolateResources', 'exempt', 'skip'])
  const { trustedOrigins = [], allowSameSite = false, isolateResources = false, exempt = [], skip } = options
  if (!Array.isArray(trustedOrigins))
    throw new ConfigError(factory, 'trustedOrigins', 'a list of origins', trustedOrigins)
  booleanOption(factory, 'allowSameSite', allowSameSite)
  booleanOption(factory, 'isolateResources', isolateResources)
  if (skip !== undefined && typeof skip !== 'function') throw new ConfigError(factory, 'skip', 'a function', skip)
  const isTrusted = originMatcher(factory, 'trustedOrigins', trustedOrigins)
  const isExempt = pathPredicate(factory, 'exempt', exempt)
  const passes = (exchange: Exchange): boolean => isExempt(exchange.path) || skip?.(exchange) === true
  return {
    name: factory,
    request(exchange) {
      const isSafe = safeMethods.has(exchange.method)
      if (isSafe && !isolateResources) return
      const rule = isSafe
        ? isolationRule(exchange, isTrusted, allowSameSite)
        : csrfRule(exchange.req, isTrusted, allowSameSite)
      if (rule === undefined || passes(exchange)) return
      const field = rule.startsWith('origin') ? 'header.origin' : 'header.sec-fetch-site'
      refuse(exchange, new CrossSiteRequestError(), { kind: 'csrf', rule, field, score: 4 })
    },
  }
}

/** The rule that a request which changes something breaks. */
function csrfRule(req: RequestLike, isTrusted: OriginMatcher, allowSameSite: boolean): string | undefined {
  const { origin } = req.headers
  if (origin !== undefined && isTrusted(origin)) return undefined
  const site = req.headers['sec-fetch-site']
  if (site !== undefined) return isOwnSite(site, allowSameSite) ? undefined : 'fetch-site'
  if (origin === undefined) return undefined
  return isOwnOrigin(req, origin) ? undefined : 'origin'
}

/** Whether an origin is the host that the request was sent to. */
function isOwnOrigin(req: RequestLike, origin: string): boolean {
  const scheme = origin.startsWith('https://') ? 'https' : origin.startsWith('http://') ? 'http' : undefined
  if (scheme === undefined || (scheme === 'http' && isSecure(req))) return false
  const implied = scheme === 'https' ? '443' : '80'
  const from = parseHost(origin.slice(scheme.length + 3))
  const to = parseHost(requestedHost(req) ?? '')
  if (from === undefined || to === undefined) return false
  return from.name === to.name && (from.port || implied) === (to.port || implied)
}

/** The rule that a request which only reads breaks, where resources are isolated (OWASP ASVS 5.0 3.5.8). */
function isolationRule(exchange: Exchange, isTrusted: OriginMatcher, allowSameSite: boolean): string | undefined {
  const { req } = exchange
  if (req.method === 'OPTIONS') return undefined
  exchange.vary('Sec-Fetch-Site')
  const site = req.headers['sec-fetch-site']
  if (site === undefined || isOwnSite(site, allowSameSite)) return undefined
  const { origin } = req.headers
  if (origin !== undefined && isTrusted(origin)) return undefined
  exchange.vary('Sec-Fetch-Mode')
  exchange.vary('Sec-Fetch-Dest')
  const opensPage = req.headers['sec-fetch-mode'] === 'navigate' && req.headers['sec-fetch-dest'] === 'document'
  return opensPage && (req.method === 'GET' || req.method === 'HEAD') ? undefined : 'foreign-resource'
}

function isOwnSite(site: unknown, allowSameSite: boolean): boolean {
  return site === 'same-origin' || site === 'none' || (allowSameSite && site === 'same-site')
}
