import { isIPv6 } from 'node:net'

/** A host as a request or a URL names it. */
export interface HostName {
  /** Lower case, without a trailing dot; an IPv6 address stands in its brackets. */
  readonly name: string
  /** As written, without leading zeros; `''` where none was. */
  readonly port: string
}

const labels = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/

/**
 * Reads `host[:port]` strictly: names of letters, digits, hyphens and underscores, IPv4, or IPv6 in brackets. What a URL
 * would allow beyond that (user information, percent encoding, an empty port) no client sends in good faith.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-7.2
 */
export function parseHost(text: string): HostName | undefined {
  if (text.length === 0 || text.length > 261) return undefined
  const end = text.charCodeAt(0) === 91 ? text.indexOf(']') + 1 : text.indexOf(':')
  if (end === 0) return undefined
  const host = (end === -1 ? text : text.slice(0, end)).toLowerCase()
  const port = end === -1 || end === text.length ? '' : readPort(text, end)
  if (port === undefined) return undefined
  if (host.charCodeAt(0) === 91)
    return isIPv6(host.slice(1, -1)) && !host.includes('%') ? { name: host, port } : undefined
  const name = host.endsWith('.') ? host.slice(0, -1) : host
  return name.length <= 253 && name.split('.').every((label) => labels.test(label)) ? { name, port } : undefined
}

function readPort(text: string, colon: number): string | undefined {
  const digits = text.slice(colon + 1)
  if (text.charCodeAt(colon) !== 58 || !/^\d{1,5}$/.test(digits)) return undefined
  const port = Number(digits)
  return port >= 1 && port <= 65_535 ? String(port) : undefined
}
