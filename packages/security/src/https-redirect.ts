import {
  ConfigError,
  integerOption,
  middleware,
  rejectUnknownOptions,
  type Exchange,
  type Step,
  type StepMiddleware,
} from '@hardening/core'
import { HttpsRequiredError } from './errors.js'
import { pathPredicate, probePaths } from './exempt-paths.js'
import { hostMatcher, type HostMatcher } from './host/host-matcher.js'
import { parseHost } from './host/host-name.js'
import { isSecure, requestedHost } from './host/transport.js'
import { refuse } from './threat.js'

/** Options of {@link httpsRedirect}. */
export interface HttpsRedirectOptions {
  /**
   * Hosts to which is redirected, in the forms of `trustedHosts`. Others are refused with 400. Left out, the host of the
   * request is taken: do so only behind `trustedHosts`.
   *
   * @defaultValue any host
   */
  hosts?: readonly string[]
  /** Status of the redirect; 308 and 307 keep method and body. @defaultValue `308` */
  status?: 301 | 302 | 307 | 308
  /** Port of HTTPS. @defaultValue `443` */
  port?: number
  /** Paths, with all below them, that answer over plain HTTP. @defaultValue `['/health', '/.well-known/acme-challenge']` */
  exempt?: readonly string[]
}

/**
 * Redirects plain HTTP to HTTPS. Behind a proxy it needs Express's `trust proxy`, without which `X-Forwarded-Proto` is
 * not believed.
 *
 * @example
 * app.set('trust proxy', 1)
 * app.use(httpsRedirect({ hosts: ['example.com', '.example.com'] }))
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-15.4.9
 */
export function httpsRedirect(options: HttpsRedirectOptions = {}): StepMiddleware {
  return middleware(httpsRedirectStep(options))
}

function httpsRedirectStep(options: HttpsRedirectOptions): Step {
  const factory = 'httpsRedirect'
  rejectUnknownOptions(factory, options, ['hosts', 'status', 'port', 'exempt'])
  const { hosts, status = 308, port = 443, exempt = [...probePaths, '/.well-known/acme-challenge'] } = options
  if (hosts !== undefined && (!Array.isArray(hosts) || hosts.length === 0)) {
    throw new ConfigError(factory, 'hosts', 'left out, or a list with at least one host', hosts)
  }
  if (![301, 302, 307, 308].includes(status)) throw new ConfigError(factory, 'status', '301, 302, 307 or 308', status)
  integerOption(factory, 'port', port, { min: 1, max: 65_535 })
  const isOurs: HostMatcher = hosts === undefined ? () => true : hostMatcher(factory, 'hosts', hosts)
  const isExempt = pathPredicate(factory, 'exempt', exempt)
  const suffix = port === 443 ? '' : `:${port}`
  return {
    name: factory,
    request(exchange) {
      if (isSecure(exchange.req) || isExempt(exchange.path)) return
      const host = parseHost(requestedHost(exchange.req) ?? '')
      if (host === undefined || !isOurs(host)) {
        refuse(exchange, new HttpsRequiredError(), {
          kind: 'https',
          rule: 'unknown-host',
          field: 'header.host',
          score: 2,
        })
        return
      }
      // RFC 6797 section 7.2: not over plain HTTP.
      exchange.removeHeader('Strict-Transport-Security')
      exchange.answer(status, { Location: `https://${host.name}${suffix}${target(exchange)}`, 'Content-Length': '0' })
    },
  }
}

function target({ req, path }: Exchange): string {
  const url = req.originalUrl ?? req.url ?? '/'
  const query = url.indexOf('?')
  const start = path.startsWith('/') ? path : `/${path}`
  return query === -1 ? start : start + url.slice(query)
}
