import { charCodeAt } from '@hardening/core'
import { hexNumber } from './percent.js'

/** Decodes `\u0027`, `\u{27}`, `\x27` and `\47`-like octal escapes of JavaScript once, and CSS's `\27 `. */
export function decodeEscapes(text: string): string {
  let at = text.indexOf('\\')
  if (at === -1) return text
  let result = ''
  let from = 0
  while (at !== -1 && at < text.length - 1) {
    const kind = charCodeAt(text, at + 1)
    let value = -1
    let length = 2
    if (kind === 117 || kind === 85) {
      if (charCodeAt(text, at + 2) === 123) {
        // Six digits at most: what is longer is none.
        const digits = text.slice(at + 3, at + 10).indexOf('}')
        if (digits > 0) value = hexNumber(text, at + 3, digits)
        length = 4 + digits
      } else {
        value = hexNumber(text, at + 2, 4)
        length = 6
      }
    } else if (kind === 120) {
      value = hexNumber(text, at + 2, 2)
      length = 4
    }
    if (value < 0 || value > 0x10ffff) {
      at = text.indexOf('\\', at + 2)
      continue
    }
    result += text.slice(from, at) + String.fromCodePoint(value)
    from = at + length
    at = text.indexOf('\\', from)
  }
  return from === 0 ? text : result + text.slice(from)
}
