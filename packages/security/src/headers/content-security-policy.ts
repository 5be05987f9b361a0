import {
  ConfigError,
  booleanOption,
  headerName,
  rejectUnknownOptions,
  type HeaderName,
  type RequestLike,
  type ResponseLike,
} from '@hardening/core'
import { contentSecurityPolicy } from 'helmet'
import { record } from './helmet-headers.js'

/** One source of a directive: as the policy says it, or worked out for each request. */
export type CspSource = string | ((req: RequestLike, res: ResponseLike) => string)

/**
 * Directives as helmet takes them: by name (`'script-src'` or `scriptSrc`) a source, a list of sources, or `null` to
 * leave out what the profile has.
 */
export type CspDirectives = Readonly<
  Record<string, null | string | Iterable<CspSource> | typeof contentSecurityPolicy.dangerouslyDisableDefaultSrc>
>

/** A Content-Security-Policy. The first three options are helmet's. */
export interface CspOptions {
  /** Whether the profile's directives hold where `directives` does not name them. @defaultValue `true` */
  useDefaults?: boolean
  /** Directives of the policy, over those of the profile. */
  directives?: CspDirectives
  /** Whether browsers only report what the policy would forbid. @defaultValue `false` */
  reportOnly?: boolean
  /**
   * Whether each response has a nonce in the policy, found in `res.locals.cspNonce`; or the directives that get it.
   *
   * @defaultValue `true`: in `script-src` (profile `web`), `script-src` and `style-src` (`strict`), none (`api`)
   */
  nonce?: boolean | readonly string[]
  /** Name of the entry in `reportingEndpoints` to which browsers report. */
  reportTo?: string
}

/** Where a request's nonce goes in a policy that is otherwise worked out at creation. */
const nonceMark = 'cspNonce-goes-here'

/** A policy that is ready to be sent. */
export interface CompiledPolicy {
  /** `Content-Security-Policy` or `Content-Security-Policy-Report-Only`. */
  readonly header: HeaderName
  /** The whole value, where it is the same for every request. */
  readonly fixed: string | undefined
  readonly usesNonce: boolean
  /** Whether nothing but the nonce differs between requests. */
  readonly isChecked: boolean
  value(nonce: string, req: RequestLike, res: ResponseLike): string
}

/** What a policy is compiled with. */
export interface PolicyDefaults {
  readonly factory: string
  /** The option that it came from. */
  readonly option: string
  readonly directives: CspDirectives
  readonly nonce: readonly string[]
  readonly reportOnly: boolean
  readonly endpoints: Readonly<Record<string, string>>
}

/** Compiles a policy; with `upgrade: false` without `upgrade-insecure-requests`. */
export function compilePolicy(
  options: CspOptions,
  defaults: PolicyDefaults,
  { upgrade = true }: { upgrade?: boolean } = {},
): CompiledPolicy {
  const { factory, option } = defaults
  rejectUnknownOptions(factory, options, ['useDefaults', 'directives', 'reportOnly', 'nonce', 'reportTo'], option)
  const { useDefaults = true, directives = {}, reportOnly = defaults.reportOnly, nonce = true, reportTo } = options
  booleanOption(factory, `${option}.useDefaults`, useDefaults)
  booleanOption(factory, `${option}.reportOnly`, reportOnly)
  const merged = mergeDirectives(useDefaults ? defaults.directives : {}, directives)
  // Browsers ignore it in a policy that only reports, and say so in the console of every page.
  if (reportOnly || !upgrade) remove(merged, 'upgrade-insecure-requests')
  const nonceIn = nonce === true ? defaults.nonce : nonce === false ? [] : nonce
  if (!Array.isArray(nonceIn)) throw new ConfigError(factory, `${option}.nonce`, 'true, false or a list', nonce)
  for (const name of nonceIn) addNonce(merged, dashed(String(name)))
  if (reportTo !== undefined) addReporting(merged, reportTo, defaults)
  try {
    return compile(merged, reportOnly)
  } catch (error) {
    throw new ConfigError(
      factory,
      `${option}.directives`,
      `what helmet accepts (${(error as Error).message})`,
      directives,
    )
  }
}

type Directives = Record<string, CspDirectives[string]>

function mergeDirectives(base: CspDirectives, own: CspDirectives): Directives {
  const named = new Set(Object.keys(own).map(dashed))
  // A name that is given in both spellings is left to helmet, which refuses it.
  return { ...Object.fromEntries(Object.entries(base).filter(([name]) => !named.has(dashed(name)))), ...own }
}

function dashed(name: string): string {
  return name.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)
}

function keyOf(directives: Directives, name: string): string | undefined {
  return Object.keys(directives).find((key) => dashed(key) === name)
}

function remove(directives: Directives, name: string): void {
  const key = keyOf(directives, name)
  if (key !== undefined) delete directives[key]
}

function sourcesOf(value: CspDirectives[string] | undefined): CspSource[] {
  if (typeof value === 'string') return [value]
  return value === null || value === undefined || typeof value === 'symbol' ? [] : [...value]
}

function addNonce(directives: Directives, name: string): void {
  const key = keyOf(directives, name)
  // Without a value of its own a directive falls back to default-src: naming it must not widen or narrow it.
  const sources = sourcesOf(directives[key ?? keyOf(directives, 'default-src') ?? ''])
  directives[key ?? name] = [...sources.filter((source) => source !== "'none'"), `'nonce-${nonceMark}'`]
}

function addReporting(directives: Directives, reportTo: string, { factory, option, endpoints }: PolicyDefaults): void {
  const endpoint = Object.hasOwn(endpoints, reportTo) ? endpoints[reportTo] : undefined
  if (endpoint === undefined) {
    throw new ConfigError(factory, `${option}.reportTo`, 'the name of an entry in `reportingEndpoints`', reportTo)
  }
  // `report-uri` for the browsers that do not know the Reporting API; the others ignore it beside `report-to`.
  directives['report-uri'] = [endpoint]
  directives['report-to'] = [reportTo]
}

function compile(directives: Directives, reportOnly: boolean): CompiledPolicy {
  const perRequest = Object.values(directives).some((value) =>
    sourcesOf(value).some((one) => typeof one === 'function'),
  )
  const middleware = contentSecurityPolicy({ useDefaults: false, directives: arrays(directives), reportOnly })
  const header = headerName(reportOnly ? 'Content-Security-Policy-Report-Only' : 'Content-Security-Policy')
  if (!perRequest) {
    const value = record(middleware)[0]?.[1] as string
    const pieces = value.split(nonceMark)
    const usesNonce = pieces.length > 1
    const [before = '', after = ''] = pieces
    const join = pieces.length === 2 ? (nonce: string) => before + nonce + after : (nonce: string) => pieces.join(nonce)
    return { header, fixed: usesNonce ? undefined : value, usesNonce, isChecked: true, value: join }
  }
  const usesNonce = Object.values(directives).some((value) => sourcesOf(value).includes(`'nonce-${nonceMark}'`))
  return {
    header,
    fixed: undefined,
    usesNonce,
    isChecked: false,
    value(nonce, req, res) {
      const headers: string[] = []
      const recorder = { setHeader: (_name: string, value: string) => void headers.push(value), res }
      middleware(req, recorder as never, (error) => {
        if (error !== undefined) throw error
      })
      return (headers[0] as string).replaceAll(nonceMark, nonce)
    },
  }
}

/** The directives as helmet reads them best, their functions given the response in place of the recorder. */
function arrays(directives: Directives): Directives {
  return Object.fromEntries(
    Object.entries(directives).map(([name, value]) => {
      if (value === null || typeof value === 'string' || typeof value === 'symbol') return [name, value]
      return [name, [...value].map((source) => (typeof source === 'function' ? unwrapped(source) : source))]
    }),
  )
}

function unwrapped(source: Exclude<CspSource, string>): CspSource {
  return (req, recorder) => source(req, (recorder as unknown as { res: ResponseLike }).res)
}
