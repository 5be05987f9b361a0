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
set('[', Mark.bracket)
set('#', Mark.hash)
set('),@^!~-*>', Mark.other)
set('_', Mark.underscore)

/** Which marks a text has. One pass over its characters. */
export function marksOf(text: string): number {
  let marks = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code < 128) marks |= table[code] as number
    else if (code >= 0x02b9 || code === 0xbc) marks |= Mark.wide
  }
  return marks
}

/** Marks that may hide others: text that has them may decode to anything. */
export const encodingMarks: number = Mark.percent | Mark.backslash | Mark.ampersand | Mark.wide | Mark.plus
