import type { RequestLike } from '@hardening/core'

type TrustProxy = (address: string | undefined, hop: number) => boolean

/** Whether the application believes what the peer of this request forwards (`trust proxy`). */
export function trustsPeer(req: RequestLike): boolean {
  const settings = req.app?.settings
  if (settings === undefined || !settings['trust proxy']) return false
  const trust = settings['trust proxy fn'] as TrustProxy | undefined
  return trust !== undefined && trust(req.socket.remoteAddress, 0)
}

/** How often a header stands in the request; Node keeps the first `Host` and says nothing of the others. */
export function countHeader(req: RequestLike, lower: string): number {
  const raw = req.rawHeaders
  let count = 0
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] as string
    if (name.length === lower.length && name.toLowerCase() === lower) count++
  }
  return count
}

/** The authority of a request target in absolute form (RFC 9112 section 3.2.2); `undefined` in the usual forms. */
export function targetAuthority(req: RequestLike): string | undefined {
  const target = req.originalUrl ?? req.url ?? '/'
  if (target.charCodeAt(0) === 47 || target === '*') return undefined
  const start = target.indexOf('://')
  if (start === -1) return target
  const rest = target.slice(start + 3)
  const end = rest.search(/[/?#]/)
  return end === -1 ? rest : rest.slice(0, end)
}
