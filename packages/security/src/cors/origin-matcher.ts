import { ConfigError } from '@hardening/core'
import { parseHost } from '../host/host-name.js'
import { sharedSuffixes } from './shared-suffixes.js'

/** Whether an origin, as the browser sent it, may call. */
export type OriginMatcher = (origin: string) => boolean

/** An origin exactly, `https://*.example.com`, `http://localhost:*`, or an anchored regular expression. */
export type OriginPattern = string | RegExp

/** Longest origin that is looked at: a scheme, a name of 253 characters and a port fit well. */
const maxLength = 300

/** Origins that nobody owns: what lets them in lets everybody in. */
const strangers = ['https://stranger.invalid', 'http://192.0.2.1:8080', 'https://a.b.stranger.invalid:4443']

/** Makes one question of a list of patterns; exact origins cost one look-up. */
export function originMatcher(factory: string, option: string, patterns: readonly OriginPattern[]): OriginMatcher {
  const exact = new Set<string>()
  const tests: OriginMatcher[] = []
  for (const [at, pattern] of patterns.entries()) {
    const name = `${option}[${at}]`
    if (pattern instanceof RegExp) tests.push(expressionMatcher(factory, name, pattern))
    else if (typeof pattern === 'string' && pattern.includes('*')) tests.push(wildcardMatcher(factory, name, pattern))
    else exact.add(exactOrigin(factory, name, pattern))
  }
  if (tests.length === 0) return (origin) => exact.has(origin)
  return (origin) => exact.has(origin) || (origin.length <= maxLength && tests.some((test) => test(origin)))
}

const schemes = /^([a-z][a-z0-9+.-]*):\/\/([^/?#@\s]+)$/

function exactOrigin(factory: string, option: string, origin: unknown): string {
  if (origin === 'null') {
    throw new ConfigError(factory, option, "an origin; 'null' is what any sandboxed page and local file sends", origin)
  }
  const [, scheme, host] = typeof origin === 'string' ? (schemes.exec(origin) ?? []) : []
  const expected = "an origin as browsers send it: 'https://app.example.com', in lower case, without path or slash"
  if (scheme === undefined || host === undefined || parseHost(host) === undefined || host !== host.toLowerCase()) {
    throw new ConfigError(factory, option, expected, origin)
  }
  // Browsers leave out the port that the scheme implies, so that such an entry would never match.
  if ((scheme === 'https' && host.endsWith(':443')) || (scheme === 'http' && host.endsWith(':80'))) {
    throw new ConfigError(factory, option, 'without the port that its scheme implies', origin)
  }
  return origin as string
}

function wildcardMatcher(factory: string, option: string, pattern: string): OriginMatcher {
  const match = /^([a-z][a-z0-9+.-]*:\/\/)(\*\.)?([a-z0-9._-]+|\[[0-9a-f:]+\])(?::(\d{1,5}|\*))?$/.exec(pattern)
  const [, scheme, wild, host, port] = match ?? []
  if (scheme === undefined || host === undefined || parseHost(host) === undefined) {
    throw new ConfigError(factory, option, "such as 'https://*.example.com' or 'http://localhost:*'", pattern)
  }
  if (wild !== undefined && !host.includes('.')) {
    throw new ConfigError(
      factory,
      option,
      'a wildcard below a domain of your own, not a whole top-level domain',
      pattern,
    )
  }
  if (wild !== undefined && sharedSuffixes.has(host)) {
    throw new ConfigError(
      factory,
      option,
      'a wildcard below a domain of your own: anybody can get a name below this one',
      pattern,
    )
  }
  return (origin) => {
    if (!origin.startsWith(scheme)) return false
    const authority = origin.slice(scheme.length)
    const found = parseHost(authority)
    // Browsers write names in lower case; a dot behind one makes another origin of it.
    if (found === undefined || authority !== found.name + (found.port && `:${found.port}`)) return false
    if (port !== '*' && found.port !== (port ?? '')) return false
    return wild === undefined ? found.name === host : found.name.endsWith(`.${host}`)
  }
}

function expressionMatcher(factory: string, option: string, pattern: RegExp): OriginMatcher {
  const { source, flags } = pattern
  if (!source.startsWith('^') || !source.endsWith('$') || source.endsWith('\\$')) {
    throw new ConfigError(factory, option, 'anchored by ^ and $: else https://yours.com.evil.example passes', pattern)
  }
  // In a group, so that the anchors hold for all of `^a|b$`; without g and y, whose lastIndex would make every second
  // answer wrong, and without m, under which the anchors stand at lines.
  const whole = new RegExp(`^(?:${source})$`, flags.replace(/[gym]/g, ''))
  const stranger = ['null', ...strangers, ...neighboursOf(source)].find((origin) => whole.test(origin))
  if (stranger !== undefined) {
    throw new ConfigError(factory, option, `a pattern of your own origins: this one lets in ${stranger}`, pattern)
  }
  return (origin) => whole.test(origin)
}

/**
 * Origins that a pattern was hardly meant for, made from the name that it ends in: with something put before the name, where the
 * name does not begin with a dot, and with each dot replaced, where it is not escaped.
 */
function neighboursOf(source: string): string[] {
  const name = nameAtEnd(source)
  if (!name.includes('.')) return []
  const names = [...name].flatMap((character, at) =>
    character === '.'
      ? [`${name.slice(0, at)}x${name.slice(at + 1)}`, `${name.slice(0, at)}-${name.slice(at + 1)}`]
      : [],
  )
  // Below two labels all is one's own.
  if (!name.startsWith('.') && name.split('.').length === 2) names.push(`stranger${name}`, `stranger-${name}`)
  return names.flatMap((host) => {
    const bare = host.replace(/^\./, '')
    return ['https://', 'http://', 'https://stranger', 'https://a.stranger', 'https://stranger.'].map(
      (start) => start + bare,
    )
  })
}

/** How patterns let any port pass. */
const anyPort = ['(:\\d+)?', '(?::\\d+)?', ':\\d+', ':\\d*', '(:[0-9]+)?', '(?::[0-9]+)?']

/** The letters, digits, dashes and dots, escaped or not, that a pattern ends in before its port and `$`. */
function nameAtEnd(source: string): string {
  const whole = source.slice(0, -1)
  const port = anyPort.find((part) => whole.endsWith(part)) ?? ''
  const end = whole.length - port.length
  let start = end
  while (start > 0 && /[a-z0-9.-]/i.test(whole.charAt(start - 1))) start -= whole.charAt(start - 2) === '\\' ? 2 : 1
  return whole.slice(start, end).replaceAll('\\', '').toLowerCase()
}
