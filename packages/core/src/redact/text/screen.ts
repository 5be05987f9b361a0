// What a text must have in it before a scanner is worth its while. One pass over the characters, no allocation; most
// texts have nothing and are done.

/** At least 14 digits: a card number is possible. */
export const MANY_DIGITS = 1
/** At least 16 characters of a token in a row. */
export const LONG_RUN = 2
/** `:` or `=` or `>`: a name and its value are possible. */
export const ASSIGNMENT = 4
/** `:` and `@`: credentials in a URL are possible. */
export const AT_SIGN = 8
/** A space: a scheme and its credentials are possible. */
export const SPACE = 16
/** Five hyphens in a row: the armour of a key is possible. */
export const ARMOUR = 32

const DIGIT = 1
const RUN = 2
const SEPARATOR = 4
const AT = 8
const BLANK = 16
const HYPHEN = 32

const CLASSES: Uint8Array = /* @__PURE__ */ classes()

/** Which of the scanners are needed for `text`. */
export function screen(text: string): number {
  let seen = 0
  let digits = 0
  let run = 0
  let longestRun = 0
  let hyphens = 0
  let isArmour = false
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    const kind = code < 128 ? CLASSES[code]! : 0
    seen |= kind
    digits += kind & DIGIT
    if ((kind & RUN) === 0) run = 0
    else if (++run > longestRun) longestRun = run
    if ((kind & HYPHEN) === 0) hyphens = 0
    else if (++hyphens === 5) isArmour = true
  }
  return (
    (digits >= 14 ? MANY_DIGITS : 0) |
    (longestRun >= 16 ? LONG_RUN : 0) |
    ((seen & SEPARATOR) === 0 ? 0 : ASSIGNMENT) |
    ((seen & AT) === 0 ? 0 : AT_SIGN) |
    ((seen & BLANK) === 0 ? 0 : SPACE) |
    (isArmour ? ARMOUR : 0)
  )
}

function classes(): Uint8Array {
  const table = new Uint8Array(128)
  const mark = (characters: string, kind: number) => {
    for (const character of characters) table[character.charCodeAt(0)]! |= kind
  }
  mark('0123456789', DIGIT | RUN)
  mark('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.-', RUN)
  mark(':=>', SEPARATOR)
  mark('@', AT)
  mark(' ', BLANK)
  mark('-', HYPHEN)
  return table
}
