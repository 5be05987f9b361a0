import type { Exchange, HttpError, ResponseLike } from '@hardening/core'

/** Headers that spoke of the answer which the request does not get: none of them holds for a problem. */
const staleHeaders = [
  'Accept-Ranges',
  'Content-Disposition',
  'Content-Encoding',
  'Content-Language',
  'Content-Location',
  'Content-Range',
  'ETag',
  'Expires',
  'Last-Modified',
  'Trailer',
  'Transfer-Encoding',
] as const

/** Headers of an error that would break the message's framing, or are the answer's own. */
const notTheirs: ReadonlySet<string> = new Set(['content-length', 'content-type', 'transfer-encoding', 'connection'])

/** Whether nobody is there any more to be answered. */
export function isGone(res: ResponseLike): boolean {
  return res.destroyed || res.socket?.destroyed === true
}

/** Sends a problem. Headers that the application or other middleware has set stay, but for those of the lost answer. */
export function sendProblem(
  exchange: Exchange,
  refusal: HttpError,
  contentType: string,
  body: string,
  language?: string,
): void {
  const { req, res } = exchange
  for (const name of staleHeaders) if (res.hasHeader(name)) res.removeHeader(name)
  if (res.hasHeader('Content-Length')) res.setHeader('Content-Length', Buffer.byteLength(body))
  const { headers } = refusal
  for (const name in headers) if (!notTheirs.has(name.toLowerCase())) trySetHeader(res, name, headers[name] as string)
  res.setHeader('Content-Type', contentType)
  res.setHeader('Cache-Control', 'no-store')
  if (language !== undefined) trySetHeader(res, 'Content-Language', language)
  exchange.setHeader('X-Content-Type-Options', 'nosniff')
  if (contentType.startsWith('text/html') && !res.hasHeader('Content-Security-Policy')) {
    exchange.setHeader('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'")
  }
  if (hasBody(req) && !req.complete) {
    // What is left of the request has to go somewhere, or the connection could not be used again.
    req.unpipe()
    req.resume()
  }
  res.end(body)
}

/** A header that HTTP does not allow is left out: it must not cost the client its answer. */
function trySetHeader(res: ResponseLike, name: string, value: string): void {
  try {
    res.setHeader(name, value)
  } catch {
    // Left out.
  }
}

function hasBody({ headers }: Exchange['req']): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
}
