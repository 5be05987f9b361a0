import { charCodeAt } from '../../char-code-at.js'
import { codeAt, isAlphanumeric, isDigit } from './characters.js'
import { Cuts, type Scan } from './scan.js'

// What payment cards begin with (ISO/IEC 7812-1), from and to, and how many digits they have. Times and counters
// begin with other digits; Visa's old numbers of 13 digits look too much like those on goods (EAN) to be looked for.
const RANGES: readonly (readonly [from: number, to: number, shortest: number, longest: number])[] = [
  [2200_00, 2204_99, 16, 19],
  [2221_00, 2720_99, 16, 16],
  [3000_00, 3059_99, 14, 19],
  [3400_00, 3499_99, 15, 15],
  [3528_00, 3589_99, 16, 19],
  [3600_00, 3699_99, 14, 19],
  [3700_00, 3799_99, 15, 15],
  [3800_00, 3999_99, 14, 19],
  [4000_00, 4999_99, 16, 19],
  [5000_00, 5099_99, 16, 19],
  [5100_00, 5599_99, 16, 16],
  [5600_00, 6999_99, 16, 19],
  [8100_00, 8299_99, 16, 19],
  [9792_00, 9792_99, 16, 16],
]

// How the digits are grouped where they are: lengths of the groups, as digits of one number.
const GROUPINGS: readonly number[] = [4444, 44443, 465, 464]
const MOST_GROUPS = 5

/** Numbers of payment cards by beginning, length and check digit (ISO/IEC 7812-1 annex B), in one piece or grouped. */
export function hideCards(text: string, { replacement }: Scan): string {
  const cuts = new Cuts(text, replacement)
  let index = 0
  while (index < text.length) {
    if (!isDigit(charCodeAt(text, index))) {
      index++
      continue
    }
    const end = endOfDigits(text, index)
    const before = codeAt(text, index - 1)
    const cardEnd = isPartOfWord(before) || before === DOT ? -1 : endOfCard(text, index, end)
    if (cardEnd !== -1) cuts.cut(index, cardEnd)
    index = cardEnd === -1 ? end : cardEnd
  }
  return cuts.done()
}

/** The end of the card number that begins at `start`, or -1; `end` is where the first digits end. */
function endOfCard(text: string, start: number, end: number): number {
  if (end - start >= 14) return end - start <= 19 && isWhole(text, end) && isCard(text, start, end) ? end : -1
  if (end - start !== 4) return -1
  const separator = codeAt(text, end)
  if (separator !== SPACE && separator !== HYPHEN) return -1
  let grouping = 4
  let last = end
  let found = -1
  for (let group = 1; group < MOST_GROUPS && codeAt(text, last) === separator; group++) {
    const groupEnd = endOfDigits(text, last + 1)
    const length = groupEnd - last - 1
    if (length < 3 || length > 6) break
    grouping = grouping * 10 + length
    last = groupEnd
    if (GROUPINGS.includes(grouping) && isWhole(text, last) && isCard(text, start, last)) found = last
  }
  return found
}

/** The end of a row of digits. */
function endOfDigits(text: string, start: number): number {
  let end = start
  while (end < text.length && isDigit(charCodeAt(text, end))) end++
  return end
}

function isWhole(text: string, end: number): boolean {
  const code = codeAt(text, end)
  if (isPartOfWord(code)) return false
  // 4111111111111111.5 is a measure.
  return code !== DOT || !isDigit(codeAt(text, end + 1))
}

function isPartOfWord(code: number): boolean {
  return isAlphanumeric(code) || code === UNDERSCORE
}

/** Whether the digits between two places, whatever stands among them, are those of a card. */
function isCard(text: string, start: number, end: number): boolean {
  let length = 0
  let beginning = 0
  for (let index = start; index < end; index++) {
    const code = charCodeAt(text, index)
    if (isDigit(code) && ++length <= 6) beginning = beginning * 10 + code - 0x30
  }
  for (let at = 0; at < RANGES.length; at++) {
    const range = RANGES[at]!
    if (beginning >= range[0] && beginning <= range[1] && length >= range[2] && length <= range[3]) {
      return hasCheckDigit(text, start, end)
    }
  }
  return false
}

/** The formula of Luhn. */
function hasCheckDigit(text: string, start: number, end: number): boolean {
  let sum = 0
  let isDoubled = false
  for (let index = end - 1; index >= start; index--) {
    const digit = charCodeAt(text, index) - 0x30
    if (digit < 0 || digit > 9) continue
    const weighted = isDoubled ? digit * 2 : digit
    sum += weighted > 9 ? weighted - 9 : weighted
    isDoubled = !isDoubled
  }
  return sum % 10 === 0
}

const SPACE = 0x20
const HYPHEN = 0x2d
const DOT = 0x2e
const UNDERSCORE = 0x5f
