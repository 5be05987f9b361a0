import { WordClass, classOfWord, sqlWords } from './sql/words.js'

/** Characters that a detector needs to see before it reads a text at all, as bits. */
export const Mark = {
  percent: 1,
  plus: 2,
  space: 4,
  /** Characters beyond ASCII that fold to ASCII marks, and null bytes. */
  wide: 8,
  /** `\` */
  backslash: 16,
  /** `&` */
  ampersand: 32,
  /** Any quote. */
  quote: 64,
  less: 128,
  equals: 256,
  colon: 512,
  open: 1024,
  digit: 2048,
  slash: 4096,
  dot: 8192,
  dollar: 16_384,
  brace: 32_768,
  /** `;` and `|` */
  separator: 65_536,
  newline: 131_072,
  bracket: 262_144,
  hash: 524_288,
  backtick: 1_048_576,
  /** `)`, `,`, `@`, `^`, `!`, `~`, `-`, `*`, `>` */
  other: 2_097_152,
  underscore: 4_194_304,
  /** A word that SQL gives a meaning to. */
  word: 8_388_608,
  /** Two marks that begin a comment or a variable of SQL: `--`, slash and asterisk, `@@`. */
  pair: 16_777_216,
  /** `..` */
  dots: 33_554_432,
  /** Nothing but what Base64 is written with, of a length it may have. */
  coded: 67_108_864,
} as const

const table = new Int32Array(128)
function set(chars: string, mark: number): void {
  for (const char of chars) table[char.charCodeAt(0)] = (table[char.charCodeAt(0)] as number) | mark
}
set('%', Mark.percent)
set('+', Mark.plus)
set(' ', Mark.space)
set('\0', Mark.wide)
set('\\', Mark.backslash)
set('&', Mark.ampersand)
set('\'"`', Mark.quote)
set('`', Mark.backtick)
set('<', Mark.less)
set('=', Mark.equals)
set(':', Mark.colon)
set('(', Mark.open)
set('0123456789', Mark.digit)
set('/', Mark.slash)
set('.', Mark.dot)
set('$', Mark.dollar)
set('{', Mark.brace)
set(';|', Mark.separator)
set('\r\n', Mark.newline)
set('[]', Mark.bracket)
set('#', Mark.hash)
set('),@^!~-*>', Mark.other)
set('_', Mark.underscore)

/** Which pairs of letters the words of SQL begin with. */
const beginnings = new Uint8Array(26 * 26)
for (const word of sqlWords()) {
  beginnings[(word.charCodeAt(0) - 97) * 26 + word.charCodeAt(1) - 97] = 1
}
const longestWord = 16

/** Which marks a text has. One pass over its characters; words are only looked at where two letters fit. */
export function marksOf(text: string): number {
  const { length } = text
  let marks = 0
  let before = 0
  let isInside = false
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at)
    const lower = code | 32
    if (lower >= 97 && lower <= 122) {
      if (!isInside) {
        isInside = true
        if ((marks & Mark.word) === 0 && isSqlWord(text, at, lower)) marks |= Mark.word
      }
      before = 0
      continue
    }
    isInside = false
    if (code < 128) {
      marks |= table[code] as number
      if (code === before) {
        if (code === 45 || code === 64) marks |= Mark.pair
        else if (code === 46) marks |= Mark.dots
      } else if (code === 42 && before === 47) marks |= Mark.pair
    } else if (code >= 0x02b9 || code === 0xbc) marks |= Mark.wide
    before = code
  }
  return length >= 12 && length % 4 === 0 && (marks & notCoded) === 0 ? marks | Mark.coded : marks
}

/** All that neither letters nor digits nor `+/=-_` are. */
const notCoded = ~(
  Mark.plus |
  Mark.slash |
  Mark.equals |
  Mark.digit |
  Mark.word |
  Mark.other |
  Mark.pair |
  Mark.underscore
)

function isSqlWord(text: string, from: number, first: number): boolean {
  const second = (text.charCodeAt(from + 1) | 32) - 97
  if (second < 0 || second > 25 || beginnings[(first - 97) * 26 + second] === 0) return false
  let to = from + 2
  while (to - from <= longestWord) {
    const lower = text.charCodeAt(to) | 32
    if (lower < 97 || lower > 122) break
    to++
  }
  return classOfWord(text.slice(from, to).toLowerCase()) !== WordClass.name
}

/** Marks that may hide others: text that has them may decode to anything. */
export const encodingMarks: number = Mark.percent | Mark.backslash | Mark.ampersand | Mark.wide | Mark.plus | Mark.coded
