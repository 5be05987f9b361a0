import { charCodeAt } from '@hardening/core'
import { Mark } from '../marks.js'

const values = new Int8Array(128).fill(-1)
for (const [value, char] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries())
  values[charCodeAt(char, 0)] = value

/** What a text says that is Base64 (RFC 4648 section 4) of printable ASCII as a whole; `undefined` where it is not. */
export function decodeBase64(text: string, marks: number): string | undefined {
  if ((marks & Mark.coded) === 0 || !isBase64OfText(text, 0, text.length)) return undefined
  return Buffer.from(text, 'base64').toString('latin1')
}

/**
 * Whether what stands from `from` to `to` is Base64 of printable ASCII. Most runs of letters decode to bytes that are no
 * text, and the first ones tell.
 */
export function isBase64OfText(text: string, from: number, to: number): boolean {
  if ((to - from) % 4 !== 0) return false
  let end = to
  while (end > from && to - end < 2 && charCodeAt(text, end - 1) === 61) end--
  let bits = 0
  let held = 0
  for (let at = from; at < end; at++) {
    const code = charCodeAt(text, at)
    const value = code > 127 ? -1 : (values[code] as number)
    if (value < 0) return false
    bits = ((bits << 6) | value) & 0x3fff
    held += 6
    if (held < 8) continue
    held -= 8
    const byte = (bits >> held) & 0xff
    if (byte > 126 || (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13)) return false
  }
  return true
}
