import { Mark } from '../marks.js'

/** What a text says that is Base64 (RFC 4648 section 4) of printable ASCII as a whole; `undefined` where it is not. */
export function decodeBase64(text: string, marks: number): string | undefined {
  if ((marks & Mark.coded) === 0) return undefined
  const digits = text.endsWith('==') ? text.length - 2 : text.endsWith('=') ? text.length - 1 : text.length
  for (let at = 0; at < digits; at++) if (!isBase64(text.charCodeAt(at))) return undefined
  // Most runs of letters decode to bytes that are no text: the first ones tell.
  if (!isPrintable(Buffer.from(text.slice(0, 64), 'base64'))) return undefined
  const bytes = Buffer.from(text, 'base64')
  return isPrintable(bytes) ? bytes.toString('latin1') : undefined
}

function isBase64(code: number): boolean {
  const lower = code | 32
  return (lower >= 97 && lower <= 122) || (code >= 48 && code <= 57) || code === 43 || code === 47
}

function isPrintable(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte > 126 || (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13)) return false
  return true
}
