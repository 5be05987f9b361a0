import { randomFillSync } from 'node:crypto'
import type { Exchange, NoteKey, ResponseLike } from '@hardening/core'

/** Note of the exchange that holds the nonce of its Content-Security-Policy. */
export const cspNonce: NoteKey<string> = { name: 'cspNonce' }

const nonceBytes = 16

/** Makes nonces of 128 random bits in base64 (CSP level 3 section 7.1), drawing the bits for many at once. */
export function nonceSource(): () => string {
  const pool = Buffer.alloc(nonceBytes * 256)
  let at = pool.length
  return () => {
    if (at === pool.length) {
      randomFillSync(pool)
      at = 0
    }
    const nonce = pool.toString('base64', at, at + nonceBytes)
    at += nonceBytes
    return nonce
  }
}

/** The nonce of a response: the one that it has, or a new one, left where templates look for it. */
export function nonceOf(exchange: Exchange, next: () => string): string {
  const given = exchange.note(cspNonce)
  if (given !== undefined) return given
  const nonce = next()
  exchange.setNote(cspNonce, nonce)
  const res = exchange.res as ResponseLike & { locals?: Record<string, unknown> }
  ;(res.locals ??= Object.create(null) as Record<string, unknown>)['cspNonce'] = nonce
  return nonce
}
