import { charCodeAt } from '@hardening/core'
import { decodeEntities } from '../decode/entities.js'
import { hexNumber } from '../decode/percent.js'

/** Style without its comments, escapes and white space, in lower case: as the oldest engines read it. */
function plainStyle(value: string): string {
  const text = value.includes('&') ? decodeEntities(value) : value
  let result = ''
  for (let at = 0; at < text.length; at++) {
    const code = charCodeAt(text, at)
    if (code <= 32) continue
    if (code === 47 && charCodeAt(text, at + 1) === 42) {
      const close = text.indexOf('*/', at + 2)
      if (close === -1) break
      at = close + 1
    } else if (code === 92) {
      let digits = 0
      while (digits < 6 && hexNumber(text, at + 1 + digits, 1) >= 0) digits++
      if (digits === 0) continue
      const point = hexNumber(text, at + 1, digits)
      if (point > 0 && point <= 0x10ffff) result += String.fromCodePoint(point)
      at += digits
    } else if (code >= 0xff01 && code <= 0xff5e) result += String.fromCharCode(code - 0xfee0)
    else result += text.charAt(at)
  }
  return result.toLowerCase()
}

/** Whether style runs script or loads something that does: expressions, bindings, behaviours, imports, schemes. */
export function styleDanger(value: string): boolean {
  if (value.length < 6) return false
  if (/[:*]\s*expression\(/i.test(value)) return true
  const text = plainStyle(value.length > 8192 ? value.slice(0, 8192) : value)
  return (
    text.includes('expression(') ||
    text.includes('script:') ||
    text.includes('behavior:url') ||
    text.includes('behaviour:url') ||
    text.includes('-moz-binding') ||
    text.includes('binding:url') ||
    text.includes('-o-link') ||
    text.includes('@import') ||
    text.includes('url(data:text') ||
    text.includes('url(data:image/svg') ||
    text.includes('</') ||
    (text.includes('progid:') && text.includes('script')) ||
    (text.includes('include-source') && text.includes('url'))
  )
}
