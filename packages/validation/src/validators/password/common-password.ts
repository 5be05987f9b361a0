import { commonSuffixes, commonWords, keyboardRows } from './common-words.js'

/** Place of a word in the list, 1 the commonest. */
const ranks: ReadonlyMap<string, number> = /* @__PURE__ */ new Map(
  /* @__PURE__ */ [...new Set(commonWords)].map((word, at) => [word, at + 1] as const),
)

const leet: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '8': 'b',
  '@': 'a',
  $: 's',
  '!': 'i',
  '+': 't',
  '|': 'l',
  '€': 'e',
}

/** Characters of the longest word that is looked up. */
export const longestWord = 16

/** Letters that stand behind digits and signs: `p4$$w0rd` is `password`. Same length as the text. */
export function withoutLeet(text: string): string {
  let plain = ''
  for (let at = 0; at < text.length; at++) plain += leet[text.charAt(at)] ?? text.charAt(at)
  return plain
}

/** Place of a word in the list of common ones; `undefined` where it is not in it. */
export function wordRank(word: string): number | undefined {
  return word.length > longestWord ? undefined : ranks.get(word)
}

/**
 * Whether a password is one of those that are tried first: a common word with what people put around it, in any case and leet
 * spelling, doubled or backwards; a walk over the keyboard; a run of digits or of one letter; a date. Looks at no more than 40
 * characters, because none of them is longer.
 */
export function isCommonPassword(password: string): boolean {
  if (password.length > 40) return false
  const lower = password.toLowerCase()
  return (
    runLength(lower, 0) >= Math.max(4, lower.length) || isDate(lower) || isDecorated(lower) || isDecorated(half(lower))
  )
}

function half(text: string): string {
  const middle = text.length / 2
  return Number.isInteger(middle) && text.slice(0, middle) === text.slice(middle) ? text.slice(0, middle) : ''
}

/** Whether it is a word, walk or run with a common suffix, prefix or both. */
function isDecorated(text: string): boolean {
  if (text === '') return false
  const plain = withoutLeet(text)
  for (let from = 0; from <= Math.min(6, text.length - 1); from++) {
    if (from > 0 && !commonSuffixes.has(text.slice(0, from))) continue
    for (let to = text.length; to > from + 1; to--) {
      if (to < text.length && !commonSuffixes.has(text.slice(to))) continue
      if (isBase(text.slice(from, to)) || isBase(plain.slice(from, to))) return true
    }
  }
  return false
}

function isBase(text: string): boolean {
  if (wordRank(text) !== undefined) return true
  if (wordRank(reversed(text)) !== undefined) return true
  return (text.length > 3 && walkLength(text, 0) === text.length) || isTwoWords(text)
}

function isTwoWords(text: string): boolean {
  for (let at = 3; at <= text.length - 3; at++) {
    const first = wordRank(text.slice(0, at))
    // Two words at random are a fair start; two of the very commonest, such as `iloveyou` and `monkey`, are not.
    if (first !== undefined && first <= 30 && (wordRank(text.slice(at)) ?? 99) <= 30) return true
  }
  return false
}

/** A text from its end to its start, by UTF-16 units. */
export function reversed(text: string): string {
  let back = ''
  for (let at = text.length - 1; at >= 0; at--) back += text.charAt(at)
  return back
}

const allRows: readonly string[] = /* @__PURE__ */ keyboardRows.flatMap((row) => [row, reversed(row)])

/** How many characters from `from` on run along one row of a keyboard, either way; 0 where fewer than 4 do. */
export function walkLength(text: string, from: number): number {
  let longest = 0
  const first = text.charAt(from)
  const second = text.charAt(from + 1)
  for (const row of allRows) {
    const at = row.indexOf(first)
    if (at === -1 || row.charAt(at + 1) !== second) continue
    let length = 2
    while (from + length < text.length && row.charAt(at + length) === text.charAt(from + length)) length++
    longest = Math.max(longest, length)
  }
  return longest < 4 ? 0 : longest
}

/** How many characters from `from` on are one again and again, or each the next to the one before: `aaa`, `abc`, `987`. */
export function runLength(text: string, from: number): number {
  const step = text.charCodeAt(from + 1) - text.charCodeAt(from)
  if (!(Math.abs(step) <= 1)) return 1
  let length = 2
  for (; from + length < text.length; length++) {
    const at = from + length
    // The zero that follows the nine of a keyboard counts as the next.
    const wraps = text.charAt(at) === '0' && text.charAt(at - 1) === '9' && step === 1
    if (text.charCodeAt(at) - text.charCodeAt(at - 1) !== step && !wraps) break
  }
  return length
}

/** Whether it is a day: `01011990`, `1990-01-01`, `31.12.85`, `1/1/2000`, `850101`. */
export function isDate(text: string): boolean {
  if (text.length < 6 || text.length > 10) return false
  const parts = /^\d+$/.test(text) ? undefined : /^(\d{1,4})[-./ ](\d{1,2})[-./ ](\d{1,4})$/.exec(text)
  if (parts === null) return false
  if (parts !== undefined) return isDay(parts[1] as string, parts[2] as string, parts[3] as string)
  const year = text.length - 4
  if (text.length !== 6 && text.length !== 8) return false
  return (
    isDay(text.slice(0, 2), text.slice(2, 4), text.slice(4)) ||
    isDay(text.slice(0, year), text.slice(year, year + 2), text.slice(year + 2))
  )
}

/** Whether three numbers are a day, with the year at either end. */
function isDay(first: string, middle: string, last: string): boolean {
  const inMonth = (day: string, month: string): boolean =>
    Number(day) >= 1 && Number(day) <= 31 && Number(month) >= 1 && Number(month) <= 12
  if (isYear(last) && (inMonth(first, middle) || inMonth(middle, first))) return true
  return isYear(first) && inMonth(last, middle)
}

function isYear(digits: string): boolean {
  return digits.length === 2 || (digits.length === 4 && /^(?:19|20)/.test(digits))
}

/** How many passwords the words and suffixes stand for, before case, leet spelling, prefixes and doubling. */
export function commonPasswordCount(): number {
  return ranks.size * commonSuffixes.size
}
