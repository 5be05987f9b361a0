import { charCodeAt } from '../../char-code-at.js'

export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

export function isLetter(code: number): boolean {
  const lower = code | 0x20
  return lower >= 0x61 && lower <= 0x7a
}

export function isAlphanumeric(code: number): boolean {
  return isDigit(code) || isLetter(code)
}

/** A letter, digit, `_`, `-` or `.`: what tokens are made of. */
export function isTokenCharacter(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x2d && code <= 0x39 && code !== 0x2f) || isUpperOrLine(code)
}

function isUpperOrLine(code: number): boolean {
  return (code >= 0x41 && code <= 0x5a) || code === 0x5f
}

/** The character at a place; {@link END} before the beginning and behind the end, where asking the text itself is slow. */
export function codeAt(text: string, index: number): number {
  return index >= 0 && index < text.length ? charCodeAt(text, index) : END
}

const END = -1

/** White space or the end of the text. */
export function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d) || code === END || code === 0xa0
}

export function isQuote(code: number): boolean {
  return code === 0x22 || code === 0x27 || code === 0x60
}

/** The end of the row of characters that `isPart` accepts, from `start` on. */
export function endOfRow(text: string, start: number, isPart: (code: number) => boolean): number {
  let end = start
  while (end < text.length && isPart(charCodeAt(text, end))) end++
  return end
}

/** Whether a digit stands between two places. */
export function hasDigit(text: string, start: number, end: number): boolean {
  for (let index = start; index < end; index++) if (isDigit(charCodeAt(text, index))) return true
  return false
}

/** Whether a letter stands between two places. */
export function hasLetter(text: string, start: number, end: number): boolean {
  for (let index = start; index < end; index++) if (isLetter(charCodeAt(text, index))) return true
  return false
}
