import { charCodeAt } from '@hardening/core'

const named: ReadonlyMap<string, string> = new Map(
  Object.entries({
    lt: '<',
    LT: '<',
    gt: '>',
    GT: '>',
    amp: '&',
    AMP: '&',
    quot: '"',
    QUOT: '"',
    apos: "'",
    nbsp: '\u00a0',
    colon: ':',
    lpar: '(',
    rpar: ')',
    Tab: '\t',
    NewLine: '\n',
    sol: '/',
    bsol: '\\',
    semi: ';',
    comma: ',',
    period: '.',
    equals: '=',
    excl: '!',
    num: '#',
    dollar: '$',
    percnt: '%',
    ast: '*',
    plus: '+',
    lbrace: '{',
    lcub: '{',
    rbrace: '}',
    rcub: '}',
    lbrack: '[',
    lsqb: '[',
    rbrack: ']',
    rsqb: ']',
    grave: '`',
    DiacriticalGrave: '`',
    lowbar: '_',
    hyphen: '\u2010',
    vert: '|',
    verbar: '|',
    quest: '?',
    commat: '@',
    Hat: '^',
  }),
)

/** Longest name in the table, so that a lonely `&` costs a few steps. */
const longestName = 16

/**
 * Decodes character references once, as HTML does: decimal and hexadecimal ones also without semicolon and with any
 * number of zeros; named ones that stand for ASCII marks.
 */
export function decodeEntities(text: string): string {
  let at = text.indexOf('&')
  if (at === -1) return text
  let result = ''
  let from = 0
  while (at !== -1) {
    let end = at + 1
    if (charCodeAt(text, end) !== 35 && !isLetter(charCodeAt(text, end))) {
      at = text.indexOf('&', end)
      continue
    }
    let decoded = ''
    if (charCodeAt(text, end) === 35) {
      end++
      const hex = (charCodeAt(text, end) | 32) === 120
      if (hex) end++
      const digits = end
      let value = 0
      for (;;) {
        const digit = digitValue(charCodeAt(text, end))
        if (digit < 0 || (!hex && digit > 9)) break
        value = Math.min(value * (hex ? 16 : 10) + digit, 0x110000)
        end++
      }
      if (end > digits && value > 0 && value < 0x110000) {
        decoded = String.fromCodePoint(value)
        if (charCodeAt(text, end) === 59) end++
      }
    } else {
      while (end - at <= longestName && isLetter(charCodeAt(text, end))) end++
      const semicolon = charCodeAt(text, end) === 59
      const value = semicolon ? named.get(text.slice(at + 1, end)) : undefined
      if (value !== undefined) {
        decoded = value
        end++
      } else {
        // The oldest names need no semicolon, and end where they end: `&ltscript` is `<script`.
        const oldest = oldestAt(text, at + 1)
        if (oldest !== undefined) {
          decoded = oldest.value
          end = at + 1 + oldest.length
          if (charCodeAt(text, end) === 59) end++
        }
      }
    }
    if (decoded !== '') {
      result += text.slice(from, at) + decoded
      from = end
    }
    at = text.indexOf('&', decoded === '' ? at + 1 : end)
  }
  return from === 0 ? text : result + text.slice(from)
}

interface Oldest {
  readonly length: number
  readonly value: string
}

const lessThan: Oldest = { length: 2, value: '<' }
const greaterThan: Oldest = { length: 2, value: '>' }
const ampersand: Oldest = { length: 3, value: '&' }
const quotation: Oldest = { length: 4, value: '"' }

function oldestAt(text: string, at: number): Oldest | undefined {
  const second = charCodeAt(text, at + 1) | 32
  switch (charCodeAt(text, at) | 32) {
    case 108: // l
      return second === 116 ? lessThan : undefined
    case 103: // g
      return second === 116 ? greaterThan : undefined
    case 97: // a
      return second === 109 && (charCodeAt(text, at + 2) | 32) === 112 ? ampersand : undefined
    case 113: // q
      return second === 117 && /^quot/i.test(text.slice(at, at + 4)) ? quotation : undefined
    default:
      return undefined
  }
}

function digitValue(code: number): number {
  if (code >= 48 && code <= 57) return code - 48
  const lower = code | 32
  return lower >= 97 && lower <= 102 ? lower - 87 : -1
}

function isLetter(code: number): boolean {
  const lower = code | 32
  return lower >= 97 && lower <= 122
}
