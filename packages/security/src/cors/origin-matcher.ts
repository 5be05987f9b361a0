import { ConfigError } from '@hardening/core'
import { parseHost } from '../host/host-name.js'

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
  return (origin) => {
    if (!origin.startsWith(scheme)) return false
    const found = parseHost(origin.slice(scheme.length))
    if (found === undefined || (port !== '*' && found.port !== (port ?? ''))) return false
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
  if (whole.test('null') || strangers.some((origin) => whole.test(origin))) {
    throw new ConfigError(
      factory,
      option,
      "a pattern of your own origins: this one lets in 'null' or strangers",
      pattern,
    )
  }
  return (origin) => whole.test(origin)
}
