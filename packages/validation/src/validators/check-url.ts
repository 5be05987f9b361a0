import { choiceOption, ConfigError, integerOption, isPrivateAddress, rejectUnknownOptions } from '@hardening/core'
import { isIP } from 'node:net'
import validator from 'validator'
import { fine, wrong, type Check } from './check.js'

/** What {@link checkUrl} may be given. */
export interface CheckUrlOptions {
  /** Schemes that pass. @defaultValue `['http', 'https']` */
  protocols?: readonly string[]
  /**
   * Whether addresses inside (loopback, private, link-local, and names that only exist inside, such as `localhost`) pass.
   * A name that resolves to one is not found out here: before a server fetches a URL, `urlGuard` has to look.
   *
   * @defaultValue `'allow'`
   */
  privateAddresses?: 'allow' | 'refuse'
  /** The only hosts that pass, with their subdomains. @defaultValue any */
  hosts?: readonly string[]
  /** Most characters. @defaultValue 2,048 */
  maxLength?: number
}

const optionNames: readonly (keyof CheckUrlOptions)[] = ['protocols', 'privateAddresses', 'hosts', 'maxLength']
const invalid = wrong('invalid_url', 'must be an address such as https://example.com/page')

// Names for use inside (RFC 6761, 6762, 8375, 9476 and what routers, clusters and clouds add).
const insideSuffixes =
  '.localhost .local .localdomain .internal .intranet .lan .home .corp .private .home.arpa .test .invalid .onion'.split(
    ' ',
  )

/**
 * Whether a value is an absolute URL. Comes back as browsers write it (WHATWG URL), so that `http://0x7f.1/` is seen to be
 * `http://127.0.0.1/`. User and password in it are refused, and so is what parsers read differently: backslashes, white
 * space and controls.
 */
export function checkUrl(value: unknown, options: CheckUrlOptions = {}): Check<string> {
  rejectUnknownOptions('checkUrl', options, optionNames)
  const { protocols = ['http', 'https'], privateAddresses = 'allow', hosts = [], maxLength = 2_048 } = options
  integerOption('checkUrl', 'maxLength', maxLength, { min: 1 })
  choiceOption('checkUrl', 'privateAddresses', privateAddresses, ['allow', 'refuse'])
  if (protocols.length === 0 || !protocols.every((name) => /^[a-z][a-z0-9+.-]*$/.test(name))) {
    throw new ConfigError(
      'checkUrl',
      'protocols',
      "schemes in lower case without a colon, such as ['https']",
      protocols,
    )
  }
  if (typeof value !== 'string') return wrong('invalid_type', 'must be text')
  const text = value.trim()
  if (text.length > maxLength) return wrong('too_long', `must have at most ${maxLength} characters`)
  if (/[\s\\\p{C}]/u.test(text) || !/^[a-z][a-z0-9+.-]*:\/\//i.test(text) || !URL.canParse(text)) return invalid
  const url = new URL(text)
  if (!protocols.includes(url.protocol.slice(0, -1))) {
    return wrong('protocol_not_allowed', `must begin with ${protocols.map((name) => `${name}://`).join(' or ')}`)
  }
  if (url.username !== '' || url.password !== '') return wrong('credentials', 'must not carry a user name or password')
  // The parser leaves brackets around IPv6 and has turned every spelling of IPv4 into the common one.
  const host = url.hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase()
  if (!isHost(host)) return invalid
  if (privateAddresses === 'refuse' && isInside(host))
    return wrong('private_address', 'must be an address on the internet')
  if (hosts.length > 0 && !hosts.some((name) => host === name || host.endsWith(`.${name}`))) {
    return wrong('host_not_allowed', 'must be on a permitted host')
  }
  return fine(url.href)
}

function isHost(host: string): boolean {
  return (
    isIP(host) !== 0 || validator.isFQDN(host, { require_tld: false, allow_underscores: true, allow_numeric_tld: true })
  )
}

function isInside(host: string): boolean {
  if (isIP(host) !== 0) return isPrivateAddress(host)
  return !host.includes('.') || insideSuffixes.some((suffix) => host.endsWith(suffix))
}
