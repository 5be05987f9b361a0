import { charCodeAt } from '@hardening/core'
import type { SqlLexing } from './lexing.js'
import {
  closeComment,
  closeQuote,
  exponentEnd,
  isDigit,
  isHex,
  isSpace,
  isWord,
  isWordPart,
  nameEnd,
  wordOf,
} from './scan.js'
import { TokenKind, type TokenKindCode } from './token.js'

/** Words that may stand directly behind a number: `1or 1=1` is two tokens and a word to most databases. */
export type GluedWords = ReadonlySet<string>

/** Operators of one character by their codes, so that none is copied. */
const single: readonly string[] = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code))

const noWords: GluedWords = new Set()

/** The state of a lexer, and the tokens that have an inside: comments, literals, numbers, words, variables. */
export abstract class SqlValueLexer {
  kind: TokenKindCode = TokenKind.end
  start = 0
  end = 0
  /** Whether a string, name or comment has its closing mark. */
  closed = true
  /** Where the text between the marks of a string, name or comment begins and ends; the token itself for others. */
  contentStart = 0
  contentEnd = 0
  /** The quote of a string or name. */
  quote = 0
  /** A word in lower case, an operator as written; empty for other kinds. */
  word = ''
  /** White space before the token, or a comment. */
  spaced = false
  /** Characters looked at so far, to prove that the work is linear. */
  steps = 0
  readonly text: string
  protected readonly lexing: SqlLexing
  protected readonly glued: GluedWords
  protected at: number
  protected conditional = 0
  /** How many `/*! ... *\/` were entered. */
  conditionals = 0

  constructor(text: string, lexing: SqlLexing, at = 0, glued: GluedWords = noWords) {
    this.text = text
    this.lexing = lexing
    this.at = at
    this.glued = glued
  }

  /** Where the next token is looked for. */
  get position(): number {
    return this.at
  }

  protected take(kind: TokenKindCode, length: number): void {
    this.kind = kind
    if (kind === TokenKind.operator)
      this.word =
        length === 1 ? (single[charCodeAt(this.text, this.at)] ?? '') : this.text.slice(this.at, this.at + length)
    this.at += length
  }

  protected isDashComment(at: number): boolean {
    if (!this.lexing.dashNeedsSpace) return true
    return at + 2 >= this.text.length || isSpace(charCodeAt(this.text, at + 2))
  }

  protected lineComment(marks: number): void {
    const { text } = this
    let at = this.at + marks
    while (at < text.length) {
      const code = charCodeAt(text, at)
      if (code === 10 || code === 13) break
      at++
    }
    this.kind = TokenKind.comment
    this.contentStart = this.at + marks
    this.contentEnd = at
    this.at = at
  }

  protected blockComment(): void {
    const { text } = this
    const at = this.at + 2
    this.kind = TokenKind.comment
    if (this.lexing.conditionalComments) {
      let mark = at
      if (charCodeAt(text, mark) === 77 || charCodeAt(text, mark) === 109) mark++
      if (charCodeAt(text, mark) === 33) {
        mark++
        for (let digits = 0; digits < 6 && isDigit(charCodeAt(text, mark)); digits++) mark++
        this.conditional++
        this.conditionals++
        this.at = mark
        return
      }
    }
    const end = closeComment(text, at, this.lexing.nestedComments)
    this.closed = end !== -1
    this.at = end === -1 ? text.length : end
    this.contentStart = at
    this.contentEnd = end === -1 ? text.length : end - 2
  }

  protected literal(kind: TokenKindCode, at: number, quote: number, backslash: boolean): void {
    this.kind = kind
    this.quote = quote
    this.at = this.closeQuote(at, quote, backslash)
    this.contentStart = at
    this.contentEnd = this.closed ? this.at - 1 : this.at
  }

  protected closeQuote(from: number, quote: number, backslash: boolean): number {
    const end = closeQuote(this.text, from, quote, backslash)
    this.closed = end !== -1
    return end === -1 ? this.text.length : end
  }

  protected readNumber(): void {
    const { text } = this
    const from = this.at
    let at = from
    const second = charCodeAt(text, at + 1) | 32
    if (charCodeAt(text, at) === 48 && second === 120 && isHex(charCodeAt(text, at + 2))) {
      at += 2
      while (isHex(charCodeAt(text, at))) at++
    } else if (charCodeAt(text, at) === 48 && second === 98 && (charCodeAt(text, at + 2) & 254) === 48) {
      at += 2
      while ((charCodeAt(text, at) & 254) === 48) at++
    } else {
      while (isDigit(charCodeAt(text, at))) at++
      if (charCodeAt(text, at) === 46) {
        at++
        if (
          this.lexing.conditionalComments &&
          (charCodeAt(text, at) | 32) === 101 &&
          !isWordPart(charCodeAt(text, at + 1))
        ) {
          // MySQL overlooks a number that ends in `.e`.
          this.kind = TokenKind.comment
          this.at = at + 1
          return
        }
        while (isDigit(charCodeAt(text, at))) at++
      }
      at = exponentEnd(text, at)
    }
    this.kind = TokenKind.number
    this.at = at
    if (!isWord(charCodeAt(text, at))) return
    const end = nameEnd(text, at, false)
    this.steps += end - at
    if (end - at <= 9 && this.glued.has(text.slice(at, end).toLowerCase())) return
    this.kind = TokenKind.word
    this.at = end
    this.word = wordOf(text, from, end)
  }

  protected readWord(): void {
    const { text } = this
    const from = this.at
    const at = nameEnd(text, from + 1, false)
    const next = charCodeAt(text, at)
    if (next === 39 && at - from <= 2) {
      const prefix = charCodeAt(text, from) | 32
      if (at - from === 1 && (prefix === 110 || prefix === 120 || prefix === 98))
        return this.literal(TokenKind.string, at + 1, 39, this.lexing.backslash)
      if (at - from === 1 && prefix === 101 && this.lexing.escapeStrings)
        return this.literal(TokenKind.string, at + 1, 39, true)
      if (this.lexing.qQuotes && (charCodeAt(text, at - 1) | 32) === 113 && (at - from === 1 || prefix === 110))
        return this.qQuote(at + 1)
    }
    if (next === 38 && at - from === 1 && (charCodeAt(text, from) | 32) === 117 && charCodeAt(text, at + 1) === 39)
      return this.literal(TokenKind.string, at + 2, 39, false)
    this.kind = TokenKind.word
    this.at = at
    this.word = wordOf(text, from, at)
  }

  /** Oracle: `q'[ ... ]'`, any delimiter. */
  protected qQuote(at: number): void {
    const { text } = this
    this.kind = TokenKind.string
    this.quote = 39
    const opening = text.charAt(at)
    const closing =
      opening === '[' ? ']' : opening === '{' ? '}' : opening === '(' ? ')' : opening === '<' ? '>' : opening
    const end = opening === '' ? -1 : text.indexOf(`${closing}'`, at + 1)
    this.closed = end !== -1
    this.contentStart = at + 1
    this.contentEnd = end === -1 ? text.length : end
    this.at = end === -1 ? text.length : end + 2
  }

  protected readVariable(): void {
    const { text } = this
    let at = this.at + 1
    if (charCodeAt(text, at) === 64) at++
    this.kind = TokenKind.variable
    const mark = charCodeAt(text, at)
    if (mark === 96 || mark === 39 || mark === 34) {
      this.at = this.closeQuote(at + 1, mark, false)
      this.word = '@'
      return
    }
    at = nameEnd(text, at, true)
    this.word = wordOf(text, this.at, at)
    this.at = at
  }

  protected placeholder(marks: number): void {
    const { text } = this
    const at = nameEnd(text, this.at + marks, false)
    this.kind = TokenKind.variable
    this.word = ':'
    this.at = at
  }

  protected readDollar(): void {
    const { text } = this
    const from = this.at
    if (!this.lexing.dollarQuotes) {
      this.take(TokenKind.other, 1)
      return
    }
    let at = from + 1
    if (isDigit(charCodeAt(text, at))) return this.placeholder(1)
    while (at < text.length && at - from <= 64 && (isWord(charCodeAt(text, at)) || isDigit(charCodeAt(text, at)))) at++
    if (charCodeAt(text, at) !== 36) {
      this.take(TokenKind.other, 1)
      return
    }
    const tag = text.slice(from, at + 1)
    const end = text.indexOf(tag, at + 1)
    this.kind = TokenKind.string
    this.quote = 36
    this.closed = end !== -1
    this.contentStart = at + 1
    this.contentEnd = end === -1 ? text.length : end
    this.at = end === -1 ? text.length : end + tag.length
  }
}
