import { randomText, type Exchange, type NoteKey, type ResponseLike } from '@hardening/core'

/** Note of the exchange that holds the nonce of its Content-Security-Policy. */
export const cspNonce: NoteKey<string> = { name: 'cspNonce' }

/** Characters of base64 that hold 126 of the 128 bits; the two left over decide on the one before the padding. */
const plainLength = 21
const lastBits = 'AQgw'

/** Makes nonces of 128 random bits in base64 (CSP level 3 section 7.1). */
export function nonceSource(): () => string {
  const take = randomText('base64')
  return () => {
    const drawn = take(plainLength + 1)
    const bits = (sixBits[drawn.charCodeAt(plainLength)] as number) & 3
    return `${drawn.slice(0, plainLength)}${lastBits[bits]}==`
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
