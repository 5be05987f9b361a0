import { charCodeAt } from '@hardening/core'

/** Classes of ASCII characters; 0 is a mark. */
export const wordClass = 1
export const digitClass = 2
const spaceClass = 3

/** Class of each ASCII character. */
export const classes: Uint8Array = new Uint8Array(128)
for (let code = 0; code <= 32; code++) classes[code] = spaceClass
for (const code of '0123456789') classes[charCodeAt(code, 0)] = digitClass
for (const char of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_') classes[charCodeAt(char, 0)] = wordClass

/** White space, that of Unicode included. */
export function isSpace(code: number): boolean {
  if (code < 128) return classes[code] === spaceClass
  return code === 0xa0 || code === 0x85 || code === 0x3000 || (code >= 0x2000 && code <= 0x200b) || code === 0xfeff
}

/** What a name begins with. */
export function isWord(code: number): boolean {
  if (code < 128) return classes[code] === wordClass
  return code >= 128 && !isSpace(code)
}

/** What may follow the `.e` of a number. */
export function isWordPart(code: number): boolean {
  return isWord(code) || isDigit(code) || code === 43 || code === 45
}

export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

export function isHex(code: number): boolean {
  return isDigit(code) || (code >= 97 && code <= 102) || (code >= 65 && code <= 70)
}

/** Where a literal ends, behind its quote; -1 where it does not. A doubled quote is one of its characters. */
export function closeQuote(text: string, from: number, quote: number, backslash: boolean): number {
  let at = from
  while (at < text.length) {
    const code = charCodeAt(text, at)
    if (code === 92 && backslash) {
      at += 2
      continue
    }
    if (code === quote) {
      if (charCodeAt(text, at + 1) !== quote) return at + 1
      at++
    }
    at++
  }
  return -1
}

/** Where a block comment ends whose inside begins at `from`; -1 where it does not. */
export function closeComment(text: string, from: number, nested: boolean): number {
  if (!nested) {
    const end = text.indexOf('*/', from)
    return end === -1 ? -1 : end + 2
  }
  let depth = 1
  for (let at = from; at < text.length; at++) {
    const code = charCodeAt(text, at)
    if (code === 42 && charCodeAt(text, at + 1) === 47) {
      at++
      if (--depth === 0) return at + 1
    } else if (code === 47 && charCodeAt(text, at + 1) === 42) {
      depth++
      at++
    }
  }
  return -1
}

/** Where the exponent at `at` ends; `at` where there is none. */
export function exponentEnd(text: string, at: number): number {
  if ((charCodeAt(text, at) | 32) !== 101) return at
  let end = at + 1
  const sign = charCodeAt(text, end)
  if (sign === 43 || sign === 45) end++
  if (!isDigit(charCodeAt(text, end))) return at
  while (isDigit(charCodeAt(text, end))) end++
  return end
}

/** Where a name ends that goes on at `at`; with `dots`, a path of names. */
export function nameEnd(text: string, at: number, dots: boolean): number {
  let end = at
  while (end < text.length) {
    const code = charCodeAt(text, end)
    if (
      code >= 128
        ? isSpace(code)
        : classes[code] !== wordClass && classes[code] !== digitClass && code !== 36 && !(dots && code === 46)
    )
      break
    end++
  }
  return end
}

/** Length of the operator at `at` that is made of comparison and bit marks; 0 where there is none. */
export function operatorLength(text: string, at: number): number {
  const code = charCodeAt(text, at)
  const next = charCodeAt(text, at + 1)
  switch (code) {
    case 124: // |
    case 38: // &
      return next === code ? 2 : 1
    case 60: // < <= <> << <@ <=>
      if (next === 61 && charCodeAt(text, at + 2) === 62) return 3
      return next === 61 || next === 62 || next === 60 || next === 64 ? 2 : 1
    case 62: // > >= >>
      return next === 61 || next === 62 ? 2 : 1
    case 33: // ! != !< !> !~
      return next === 61 || next === 60 || next === 62 || next === 126 ? 2 : 1
    case 126: // ~ ~*
      return next === 42 ? 2 : 1
    case 61: // =
    case 94: // ^
    case 43: // +
    case 37: // %
      return 1
    default:
      return 0
  }
}

/** Long words are none that any list knows: they are not copied. */
export function wordOf(text: string, from: number, to: number): string {
  return to - from > 40 ? '\uffff' : text.slice(from, to).toLowerCase()
}
