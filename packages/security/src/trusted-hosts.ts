import {
  ConfigError,
  middleware,
  rejectUnknownOptions,
  type Exchange,
  type RequestLike,
  type Step,
  type StepMiddleware,
} from '@hardening/core'
import { UntrustedHostError } from './errors.js'
import { pathPredicate, probePaths } from './exempt-paths.js'
import { hostMatcher } from './host/host-matcher.js'
import { KnownHosts } from './host/known-hosts.js'
import { countHeader, targetAuthority, trustsPeer } from './host/requested-host.js'
import { refuse } from './threat.js'

/** Options of {@link trustedHosts}. */
export interface TrustedHostsOptions {
  /**
   * Hosts that the server answers for: `example.com`, `.example.com` with all below it, `*.example.com` only what is
   * below, addresses, each with any port or the one given.
   */
  hosts: readonly string[]
  /** Paths, with all below them, that answer under any host: probes come by address. @defaultValue `['/health']` */
  exempt?: readonly string[]
}

/**
 * Refuses requests that name a host other than the server's own, so that no link, redirect or cache is made from a name
 * that an attacker chose. `X-Forwarded-Host` counts where, and only where, `trust proxy` believes the peer.
 *
 * @example
 * app.use(trustedHosts({ hosts: ['example.com', '.api.example.com'] }))
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-3.2
 */
export function trustedHosts(options: TrustedHostsOptions): StepMiddleware {
  return middleware(trustedHostsStep(options))
}

function trustedHostsStep(options: TrustedHostsOptions): Step {
  const factory = 'trustedHosts'
  rejectUnknownOptions(factory, options ?? {}, ['hosts', 'exempt'])
  const { hosts, exempt = probePaths } = options ?? {}
  if (!Array.isArray(hosts) || hosts.length === 0) {
    throw new ConfigError(factory, 'hosts', "a list with at least one host, such as ['example.com']", hosts)
  }
  const known = new KnownHosts(hostMatcher(factory, 'hosts', hosts as readonly string[]))
  const isExempt = pathPredicate(factory, 'exempt', exempt)
  return {
    name: factory,
    request(exchange) {
      const rule = broken(exchange.req, known)
      if (rule === undefined || isExempt(exchange.path)) return
      refuseHost(exchange, rule)
    },
  }
}

/** The rule that a request breaks, if any. */
function broken(req: RequestLike, known: KnownHosts): string | undefined {
  const { host } = req.headers
  if (host === undefined) return 'missing-host'
  if (countHeader(req, 'host') !== 1) return 'several-hosts'
  const authority = targetAuthority(req)
  if (authority !== undefined && authority.toLowerCase() !== host.toLowerCase()) return 'target-and-host-differ'
  const forwarded = req.headers['x-forwarded-host']
  if (forwarded === undefined || !trustsPeer(req)) return known.has(host) ? undefined : 'unknown-host'
  // Node joins repeated ones with a comma: which of several the application would take nobody can say.
  if (typeof forwarded !== 'string' || forwarded.includes(',')) return 'several-forwarded-hosts'
  return known.has(forwarded) ? undefined : 'unknown-forwarded-host'
}

function refuseHost(exchange: Exchange, rule: string): void {
  const field = rule.includes('forwarded') ? 'header.x-forwarded-host' : 'header.host'
  refuse(exchange, new UntrustedHostError(), { kind: 'host', rule, field, score: 4 })
}
