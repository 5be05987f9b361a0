import { booleanOption, rejectUnknownOptions } from '@hardening/core'
import validator from 'validator'
import { fine, wrong, type Check } from './check.js'

/** What {@link checkEmail} may be given. */
export interface CheckEmailOptions {
  /** Whether letters beyond ASCII may stand before the `@` (RFC 6531). @defaultValue `false` */
  international?: boolean
  /** Whether `name+tag@host` passes. @defaultValue `true` */
  tags?: boolean
  /** The only domains that pass, with their subdomains. @defaultValue any */
  domains?: readonly string[]
  /** Domains that do not pass, with their subdomains, such as those of throw-away addresses. @defaultValue none */
  blockedDomains?: readonly string[]
}

const optionNames: readonly (keyof CheckEmailOptions)[] = ['international', 'tags', 'domains', 'blockedDomains']
const invalid = wrong('invalid_email', 'must be an e-mail address such as name@example.com')

/**
 * Whether a value is an e-mail address that mail can be sent to: RFC 5321 lengths, a domain with a top level, no quoted or
 * commented form, no line ends that could add a header. The domain comes back in lower case; the rest is the mailbox's
 * own business. Whether anybody reads it, only a message can tell.
 */
export function checkEmail(value: unknown, options: CheckEmailOptions = {}): Check<string> {
  rejectUnknownOptions('checkEmail', options, optionNames)
  const { international = false, tags = true, domains = [], blockedDomains = [] } = options
  booleanOption('checkEmail', 'international', international)
  booleanOption('checkEmail', 'tags', tags)
  if (typeof value !== 'string') return wrong('invalid_type', 'must be text')
  const text = value.trim()
  if (text.length > 254 || Buffer.byteLength(text) > 254) return wrong('too_long', 'must have at most 254 characters')
  const at = text.lastIndexOf('@')
  const mailbox = text.slice(0, at)
  // What validator calls an address includes the quoted form, of which no mailbox is made any more.
  if (at < 1 || mailbox.includes('"') || mailbox.includes('@') || /[\s\p{C}]/u.test(text)) return invalid
  if (!validator.isEmail(text, { allow_utf8_local_part: international, allow_ip_domain: false })) return invalid
  const domain = text.slice(at + 1).toLowerCase()
  if (!tags && mailbox.includes('+')) return wrong('tag_not_allowed', 'must not have a tag after a plus sign')
  if (domains.length > 0 && !isWithin(domain, domains))
    return wrong('domain_not_allowed', 'must be of a permitted domain')
  if (isWithin(domain, blockedDomains)) return wrong('domain_not_allowed', 'must be of a permitted domain')
  return fine(`${mailbox}@${domain}`)
}

function isWithin(domain: string, list: readonly string[]): boolean {
  return list.some((entry) => domain === entry.toLowerCase() || domain.endsWith(`.${entry.toLowerCase()}`))
}
