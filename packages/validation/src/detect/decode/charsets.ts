import { charCodeAt } from '@hardening/core'

/**
 * UTF-7 (RFC 2152): `+ADw-` is `<`. Browsers of old, and some mail readers, guess it; `undefined` where the text has no
 * shifted run that begins with a mark of HTML.
 */
export function decodeUtf7(text: string): string | undefined {
  let at = text.indexOf('+AD')
  if (at === -1 && !text.includes('+ACI')) return undefined
  at = text.indexOf('+')
  let result = ''
  let from = 0
  while (at !== -1) {
    let end = at + 1
    while (end < text.length && end - at < 400 && isBase64(charCodeAt(text, end))) end++
    if (end - at > 3) {
      const bytes = Buffer.from(text.slice(at + 1, end), 'base64')
      let decoded = ''
      for (let byte = 0; byte + 1 < bytes.length; byte += 2)
        decoded += String.fromCharCode((bytes[byte] as number) * 256 + (bytes[byte + 1] as number))
      result += text.slice(from, at) + decoded
      from = charCodeAt(text, end) === 45 ? end + 1 : end
    }
    at = text.indexOf('+', end)
  }
  return result + text.slice(from)
}

/** Text whose eighth bit is ignored, as in the US-ASCII trick: `¼script¾`; `undefined` where there is none. */
export function decodeSevenBit(text: string): string | undefined {
  if (!text.includes('\u00bc') || !text.includes('\u00be')) return undefined
  let result = ''
  for (let at = 0; at < text.length; at++) {
    const code = charCodeAt(text, at)
    result += code >= 0x80 && code <= 0xff ? String.fromCharCode(code & 0x7f) : text.charAt(at)
  }
  return result
}

function isBase64(code: number): boolean {
  const lower = code | 32
  return (lower >= 97 && lower <= 122) || (code >= 48 && code <= 57) || code === 43 || code === 47
}
