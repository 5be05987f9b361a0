import { createHash, timingSafeEqual } from 'node:crypto'
import { addressSet, ConfigError, isLoopbackAddress, normalizeAddress, type Exchange } from '@hardening/core'

/** Decides who may read metrics, from options that hold. @throws ConfigError */
export function accessRule(
  factory: string,
  token: string | undefined,
  allow: readonly string[],
): (exchange: Exchange) => boolean {
  if (token !== undefined && (typeof token !== 'string' || token.length < 16)) {
    throw new ConfigError(factory, 'token', 'a text of at least 16 characters', 'another value (hidden)')
  }
  const addresses = addressSet(factory, 'allow', allow)
  // Digests have one length, so that the comparison takes one time whatever the guess.
  const wanted = token === undefined ? undefined : digest(token)

  return function mayRead(x) {
    const { authorization } = x.req.headers
    if (wanted !== undefined && authorization !== undefined) {
      const scheme = authorization.slice(0, 7).toLowerCase()
      return scheme === 'bearer ' && timingSafeEqual(digest(authorization.slice(7).trim()), wanted)
    }
    const address = believedAddress(x)
    return address !== undefined && addresses.has(address)
  }
}

const forwarding = [
  'x-forwarded-for',
  'forwarded',
  'x-real-ip',
  'x-forwarded-host',
  'x-forwarded-proto',
  'via',
] as const

/**
 * The caller's address as far as it can be believed. Behind a proxy that the application does not trust, every client
 * looks like the proxy, which often is on loopback; and where it trusts every proxy (`trust proxy` is `true`), the
 * address is what the client claims.
 */
function believedAddress(x: Exchange): string | undefined {
  const peer = x.req.socket.remoteAddress
  if (peer === undefined || x.ip === undefined) return undefined
  if (!forwarding.some((name) => x.req.headers[name] !== undefined)) return peer
  if (x.req.app?.settings?.['trust proxy'] === true) return undefined
  const isProxy = normalizeAddress(x.ip) === normalizeAddress(peer)
  return isProxy || isLoopbackAddress(x.ip) ? undefined : x.ip
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
