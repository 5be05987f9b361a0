import type { RequestLike } from '../http.js'

/** On connections: the address of the peer, without what maps it into IPv6. */
const peerSlot: unique symbol = Symbol('@hardening/peer')

/** The address of the client: the peer's, or the one that Express finds behind proxies where it trusts them. */
export function clientAddress(req: RequestLike, trustsProxy: boolean): string | undefined {
  // Express's getter walks X-Forwarded-For on every read: only where a proxy is trusted is there anything to find.
  if (trustsProxy) return unmapped(req.ip)
  const socket: { [peerSlot]?: string | undefined; readonly remoteAddress?: string | undefined } = req.socket
  return (socket[peerSlot] ??= unmapped(socket.remoteAddress))
}

function unmapped(address: string | undefined): string | undefined {
  if (address === undefined || address.length < 8 || !address.startsWith('::ffff:') || !address.includes('.'))
    return address
  return address.slice(7)
}
