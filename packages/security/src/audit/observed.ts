import type { IncomingHttpHeaders } from 'node:http'

/** What an audit has seen of a server. */
export interface Observed {
  /** Address of the page, as a browser reaches it. */
  readonly url: URL
  readonly headers: IncomingHttpHeaders
  /** The page where it is HTML. */
  readonly html: string | undefined
  /** What came by HTTPS, and whether its certificate can be verified; `undefined` where nothing did. */
  readonly https: { readonly headers: IncomingHttpHeaders; readonly verified: boolean } | undefined
  /** The answer to a preflight from an origin that nobody knows. */
  readonly cors: { readonly origin: string; readonly headers: IncomingHttpHeaders } | undefined
  /** The way from plain HTTP on, address by address; `undefined` where nothing answers there. */
  readonly route: readonly URL[] | undefined
  /** Whether the host is in the preload list of browsers. */
  readonly preloaded: boolean
}

/** The value of a header that stands once; of several, Node has joined them. */
export function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}
