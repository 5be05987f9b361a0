import { lookup as systemLookup } from 'node:dns/promises'
import type { LookupFunction } from 'node:net'
import { domainToASCII } from 'node:url'
import { ConfigError, functionOption, isPrivateAddress, normalizeAddress, rejectUnknownOptions } from '@hardening/core'
import { UrlGuardError } from './errors.js'

/** An address that a name stands for. */
export interface ResolvedAddress {
  readonly address: string
  readonly family: 4 | 6
}

/** Finds all addresses of a name. */
export type ResolveHost = (hostname: string) => Promise<readonly ResolvedAddress[]>

/** Options of {@link urlGuard}. */
export interface UrlGuardOptions {
  /** Schemes that are allowed. @defaultValue ['http', 'https'] */
  schemes?: readonly string[]
  /** Ports that are allowed. @defaultValue [80, 443] */
  ports?: readonly number[]
  /** If given, only these hosts are allowed: `example.com`, or `*.example.com` for those below it. */
  hosts?: readonly string[]
  /** Hosts, by name or address, that may lie at private addresses. Meant for tests and services of one's own. @defaultValue [] */
  dangerouslyAllowPrivate?: readonly string[]
  /** Finds the addresses of a name. @defaultValue the system's resolver */
  resolve?: ResolveHost
  /** Length up to which a URL is looked at. @defaultValue 2048 */
  maxLength?: number
}

/** A URL that may be fetched, and where its host was found. */
export interface GuardedUrl {
  readonly url: URL
  /** Addresses that the host had when it was checked. All of them are public. */
  readonly addresses: readonly ResolvedAddress[]
  /**
   * To be given to `http.request` or an agent: connects to the addresses that were checked, and asks nobody again, so that
   * a name that changes its address meanwhile (DNS rebinding) gains nothing.
   */
  readonly lookup: LookupFunction
  /** Checks where a redirect leads: the value of a `Location` header. */
  redirect(location: string): Promise<GuardedUrl>
}

const known = ['schemes', 'ports', 'hosts', 'dangerouslyAllowPrivate', 'resolve', 'maxLength'] as const
const defaultPorts: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 }

/** Names that mean this machine or this network, whatever a resolver says (RFC 6761, RFC 6762, RFC 8375, ICANN). */
const localName =
  /(?:^|\.)(?:localhost|local|localdomain|internal|intranet|lan|home|corp|private|home\.arpa|test|invalid|onion)$/

/**
 * Checks a URL that a client named before the server fetches it (server-side request forgery, CWE-918): scheme, port,
 * credentials, spelling, name, and every address that the name stands for. Addresses in decimal, octal or hexadecimal are
 * read as browsers read them, which is also what `fetch` does.
 *
 * @throws UrlGuardError `ERR_VALIDATION_URL_GUARD`
 * @throws ConfigError `ERR_CONFIG_INVALID`
 * @example
 * const { url, lookup } = await urlGuard(req.body.url)
 * https.get(url, { lookup, agent: false })
 */
export async function urlGuard(input: string, options: UrlGuardOptions = {}): Promise<GuardedUrl> {
  rejectUnknownOptions('urlGuard', options, known)
  const {
    schemes = ['http', 'https'],
    ports = [80, 443],
    hosts,
    dangerouslyAllowPrivate = [],
    maxLength = 2048,
  } = options
  for (const [name, list] of Object.entries({ schemes, ports, hosts: hosts ?? [], dangerouslyAllowPrivate })) {
    if (!Array.isArray(list)) throw new ConfigError('urlGuard', name, 'a list', list)
  }
  const resolveHost =
    options.resolve === undefined ? resolveBySystem : functionOption('urlGuard', 'resolve', options.resolve)
  const url = parse(input, maxLength)
  if (!schemes.includes(url.protocol.slice(0, -1))) throw new UrlGuardError('has a scheme that is not allowed')
  if (url.username !== '' || url.password !== '') throw new UrlGuardError('has credentials')
  const port = url.port === '' ? defaultPorts[url.protocol] : Number(url.port)
  if (port === undefined || !ports.includes(port)) throw new UrlGuardError('has a port that is not allowed')
  const host = hostOf(url)
  if (hosts !== undefined && !hosts.some((allowed) => matchesHost(allowed, host)))
    throw new UrlGuardError('has a host that is not allowed')
  const trusted = dangerouslyAllowPrivate.some((allowed) => matchesHost(allowed, host))
  const addresses = await addressesOf(host, resolveHost, trusted)
  return {
    url,
    addresses,
    lookup: pinnedLookup(host, addresses),
    redirect: (location) => redirect(url, location, options),
  }
}

function parse(input: string, maxLength: number): URL {
  if (typeof input !== 'string' || input === '') throw new UrlGuardError('is no URL')
  if (input.length > maxLength) throw new UrlGuardError('is too long')
  for (let at = 0; at < input.length; at++) {
    const code = input.charCodeAt(at)
    // Parsers differ in what they strip and what they take for a slash; a URL that is meant well has neither.
    if (code <= 32 || code === 127 || code === 92)
      throw new UrlGuardError('has characters that parsers read differently')
  }
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(input)
  if (scheme === null) throw new UrlGuardError('is no URL')
  if (/^https?:/i.test(scheme[0]) && !/^https?:\/\/[^/?#]/i.test(input)) throw new UrlGuardError('is no URL')
  const authority = input.slice(scheme[0].length + 2).split(/[/?#]/, 1)[0] ?? ''
  if (authority.includes('@')) throw new UrlGuardError('has credentials')
  if (authority.includes('%')) throw new UrlGuardError('has an encoded host')
  try {
    return new URL(input)
  } catch (cause) {
    throw new UrlGuardError('is no URL', { cause })
  }
}

function hostOf(url: URL): string {
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  if (host === '') throw new UrlGuardError('has no host')
  if (
    normalizeAddress(host) === undefined &&
    (domainToASCII(host) !== host || /^\.|\.\./.test(host) || host.length > 253)
  )
    throw new UrlGuardError('has a host that is no name')
  return host
}

function matchesHost(allowed: string, host: string): boolean {
  const name = allowed.toLowerCase()
  return name.startsWith('*.') ? host.endsWith(name.slice(1)) && host.length > name.length - 1 : host === name
}

async function addressesOf(
  host: string,
  resolveHost: ResolveHost,
  trusted: boolean,
): Promise<readonly ResolvedAddress[]> {
  const literal = normalizeAddress(host)
  if (literal !== undefined) {
    if (!trusted && isPrivateAddress(literal)) throw new UrlGuardError('leads to a private address')
    return [{ address: literal, family: literal.includes(':') ? 6 : 4 }]
  }
  if (!trusted && (localName.test(host) || !host.includes('.')))
    throw new UrlGuardError('names a host of the local network')
  let found: readonly ResolvedAddress[]
  try {
    found = await resolveHost(host)
  } catch (cause) {
    throw new UrlGuardError('has a host that cannot be found', { cause })
  }
  if (found.length === 0) throw new UrlGuardError('has a host that cannot be found')
  // One private address among public ones is how a name is made to pass and then to lead inside.
  if (!trusted && found.some(({ address }) => isPrivateAddress(address)))
    throw new UrlGuardError('leads to a private address')
  return found.map(({ address, family }) => ({ address, family }))
}

async function resolveBySystem(hostname: string): Promise<readonly ResolvedAddress[]> {
  return (await systemLookup(hostname, { all: true, verbatim: true })) as readonly ResolvedAddress[]
}

function pinnedLookup(host: string, addresses: readonly ResolvedAddress[]): LookupFunction {
  return (hostname, options, callback) => {
    const wanted =
      options.family === 4 || options.family === 'IPv4' ? 4 : options.family === 6 || options.family === 'IPv6' ? 6 : 0
    const usable = addresses.filter(({ family }) => wanted === 0 || family === wanted)
    const first = usable[0]
    if (
      hostname
        .replace(/^\[|\]$/g, '')
        .replace(/\.$/, '')
        .toLowerCase() !== host ||
      first === undefined
    ) {
      callback(new UrlGuardError('leads to a host that was not checked'), '', 4)
      return
    }
    if (options.all === true)
      callback(
        null,
        usable.map(({ address, family }) => ({ address, family })),
      )
    else callback(null, first.address, first.family)
  }
}

async function redirect(from: URL, location: string, options: UrlGuardOptions): Promise<GuardedUrl> {
  let target: URL
  try {
    target = new URL(location, from)
  } catch (cause) {
    throw new UrlGuardError('redirects to what is no URL', { cause })
  }
  if (/[\s\\]/.test(location)) throw new UrlGuardError('redirects to what parsers read differently')
  if (from.protocol === 'https:' && target.protocol === 'http:')
    throw new UrlGuardError('redirects to a plain connection')
  return urlGuard(target.href, options)
}
