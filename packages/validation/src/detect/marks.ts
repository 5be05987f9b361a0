import { charCodeAt } from '@hardening/core'
import { gramClasses, grams } from './hints.js'
import { WordClass, classOfWordAt, sqlWords } from './sql/words.js'

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
  /** `,`, `@`, `^`, `!`, `~`, `-`, `*`, `>` */
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
  /** `==`, `||`, `&&` */
  twin: 134_217_728,
  /** `)` */
  close: 268_435_456,
} as const

const table = new Int32Array(128)
function set(chars: string, mark: number): void {
  for (const char of chars) table[charCodeAt(char, 0)] = (table[charCodeAt(char, 0)] as number) | mark
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
set(',@^!~-*>', Mark.other)
set(')', Mark.close)
set('_', Mark.underscore)

/** Which pairs of letters the words of SQL begin with. */
const beginnings = new Uint8Array(26 * 26)
for (const word of sqlWords()) {
  beginnings[(charCodeAt(word, 0) - 97) * 26 + charCodeAt(word, 1) - 97] = 1
}
const longestWord = 16

// Constants of this module are found at once, those of another by way of its bindings: the loop below runs for every text.
const classes: Uint8Array = gramClasses
const families: Uint16Array = grams
const gramMask = 0x7fff
const wideMark = Mark.wide
const wordMark = Mark.word
const pairMark = Mark.pair

/** What one pass over a text finds: its marks, and the families of words that it may have. */
export class Traits {
  marks = 0
  hints = 0

  /** Looks at every character once; at words only where their first two letters fit. */
  look(text: string): void {
    const { length } = text
    let marks = 0
    let hints = 0
    // The mark before; 0 behind a letter.
    let before = -1
    let gram = 0
    for (let at = 0; at < length; at++) {
      const code = charCodeAt(text, at)
      if (code >= 128) {
        gram = (gram << 5) & gramMask
        if (code >= 0x02b9 || code === 0xbc) marks |= wideMark
        before = code
        continue
      }
      const kind = classes[code] as number
      gram = ((gram << 5) | kind) & gramMask
      hints |= families[gram] as number
      if (kind > 0 && kind <= 26) {
        if (before !== 0 && (marks & wordMark) === 0 && isSqlWord(text, at, kind - 1)) marks |= wordMark
        before = 0
        continue
      }
      marks |= table[code] as number
      if (code === before) marks |= doubled[code] as number
      else if (code === 42 && before === 47) marks |= pairMark
      before = code === 0 ? -1 : code
    }
    this.marks = length >= 12 && length % 4 === 0 && (marks & notCoded) === 0 ? marks | Mark.coded : marks
    this.hints = hints
  }
}

/** What a mark that stands twice means besides. */
const doubled = new Int32Array(128)
doubled[45] = doubled[64] = Mark.pair
doubled[46] = Mark.dots
doubled[61] = doubled[124] = doubled[38] = Mark.twin

/** All that neither letters nor digits nor `+/=-_` are. */
const notCoded = ~(
  Mark.plus |
  Mark.slash |
  Mark.equals |
  Mark.digit |
  Mark.word |
  Mark.other |
  Mark.pair |
  Mark.twin |
  Mark.underscore
)

function isSqlWord(text: string, from: number, first: number): boolean {
  const second = (charCodeAt(text, from + 1) | 32) - 97
  if (second < 0 || second > 25 || beginnings[first * 26 + second] === 0) return false
  let to = from + 2
  while (to - from <= longestWord) {
    const lower = charCodeAt(text, to) | 32
    if (lower < 97 || lower > 122) break
    to++
  }
  return classOfWordAt(text, from, to) !== WordClass.name
}

/** Marks that may hide others: text that has them may decode to anything. */
export const encodingMarks: number = Mark.percent | Mark.backslash | Mark.ampersand | Mark.wide | Mark.plus | Mark.coded
