import {
  ConfigError,
  addressSet,
  middleware,
  rejectUnknownOptions,
  type Exchange,
  type Step,
  type StepMiddleware,
} from '@hardening/core'
import { AddressRefusedError } from './errors.js'
import { pathPredicate } from './exempt-paths.js'
import { refuse } from './threat.js'

/** Options of {@link ipFilter}. */
export interface IpFilterOptions {
  /** Addresses and CIDR blocks that may call; all others may not. @defaultValue all */
  allow?: readonly string[]
  /** Addresses and CIDR blocks that may not call, also where `allow` has them. @defaultValue none */
  deny?: readonly string[]
  /** Paths, with all below them, that anybody may call. @defaultValue `[]` */
  exempt?: readonly string[]
}

/**
 * Lets in by the client's address: the peer's, or what `trust proxy` allows to believe. With `allow`, a client without
 * an address (over a Unix socket) is refused.
 *
 * @example
 * app.use('/admin', ipFilter({ allow: ['10.0.0.0/8', '2001:db8::/32'] }))
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 */
export function ipFilter(options: IpFilterOptions): StepMiddleware {
  return middleware(ipFilterStep(options))
}

function ipFilterStep(options: IpFilterOptions): Step {
  const factory = 'ipFilter'
  rejectUnknownOptions(factory, options ?? {}, ['allow', 'deny', 'exempt'])
  const { allow, deny = [], exempt = [] } = options ?? {}
  if (allow === undefined && deny.length === 0) {
    throw new ConfigError(factory, 'allow', 'given, or `deny`: there is nothing to filter by', allow)
  }
  const allowed = allow === undefined ? undefined : addressSet(factory, 'allow', allow)
  const denied = addressSet(factory, 'deny', deny)
  const isExempt = pathPredicate(factory, 'exempt', exempt)
  return {
    name: factory,
    request(exchange) {
      const { ip } = exchange
      if (ip !== undefined && denied.has(ip)) refuseAddress(exchange, 'denied', isExempt)
      else if (allowed !== undefined && (ip === undefined || !allowed.has(ip))) {
        refuseAddress(exchange, 'not-allowed', isExempt)
      }
    },
  }
}

function refuseAddress(exchange: Exchange, rule: string, isExempt: (path: string) => boolean): void {
  if (isExempt(exchange.path)) return
  refuse(exchange, new AddressRefusedError(), { kind: 'address', rule, field: 'ip', score: 3 })
}
