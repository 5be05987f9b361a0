import type { TLSSocket } from 'node:tls'
import {
  ConfigError,
  booleanOption,
  choiceOption,
  middleware,
  rejectUnknownOptions,
  type Exchange,
  type RequestLike,
  type Step,
  type StepMiddleware,
} from '@hardening/core'
import {
  compilePolicy,
  type CompiledPolicy,
  type CspOptions,
  type PolicyDefaults,
} from './headers/content-security-policy.js'
import { helmetHeaderOptions, helmetHeaders, type HelmetHeaders } from './headers/helmet-headers.js'
import { leakingHeaders, removeHeaders } from './headers/leaking-headers.js'
import { nonceOf, nonceSource } from './headers/nonce.js'
import { permissionsPolicyValue, type PermissionsPolicy } from './headers/permissions-policy.js'
import { profiles, type HeaderProfile } from './headers/profiles.js'
import { reportingEndpointsValue } from './headers/reporting-endpoints.js'
import { parseHost } from './host/host-name.js'
import { isLocalName } from './host/local-name.js'

/** Options of {@link secureHeaders}: helmet's, by the same names and with the same values, and these. */
export interface SecureHeadersOptions extends HelmetHeaders {
  /**
   * Defaults for a kind of application: `web` for pages, `api` for what no browser renders, `strict` for pages that
   * load nothing from elsewhere.
   *
   * @defaultValue `'web'`
   */
  profile?: HeaderProfile
  /** The policy that browsers enforce; `false` for none. @defaultValue the profile's */
  contentSecurityPolicy?: boolean | CspOptions
  /** A second policy, which browsers only report on; `true` for the profile's. @defaultValue `false` */
  contentSecurityPolicyReportOnly?: boolean | CspOptions
  /** Who may use which feature of the browser, over the profile's; `false` for none. @defaultValue the profile's */
  permissionsPolicy?: false | PermissionsPolicy
  /** `Reporting-Endpoints`: URL or path by name, for `reportTo`. @defaultValue none */
  reportingEndpoints?: Readonly<Record<string, string>>
  /**
   * Headers that are taken off every response, beside `X-Powered-By`: the list of the OWASP Secure Headers Project
   * (`true`) or one of your own. `false` takes off none, unless `xPoweredBy` says so.
   *
   * @defaultValue `true`
   */
  remove?: boolean | readonly string[]
  /** Whether `X-Powered-By` is taken off; also called `hidePoweredBy`. @defaultValue as `remove` */
  xPoweredBy?: boolean
  /** Another name of `xPoweredBy`. */
  hidePoweredBy?: boolean
  /**
   * Whether this is production. Where it is not, `Strict-Transport-Security` and `upgrade-insecure-requests` are left
   * out of answers over plain HTTP at loopback and private addresses, so that a page opens on a phone in the same
   * network.
   *
   * @defaultValue `true`
   */
  production?: boolean
}

const known = [
  'profile',
  'contentSecurityPolicy',
  'contentSecurityPolicyReportOnly',
  'permissionsPolicy',
  'reportingEndpoints',
  'remove',
  'xPoweredBy',
  'hidePoweredBy',
  'production',
  ...helmetHeaderOptions,
]

/**
 * Sets the headers that tell browsers to defend the application, and takes off those that tell attackers about it. All
 * that does not change between requests is worked out here.
 *
 * @example
 * app.use(secureHeaders({ contentSecurityPolicy: { directives: { imgSrc: ["'self'", 'https://img.example.com'] } } }))
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 * @see https://owasp.org/www-project-secure-headers/
 */
export function secureHeaders(options: SecureHeadersOptions = {}): StepMiddleware {
  return middleware(secureHeadersStep(options))
}

function secureHeadersStep(options: SecureHeadersOptions): Step {
  const factory = 'secureHeaders'
  rejectUnknownOptions(factory, options, known)
  const { profile = 'web', permissionsPolicy = {}, reportingEndpoints = {}, production = true } = options
  const defaults = profiles[choiceOption(factory, 'profile', profile, ['web', 'api', 'strict'])]
  booleanOption(factory, 'production', production)
  const headers = helmetHeaders(factory, options, defaults.helmet)
  if (permissionsPolicy !== false) {
    const value = permissionsPolicyValue(factory, { ...defaults.permissions, ...withoutUndefined(permissionsPolicy) })
    if (value !== undefined) headers.push(['Permissions-Policy', value])
  }
  const endpoints = reportingEndpointsValue(factory, reportingEndpoints)
  if (endpoints !== undefined) headers.push(['Reporting-Endpoints', endpoints])

  const base = { factory, directives: defaults.csp, nonce: defaults.nonce, endpoints: reportingEndpoints }
  const policies = [
    ...policyPair(options.contentSecurityPolicy ?? true, {
      ...base,
      option: 'contentSecurityPolicy',
      reportOnly: false,
    }),
    ...policyPair(options.contentSecurityPolicyReportOnly ?? false, {
      ...base,
      option: 'contentSecurityPolicyReportOnly',
      reportOnly: true,
    }),
  ]
  const enforced = new Set(policies.map(({ usual }) => usual.header.name))
  if (enforced.size < policies.length) {
    throw new ConfigError(factory, 'contentSecurityPolicyReportOnly', 'the one policy of its kind', 'two of one kind')
  }
  for (const { usual } of policies) if (usual.fixed !== undefined) headers.push([usual.header.name, usual.fixed])

  const step: { -readonly [Key in keyof Step]: Step[Key] } = { name: factory, headers }
  const request = requestPart(policies, production)
  if (request !== undefined) step.request = request
  const leaking = namesToRemove(options)
  if (leaking.size > 0) {
    step.names = [...leaking]
    step.head = (exchange) => {
      if (exchange.meets) removeHeaders(exchange.res, leaking)
    }
  }
  return step
}

/** A policy as it is sent, and as it is sent where nothing must be upgraded to HTTPS. */
interface PolicyPair {
  readonly usual: CompiledPolicy
  readonly local: CompiledPolicy
}

function policyPair(options: boolean | CspOptions, defaults: PolicyDefaults): PolicyPair[] {
  if (options === false) return []
  const given = options === true ? {} : options
  return [{ usual: compilePolicy(given, defaults), local: compilePolicy(given, defaults, { upgrade: false }) }]
}

function requestPart(policies: readonly PolicyPair[], production: boolean): Step['request'] | undefined {
  const changing = policies.filter(({ usual }) => usual.fixed === undefined)
  const usesNonce = policies.some(({ usual }) => usual.usesNonce)
  if (changing.length === 0 && production) return undefined
  const nextNonce = nonceSource()
  const send = (exchange: Exchange, nonce: string, policy: CompiledPolicy): void =>
    exchange.setHeader(policy.header, policy.value(nonce, exchange.req, exchange.res), policy.isChecked)
  return (exchange) => {
    const nonce = usesNonce ? nonceOf(exchange, nextNonce) : ''
    if (production || !isPlainAndLocal(exchange.req)) {
      for (const { usual } of changing) send(exchange, nonce, usual)
      return
    }
    exchange.removeHeader('Strict-Transport-Security')
    for (const { local } of policies) send(exchange, nonce, local)
  }
}

/**
 * Whether the browser came by plain HTTP to a loopback or private address. `X-Forwarded-Proto` is believed without
 * asking who sent it: whoever forges it only makes a browser of his own insist on HTTPS.
 */
function isPlainAndLocal(req: RequestLike): boolean {
  if ((req.socket as Partial<TLSSocket>).encrypted || req.headers['x-forwarded-proto']?.toString().startsWith('https'))
    return false
  const host = parseHost(req.headers.host ?? '')
  return host !== undefined && isLocalName(host.name)
}

/** The headers to take off, in lower case. */
function namesToRemove({ remove = true, xPoweredBy, hidePoweredBy }: SecureHeadersOptions): ReadonlySet<string> {
  const factory = 'secureHeaders'
  if (xPoweredBy !== undefined && hidePoweredBy !== undefined) {
    throw new ConfigError(factory, 'hidePoweredBy', 'left out: it is another name of `xPoweredBy`', hidePoweredBy)
  }
  const names = remove === true ? leakingHeaders : remove === false ? [] : remove
  if (!Array.isArray(names)) throw new ConfigError(factory, 'remove', 'true, false or a list of names', remove)
  for (const [at, name] of names.entries()) {
    if (typeof name !== 'string' || !/^[\w!#$%&'*+.^`|~-]+$/.test(name)) {
      throw new ConfigError(factory, `remove[${at}]`, 'the name of a header', name)
    }
  }
  const lower = new Set((names as readonly string[]).map((name) => name.toLowerCase()))
  const poweredBy = booleanOption(factory, 'xPoweredBy', xPoweredBy ?? hidePoweredBy ?? remove !== false)
  if (poweredBy) lower.add('x-powered-by')
  else if (remove === true) lower.delete('x-powered-by')
  return lower
}

function withoutUndefined(policy: PermissionsPolicy): PermissionsPolicy {
  if (typeof policy !== 'object' || policy === null) {
    throw new ConfigError('secureHeaders', 'permissionsPolicy', 'false or an object of features', policy)
  }
  return Object.fromEntries(Object.entries(policy).filter(([, allowed]) => allowed !== undefined))
}
