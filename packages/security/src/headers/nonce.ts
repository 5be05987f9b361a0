import { randomFillSync } from 'node:crypto'
import type { Exchange, NoteKey, ResponseLike } from '@hardening/core'

/** Note of the exchange that holds the nonce of its Content-Security-Policy. */
export const cspNonce: NoteKey<string> = { name: 'cspNonce' }

/** Characters of base64 that hold 126 of the 128 bits; the two left over decide on the one before the padding. */
const plainLength = 21
const lastBits = 'AQgw'
/** One call of the generator costs as much as many nonces. */
const poolBytes = 192 * 20
/** Written at once, in whole groups of base64: few, because the text outlives every collection while it is used up. */
const writtenBytes = 192

/** Makes nonces of 128 random bits in base64 (CSP level 3 section 7.1), drawn and written for many at once. */
export function nonceSource(): () => string {
  const pool = Buffer.alloc(poolBytes)
  let used = poolBytes
  let text = ''
  let at = 0
  return () => {
    if (at + plainLength >= text.length) {
      if (used === poolBytes) {
        randomFillSync(pool)
        used = 0
      }
      text = pool.toString('base64', used, (used += writtenBytes))
      at = 0
    }
    const bits = (sixBits[text.charCodeAt(at + plainLength)] as number) & 3
    const nonce = `${text.slice(at, at + plainLength)}${lastBits[bits]}==`
    at += plainLength + 1
    return nonce
  }
}

/** The value of each character of base64, by its code. */
const sixBits = new Uint8Array(128)
for (const [value, character] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries())
  sixBits[character.charCodeAt(0)] = value

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
