import { isAlphanumeric, isDigit } from './characters.js'
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

// How the digits are grouped where they are.
const GROUPINGS = ['4,4,4,4', '4,4,4,4,3', '4,6,5', '4,6,4'] as const
const MOST_GROUPS = 5

/** Numbers of payment cards by beginning, length and check digit (ISO/IEC 7812-1 annex B), in one piece or grouped. */
export function hideCards(text: string, { replacement }: Scan): string {
  const cuts = new Cuts(text, replacement)
  let index = 0
  while (index < text.length) {
    if (!isDigit(text.charCodeAt(index))) {
      index++
      continue
    }
    const end = endOfDigits(text, index)
    const before = text.charCodeAt(index - 1)
    const cardEnd = isPartOfWord(before) || before === DOT ? -1 : endOfCard(text, index, end)
    if (cardEnd !== -1) cuts.cut(index, cardEnd)
    index = cardEnd === -1 ? end : cardEnd
  }
  return cuts.done()
}

/** The end of the card number that begins at `start`, or -1; `end` is where the first digits end. */
function endOfCard(text: string, start: number, end: number): number {
  if (end - start >= 14) return end - start <= 19 && isWhole(text, end) && isCard(text.slice(start, end)) ? end : -1
  if (end - start !== 4) return -1
  const separator = text.charCodeAt(end)
  if (separator !== SPACE && separator !== HYPHEN) return -1
  let digits = text.slice(start, end)
  let grouping = '4'
  let last = end
  let found = -1
  for (let group = 1; group < MOST_GROUPS && text.charCodeAt(last) === separator; group++) {
    const groupEnd = endOfDigits(text, last + 1)
    const length = groupEnd - last - 1
    if (length < 3 || length > 6) break
    grouping += `,${length}`
    digits += text.slice(last + 1, groupEnd)
    last = groupEnd
    if ((GROUPINGS as readonly string[]).includes(grouping) && isWhole(text, last) && isCard(digits)) found = last
  }
  return found
}

/** The end of a row of digits. */
function endOfDigits(text: string, start: number): number {
  let end = start
  while (end < text.length && isDigit(text.charCodeAt(end))) end++
  return end
}

function isWhole(text: string, end: number): boolean {
  const code = text.charCodeAt(end)
  if (isPartOfWord(code)) return false
  // 4111111111111111.5 is a measure.
  return code !== DOT || !isDigit(text.charCodeAt(end + 1))
}

function isPartOfWord(code: number): boolean {
  return isAlphanumeric(code) || code === UNDERSCORE
}

function isCard(digits: string): boolean {
  const beginning = Number(digits.slice(0, 6))
  for (const [from, to, shortest, longest] of RANGES) {
    if (beginning >= from && beginning <= to && digits.length >= shortest && digits.length <= longest) {
      return hasCheckDigit(digits)
    }
  }
  return false
}

/** The formula of Luhn. */
function hasCheckDigit(digits: string): boolean {
  let sum = 0
  for (let index = 0; index < digits.length; index++) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - 0x30
    const weighted = index % 2 === 0 ? digit : digit * 2
    sum += weighted > 9 ? weighted - 9 : weighted
  }
  return sum % 10 === 0
}

const SPACE = 0x20
const HYPHEN = 0x2d
const DOT = 0x2e
const UNDERSCORE = 0x5f
