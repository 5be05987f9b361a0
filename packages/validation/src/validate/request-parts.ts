import type { IncomingMessage } from 'node:http'
import type { RequestPart } from './issues.js'

/** A request as body parsers, cookie parsers and the router leave it. */
export type ParsedRequest = IncomingMessage & { valid?: Record<string, unknown> } & {
  [Part in Exclude<RequestPart, 'headers'>]?: unknown
}

/** The part of the request as it was sent. */
export function readPart(req: ParsedRequest, part: RequestPart): unknown {
  return part === 'cookies' ? (req.cookies ?? parseCookies(req.headers.cookie)) : req[part]
}

/**
 * Puts the validated value in the place of what was sent. In Express 5 `req.query` is a getter that parses anew on each
 * read and cannot be assigned: an own property takes its place in both versions.
 */
export function replacePart(req: ParsedRequest, part: RequestPart, value: unknown): void {
  if (part === 'headers' || (part === 'cookies' && req.cookies === undefined)) return
  if (part === 'query')
    Object.defineProperty(req, part, { value, writable: true, configurable: true, enumerable: true })
  else req[part] = value
}

/** The cookies of a request, for applications without a cookie parser: RFC 6265 section 5.4; the first of a name counts. */
function parseCookies(header: string | undefined): Record<string, string> {
  const cookies: Record<string, string> = Object.create(null) as Record<string, string>
  for (const pair of (header ?? '').split(';')) {
    const equals = pair.indexOf('=')
    if (equals === -1) continue
    const name = pair.slice(0, equals).trim()
    if (name !== '' && !(name in cookies)) cookies[name] = decode(pair.slice(equals + 1).trim())
  }
  return cookies
}

function decode(value: string): string {
  const bare = value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value
  if (!bare.includes('%')) return bare
  try {
    return decodeURIComponent(bare)
  } catch {
    return bare
  }
}
