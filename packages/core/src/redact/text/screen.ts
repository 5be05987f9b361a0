// What a text must have in it before a scanner is worth its while. One pass over the characters, no allocation; most
// texts have nothing and are done.

import { charCodeAt } from '../../char-code-at.js'

/** At least 14 digits with nothing but spaces and hyphens between them: a card number is possible. */
export const MANY_DIGITS = 1
/** At least 16 characters of a token in a row, not all hexadecimal: a token is possible. */
export const LONG_RUN = 2
/** At least 16 hexadecimal digits and hyphens in a row: an id, a hash, or a token with a prefix of that kind. */
export const LONG_HEX_RUN = 4
/** `:` or `=` or `>`: a name and its value are possible. */
export const ASSIGNMENT = 8
/** `@`: credentials in a URL are possible. */
export const AT_SIGN = 16
/** A space behind an `r` or a `c`: `Bearer` or `Basic` and its credentials are possible. */
export const SPACE = 32
/** Five hyphens in a row: the armour of a key is possible. */
export const ARMOUR = 64

const DIGIT = 1
const RUN = 2
const BEYOND_HEX = 4
const SEPARATOR = 8
const AT = 16
const BLANK = 32
const HYPHEN = 64
// The last letters of `Bearer` and `Basic`.
const SCHEME_END = 128
// By so many bits `SCHEME_END` stands above `BLANK`.
const SCHEME_END_TO_BLANK = 2

const CLASSES: Uint8Array = /* @__PURE__ */ classes()

/** Which of the scanners are needed for `text`. */
export function screen(text: string): number {
  const { length } = text
  let seen = 0
  let schemes = 0
  let before = 0
  for (let index = 0; index < length; index++) {
    const code = charCodeAt(text, index)
    const kind = code < 128 ? CLASSES[code]! : 0
    seen |= kind
    schemes |= (before >> SCHEME_END_TO_BLANK) & kind
    before = kind
  }
  let found = 0
  if ((seen & SEPARATOR) !== 0) found |= ASSIGNMENT
  if ((seen & AT) !== 0) found |= AT_SIGN
  if ((schemes & BLANK) !== 0) found |= SPACE
  if ((seen & HYPHEN) !== 0 && text.includes('-----')) found |= ARMOUR
  if (length < MANY) return found
  if (length >= LONG && hasRow(text, LONG, RUN)) found |= (seen & BEYOND_HEX) === 0 ? LONG_HEX_RUN : longRuns(text)
  if ((seen & DIGIT) !== 0 && hasRow(text, MANY, DIGIT | BLANK | HYPHEN) && hasManyDigits(text)) found |= MANY_DIGITS
  return found
}

const LONG = 16
const MANY = 14

/** Whether so many characters of these kinds stand in a row; looks at few of them where there is none. */
function hasRow(text: string, length: number, kinds: number): boolean {
  let start = 0
  let last = length - 1
  while (last < text.length) {
    let index = last
    while (index >= start && (kindAt(text, index) & kinds) !== 0) index--
    if (index < start) return true
    start = index + 1
    last = index + length
  }
  return false
}

/** Of what kinds the rows of token characters are that are long enough. */
function longRuns(text: string): number {
  let found = 0
  let run = 0
  let kinds = 0
  for (let index = 0; index < text.length; index++) {
    const kind = kindAt(text, index)
    if ((kind & RUN) === 0) {
      run = 0
      kinds = 0
      continue
    }
    run++
    kinds |= kind
    if (run >= LONG) found |= (kinds & BEYOND_HEX) === 0 ? LONG_HEX_RUN : LONG_RUN
  }
  return found
}

function hasManyDigits(text: string): boolean {
  let digits = 0
  for (let index = 0; index < text.length; index++) {
    const kind = kindAt(text, index)
    if ((kind & DIGIT) !== 0) {
      if (++digits === MANY) return true
    } else if ((kind & (BLANK | HYPHEN)) === 0) {
      digits = 0
    }
  }
  return false
}

function kindAt(text: string, index: number): number {
  const code = charCodeAt(text, index)
  return code < 128 ? CLASSES[code]! : 0
}

/** Whether a prefix is one that {@link LONG_HEX_RUN} may hide. */
export function isHexadecimal(prefix: string): boolean {
  return /^[0-9A-Fa-f-]*$/.test(prefix)
}

function classes(): Uint8Array {
  const table = new Uint8Array(128)
  const mark = (characters: string, kind: number) => {
    for (const character of characters) table[charCodeAt(character, 0)]! |= kind
  }
  mark('0123456789', DIGIT | RUN)
  mark('abcdefABCDEF', RUN)
  mark('ghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZ_.', RUN | BEYOND_HEX)
  mark('-', RUN | HYPHEN)
  mark(':=>', SEPARATOR)
  mark('@', AT)
  mark(' ', BLANK)
  mark('rRcC', SCHEME_END)
  return table
}
