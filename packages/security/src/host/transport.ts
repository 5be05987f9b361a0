import type { TLSSocket } from 'node:tls'
import type { RequestLike } from '@hardening/core'
import { trustsPeer } from './requested-host.js'

/** Whether the client came by TLS: to this server, or to a proxy that `trust proxy` believes. */
export function isSecure(req: RequestLike): boolean {
  if ((req.socket as Partial<TLSSocket>).encrypted) return true
  const forwarded = req.headers['x-forwarded-proto']
  if (typeof forwarded !== 'string' || !trustsPeer(req)) return false
  // The first is what the client spoke, as Express reads it too.
  const comma = forwarded.indexOf(',')
  return (comma === -1 ? forwarded : forwarded.slice(0, comma)).trim().toLowerCase() === 'https'
}

/** The host that the client asked for: the proxy's word where it is believed, else `Host`. */
export function requestedHost(req: RequestLike): string | undefined {
  const forwarded = req.headers['x-forwarded-host']
  return typeof forwarded === 'string' && trustsPeer(req) ? forwarded : req.headers.host
}
