import { charCodeAt } from '@hardening/core'

/** Full-width forms (U+FF01 to U+FF5E) as the ASCII characters that NFKC makes of them; null bytes are dropped. */
export function foldWidth(text: string): string {
  let result = ''
  let from = 0
  for (let at = 0; at < text.length; at++) {
    const code = charCodeAt(text, at)
    if (code === 0) {
      result += text.slice(from, at)
      from = at + 1
    } else if (code >= 0xff01 && code <= 0xff5e) {
      result += text.slice(from, at) + String.fromCharCode(code - 0xfee0)
      from = at + 1
    } else if (code === 0x02b9 || code === 0x02bc || code === 0x02c8) {
      // Modifier apostrophes, which some databases fold to a quote when they convert to a narrow character set.
      result += `${text.slice(from, at)}'`
      from = at + 1
    }
  }
  return from === 0 ? text : result + text.slice(from)
}
