import { ConfigError } from '@hardening/core'
import {
  crossOriginEmbedderPolicy,
  crossOriginOpenerPolicy,
  crossOriginResourcePolicy,
  originAgentCluster,
  referrerPolicy,
  strictTransportSecurity,
  xContentTypeOptions,
  xDnsPrefetchControl,
  xDownloadOptions,
  xFrameOptions,
  xPermittedCrossDomainPolicies,
  xXssProtection,
  type HelmetOptions,
} from 'helmet'

/** The options of helmet whose headers never change, by their names and with their values there. */
export interface HelmetHeaders {
  /** `Cross-Origin-Embedder-Policy`. @defaultValue `false`; `require-corp` in the profile `strict` */
  crossOriginEmbedderPolicy?: HelmetOptions['crossOriginEmbedderPolicy']
  /** `Cross-Origin-Opener-Policy`. @defaultValue `same-origin` */
  crossOriginOpenerPolicy?: HelmetOptions['crossOriginOpenerPolicy']
  /** `Cross-Origin-Resource-Policy`. @defaultValue `same-origin` */
  crossOriginResourcePolicy?: HelmetOptions['crossOriginResourcePolicy']
  /** `Origin-Agent-Cluster: ?1`. @defaultValue `true` */
  originAgentCluster?: boolean
  /** `Referrer-Policy`. @defaultValue `same-origin`; `no-referrer` in the profile `api` */
  referrerPolicy?: HelmetOptions['referrerPolicy']
  /** `Strict-Transport-Security`; also called `hsts`. @defaultValue a year, `includeSubDomains` */
  strictTransportSecurity?: HelmetOptions['strictTransportSecurity']
  /** Another name of `strictTransportSecurity`. */
  hsts?: HelmetOptions['strictTransportSecurity']
  /** `X-Content-Type-Options: nosniff`; also called `noSniff`. @defaultValue `true` */
  xContentTypeOptions?: boolean
  /** Another name of `xContentTypeOptions`. */
  noSniff?: boolean
  /** `X-DNS-Prefetch-Control`; also called `dnsPrefetchControl`. @defaultValue `off` */
  xDnsPrefetchControl?: HelmetOptions['xDnsPrefetchControl']
  /** Another name of `xDnsPrefetchControl`. */
  dnsPrefetchControl?: HelmetOptions['xDnsPrefetchControl']
  /** `X-Download-Options: noopen`; also called `ieNoOpen`. @defaultValue `true` */
  xDownloadOptions?: boolean
  /** Another name of `xDownloadOptions`. */
  ieNoOpen?: boolean
  /** `X-Frame-Options`; also called `frameguard`. @defaultValue `SAMEORIGIN`; `DENY` in `api` and `strict` */
  xFrameOptions?: HelmetOptions['xFrameOptions']
  /** Another name of `xFrameOptions`. */
  frameguard?: HelmetOptions['xFrameOptions']
  /** `X-Permitted-Cross-Domain-Policies`; also called `permittedCrossDomainPolicies`. @defaultValue `none` */
  xPermittedCrossDomainPolicies?: HelmetOptions['xPermittedCrossDomainPolicies']
  /** Another name of `xPermittedCrossDomainPolicies`. */
  permittedCrossDomainPolicies?: HelmetOptions['xPermittedCrossDomainPolicies']
  /** `X-XSS-Protection: 0`; also called `xssFilter`. @defaultValue `true` */
  xXssProtection?: boolean
  /** Another name of `xXssProtection`. */
  xssFilter?: boolean
}

type Header = readonly [name: string, value: string]
type HelmetMiddleware = (req: never, res: never, next: (error?: unknown) => void) => void
type HelmetFactory = (options?: never) => HelmetMiddleware

const parts: readonly (readonly [
  option: keyof HelmetHeaders,
  alias: keyof HelmetHeaders | undefined,
  HelmetFactory,
])[] = [
  ['crossOriginEmbedderPolicy', undefined, crossOriginEmbedderPolicy],
  ['crossOriginOpenerPolicy', undefined, crossOriginOpenerPolicy],
  ['crossOriginResourcePolicy', undefined, crossOriginResourcePolicy],
  ['originAgentCluster', undefined, originAgentCluster],
  ['referrerPolicy', undefined, referrerPolicy],
  ['strictTransportSecurity', 'hsts', strictTransportSecurity],
  ['xContentTypeOptions', 'noSniff', xContentTypeOptions],
  ['xDnsPrefetchControl', 'dnsPrefetchControl', xDnsPrefetchControl],
  ['xDownloadOptions', 'ieNoOpen', xDownloadOptions],
  ['xFrameOptions', 'frameguard', xFrameOptions],
  ['xPermittedCrossDomainPolicies', 'permittedCrossDomainPolicies', xPermittedCrossDomainPolicies],
  ['xXssProtection', 'xssFilter', xXssProtection],
]

/** The names of all options here. */
export const helmetHeaderOptions: readonly string[] = parts.flatMap(([option, alias]) =>
  alias === undefined ? [option] : [option, alias],
)

/** The headers that helmet's middlewares set for these options, learned by running each of them once. */
export function helmetHeaders(factory: string, options: HelmetHeaders, defaults: HelmetHeaders): Header[] {
  const headers: Header[] = []
  for (const [option, alias, make] of parts) {
    const named = options[option]
    const other = alias === undefined ? undefined : options[alias]
    if (named !== undefined && other !== undefined) {
      throw new ConfigError(factory, String(alias), `left out: it is another name of \`${option}\``, other)
    }
    // helmet leaves this one out unless it is asked for; all others are on unless they are turned off.
    const unless = option !== 'crossOriginEmbedderPolicy'
    const value = named ?? other ?? defaults[option] ?? unless
    if (value === false) continue
    headers.push(...recorded(factory, option, value, make))
  }
  return headers
}

function recorded(factory: string, option: string, value: unknown, make: HelmetFactory): Header[] {
  if (value !== true && (typeof value !== 'object' || value === null)) {
    throw new ConfigError(factory, option, "true, false or an object of helmet's options", value)
  }
  try {
    return record(value === true ? make() : make(value as never))
  } catch (error) {
    throw new ConfigError(factory, option, `what helmet accepts (${(error as Error).message})`, value)
  }
}

/** What a middleware sets on a response; the errors that it hands on are thrown. */
export function record(middleware: HelmetMiddleware, req: unknown = {}): Header[] {
  const headers: Header[] = []
  const res = { setHeader: (name: string, value: string) => void headers.push([name, value]) }
  middleware(req as never, res as never, (error) => {
    if (error !== undefined) throw error
  })
  return headers
}
