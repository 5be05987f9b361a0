// What a text must have in it before a scanner is worth its while. One pass over the characters, no allocation; most
// texts have nothing and are done.

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
/** A space: a scheme and its credentials are possible. */
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

const CLASSES: Uint8Array = /* @__PURE__ */ classes()

/** Which of the scanners are needed for `text`. */
export function screen(text: string): number {
  let seen = 0
  let found = 0
  let digits = 0
  let run = 0
  let runKinds = 0
  let hyphens = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    const kind = code < 128 ? CLASSES[code]! : 0
    seen |= kind
    if ((kind & DIGIT) !== 0) {
      if (++digits === 14) found |= MANY_DIGITS
    } else if ((kind & (BLANK | HYPHEN)) === 0) {
      digits = 0
    }
    if ((kind & RUN) !== 0) {
      run++
      runKinds |= kind
      if (run >= 16) found |= (runKinds & BEYOND_HEX) === 0 ? LONG_HEX_RUN : LONG_RUN
      if ((kind & HYPHEN) === 0) hyphens = 0
      else if (++hyphens === 5) found |= ARMOUR
    } else {
      run = 0
      runKinds = 0
      hyphens = 0
    }
  }
  if ((seen & SEPARATOR) !== 0) found |= ASSIGNMENT
  if ((seen & AT) !== 0) found |= AT_SIGN
  if ((seen & BLANK) !== 0) found |= SPACE
  return found
}

/** Whether a prefix is one that {@link LONG_HEX_RUN} may hide. */
export function isHexadecimal(prefix: string): boolean {
  return /^[0-9A-Fa-f-]*$/.test(prefix)
}

function classes(): Uint8Array {
  const table = new Uint8Array(128)
  const mark = (characters: string, kind: number) => {
    for (const character of characters) table[character.charCodeAt(0)]! |= kind
  }
  mark('0123456789', DIGIT | RUN)
  mark('abcdefABCDEF', RUN)
  mark('ghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZ_.', RUN | BEYOND_HEX)
  mark('-', RUN | HYPHEN)
  mark(':=>', SEPARATOR)
  mark('@', AT)
  mark(' ', BLANK)
  return table
}
