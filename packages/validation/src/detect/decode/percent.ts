import { charCodeAt } from '@hardening/core'

function hexValue(code: number): number {
  if (code >= 48 && code <= 57) return code - 48
  const lower = code | 32
  return lower >= 97 && lower <= 102 ? lower - 87 : -1
}

/** The byte of `%41` at `at`; -1 where there is none. */
function percentByte(text: string, at: number): number {
  if (charCodeAt(text, at) !== 37) return -1
  const high = hexValue(charCodeAt(text, at + 1))
  const low = hexValue(charCodeAt(text, at + 2))
  return high < 0 || low < 0 ? -1 : high * 16 + low
}

/** The number in `length` hexadecimal digits at `at`; -1 where there are fewer. */
export function hexNumber(text: string, at: number, length: number): number {
  let value = 0
  for (let digit = 0; digit < length; digit++) {
    const next = hexValue(charCodeAt(text, at + digit))
    if (next < 0) return -1
    value = value * 16 + next
  }
  return value
}

/**
 * Decodes `%XX` and `%uXXXX` once. Unlike RFC 3986 it never fails: what is no UTF-8 becomes Latin-1, and overlong forms
 * (`%c0%af`), which RFC 3629 section 3 forbids and lax decoders accept, become what those decoders see.
 */
export function decodePercent(text: string): string {
  let at = text.indexOf('%')
  if (at === -1) return text
  let result = ''
  let from = 0
  while (at !== -1) {
    const byte = percentByte(text, at)
    if (byte < 0) {
      const unit = (charCodeAt(text, at + 1) | 32) === 117 ? hexNumber(text, at + 2, 4) : -1
      if (unit >= 0) {
        result += text.slice(from, at) + String.fromCharCode(unit)
        from = at + 6
      }
      at = text.indexOf('%', unit >= 0 ? from : at + 1)
      continue
    }
    result += text.slice(from, at)
    at += 3
    const extra = byte >= 0xf0 && byte < 0xf8 ? 3 : byte >= 0xe0 ? 2 : byte >= 0xc0 ? 1 : 0
    let point = extra === 3 ? byte & 7 : extra === 2 ? byte & 15 : byte & 31
    let read = 0
    while (read < extra) {
      const next = percentByte(text, at + read * 3)
      if (next < 0 || (next & 0xc0) !== 0x80) break
      point = (point << 6) | (next & 63)
      read++
    }
    const low = byte === 0xc0 && read === 0 ? percentByte(text, at) : -1
    if (low === 0x2e || low === 0x2f || low === 0x5c) {
      // What decoders make of it that do not look at the two upper bits.
      result += String.fromCharCode(low)
      at += 3
    } else if (extra > 0 && read === extra && point <= 0x10ffff) {
      result += String.fromCodePoint(point)
      at += read * 3
    } else result += String.fromCharCode(byte)
    from = at
    at = text.indexOf('%', at)
  }
  return result + text.slice(from)
}
