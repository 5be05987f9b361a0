import type { SqlLexing } from './lexing.js'
import {
  classes,
  closeComment,
  closeQuote,
  digitClass,
  exponentEnd,
  isDigit,
  isHex,
  isSpace,
  isWord,
  isWordPart,
  nameEnd,
  operatorLength,
  wordClass,
  wordOf,
} from './scan.js'
import { TokenKind, type TokenKindCode } from './token.js'

/** Words that may stand directly behind a number: `1or 1=1` is two tokens and a word to most databases. */
export type GluedWords = ReadonlySet<string>

const noWords: GluedWords = new Set()

/**
 * Reads SQL text token by token, forwards only: the work is linear in the text whatever it contains. The fields describe
 * the token that {@link SqlLexer.next} has read last.
 */
export class SqlLexer {
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
  readonly #lexing: SqlLexing
  readonly #glued: GluedWords
  #at: number
  #conditional = 0
  /** How many `/*! ... *\/` were entered. */
  conditionals = 0

  constructor(text: string, lexing: SqlLexing, at = 0, glued: GluedWords = noWords) {
    this.text = text
    this.#lexing = lexing
    this.#at = at
    this.#glued = glued
  }

  /** Where the next token is looked for. */
  get position(): number {
    return this.#at
  }

  /** Continues behind the literal of `quote` that was open when the text began; `false` where it never closes. */
  leaveLiteral(quote: number): boolean {
    this.start = this.#at
    this.#at = this.#closeQuote(this.#at, quote, this.#lexing.backslash && quote !== 96)
    return this.closed
  }

  next(): TokenKindCode {
    const { text } = this
    let at = this.#at
    const from = at
    while (at < text.length && isSpace(text.charCodeAt(at))) at++
    this.spaced = at > from
    this.start = at
    this.word = ''
    this.closed = true
    this.quote = 0
    this.contentStart = -1
    if (at >= text.length) {
      this.end = this.#at = text.length
      this.steps += at - from + 1
      return (this.kind = TokenKind.end)
    }
    const code = text.charCodeAt(at)
    this.#at = at
    if (code >= 128 || classes[code] === wordClass) this.#word()
    else if (classes[code] === digitClass) this.#number()
    else this.#mark(code)
    this.end = this.#at
    if (this.contentStart < 0) {
      this.contentStart = this.start
      this.contentEnd = this.end
    }
    this.steps += this.#at - from + 1
    return this.kind
  }

  #take(kind: TokenKindCode, length: number): void {
    this.kind = kind
    if (kind === TokenKind.operator) this.word = this.text.substr(this.#at, length)
    this.#at += length
  }

  #mark(code: number): void {
    const { text } = this
    const at = this.#at
    const next = text.charCodeAt(at + 1)
    switch (code) {
      case 39: // '
        return this.#literal(TokenKind.string, at + 1, code, this.#lexing.backslash)
      case 34: // "
        return this.#lexing.doubleQuoteIsString
          ? this.#literal(TokenKind.string, at + 1, code, this.#lexing.backslash)
          : this.#literal(TokenKind.name, at + 1, code, false)
      case 96: // `
        if (this.#lexing.backticks) return this.#literal(TokenKind.name, at + 1, code, false)
        return this.#take(TokenKind.other, 1)
      case 91: // [
        if (this.#lexing.brackets) return this.#literal(TokenKind.name, at + 1, 93, false)
        return this.#take(TokenKind.other, 1)
      case 40: // (
        return this.#take(TokenKind.open, 1)
      case 41: // )
        return this.#take(TokenKind.close, 1)
      case 44: // ,
        return this.#take(TokenKind.comma, 1)
      case 59: // ;
        return this.#take(TokenKind.semicolon, 1)
      case 46: // .
        return isDigit(next) ? this.#number() : this.#take(TokenKind.dot, 1)
      case 35: // #
        if (this.#lexing.hashComment) return this.#lineComment(1)
        return this.#take(TokenKind.operator, 1)
      case 45: // -
        if (next === 45 && this.#isDashComment(at)) return this.#lineComment(2)
        if (next === 62) return this.#take(TokenKind.operator, text.charCodeAt(at + 2) === 62 ? 3 : 2)
        return this.#take(TokenKind.operator, 1)
      case 47: // /
        if (next === 42) return this.#blockComment()
        return this.#take(TokenKind.operator, 1)
      case 42: // *
        if (next === 47 && this.#conditional > 0) {
          this.#conditional--
          this.#at += 2
          this.kind = TokenKind.comment
          return
        }
        return this.#take(TokenKind.operator, 1)
      case 64: // @
        return this.#variable()
      case 36: // $
        return this.#dollar()
      case 58: // :
        if (next === 58 || next === 61) return this.#take(TokenKind.operator, 2)
        if (isWord(next) || isDigit(next)) return this.#placeholder(1)
        return this.#take(TokenKind.other, 1)
      case 63: // ?
        return this.#take(TokenKind.other, 1)
      case 92: // \
        // \N is NULL to MySQL.
        if (next === 78) {
          this.word = 'null'
          this.#take(TokenKind.word, 2)
          return
        }
        return this.#take(TokenKind.other, 1)
      default: {
        const length = operatorLength(text, at)
        return length === 0 ? this.#take(TokenKind.other, 1) : this.#take(TokenKind.operator, length)
      }
    }
  }

  #isDashComment(at: number): boolean {
    if (!this.#lexing.dashNeedsSpace) return true
    return at + 2 >= this.text.length || isSpace(this.text.charCodeAt(at + 2))
  }

  #lineComment(marks: number): void {
    const { text } = this
    let at = this.#at + marks
    while (at < text.length) {
      const code = text.charCodeAt(at)
      if (code === 10 || code === 13) break
      at++
    }
    this.kind = TokenKind.comment
    this.contentStart = this.#at + marks
    this.contentEnd = at
    this.#at = at
  }

  #blockComment(): void {
    const { text } = this
    const at = this.#at + 2
    this.kind = TokenKind.comment
    if (this.#lexing.conditionalComments) {
      let mark = at
      if (text.charCodeAt(mark) === 77 || text.charCodeAt(mark) === 109) mark++
      if (text.charCodeAt(mark) === 33) {
        mark++
        for (let digits = 0; digits < 6 && isDigit(text.charCodeAt(mark)); digits++) mark++
        this.#conditional++
        this.conditionals++
        this.#at = mark
        return
      }
    }
    const end = closeComment(text, at, this.#lexing.nestedComments)
    this.closed = end !== -1
    this.#at = end === -1 ? text.length : end
    this.contentStart = at
    this.contentEnd = end === -1 ? text.length : end - 2
  }

  #literal(kind: TokenKindCode, at: number, quote: number, backslash: boolean): void {
    this.kind = kind
    this.quote = quote
    this.#at = this.#closeQuote(at, quote, backslash)
    this.contentStart = at
    this.contentEnd = this.closed ? this.#at - 1 : this.#at
  }

  #closeQuote(from: number, quote: number, backslash: boolean): number {
    const end = closeQuote(this.text, from, quote, backslash)
    this.closed = end !== -1
    return end === -1 ? this.text.length : end
  }

  #number(): void {
    const { text } = this
    const from = this.#at
    let at = from
    const second = text.charCodeAt(at + 1) | 32
    if (text.charCodeAt(at) === 48 && second === 120 && isHex(text.charCodeAt(at + 2))) {
      at += 2
      while (isHex(text.charCodeAt(at))) at++
    } else if (text.charCodeAt(at) === 48 && second === 98 && (text.charCodeAt(at + 2) & 254) === 48) {
      at += 2
      while ((text.charCodeAt(at) & 254) === 48) at++
    } else {
      while (isDigit(text.charCodeAt(at))) at++
      if (text.charCodeAt(at) === 46) {
        at++
        if (
          this.#lexing.conditionalComments &&
          (text.charCodeAt(at) | 32) === 101 &&
          !isWordPart(text.charCodeAt(at + 1))
        ) {
          // MySQL overlooks a number that ends in `.e`.
          this.kind = TokenKind.comment
          this.#at = at + 1
          return
        }
        while (isDigit(text.charCodeAt(at))) at++
      }
      at = exponentEnd(text, at)
    }
    this.kind = TokenKind.number
    this.#at = at
    if (!isWord(text.charCodeAt(at))) return
    const end = nameEnd(text, at, false)
    this.steps += end - at
    if (end - at <= 9 && this.#glued.has(text.slice(at, end).toLowerCase())) return
    this.kind = TokenKind.word
    this.#at = end
    this.word = wordOf(text, from, end)
  }

  #word(): void {
    const { text } = this
    const from = this.#at
    const at = nameEnd(text, from + 1, false)
    const next = text.charCodeAt(at)
    if (next === 39 && at - from <= 2) {
      const prefix = text.charCodeAt(from) | 32
      if (at - from === 1 && (prefix === 110 || prefix === 120 || prefix === 98))
        return this.#literal(TokenKind.string, at + 1, 39, this.#lexing.backslash)
      if (at - from === 1 && prefix === 101 && this.#lexing.escapeStrings)
        return this.#literal(TokenKind.string, at + 1, 39, true)
      if (this.#lexing.qQuotes && (text.charCodeAt(at - 1) | 32) === 113 && (at - from === 1 || prefix === 110))
        return this.#qQuote(at + 1)
    }
    if (next === 38 && at - from === 1 && (text.charCodeAt(from) | 32) === 117 && text.charCodeAt(at + 1) === 39)
      return this.#literal(TokenKind.string, at + 2, 39, false)
    this.kind = TokenKind.word
    this.#at = at
    this.word = wordOf(text, from, at)
  }

  /** Oracle: `q'[ ... ]'`, any delimiter. */
  #qQuote(at: number): void {
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
    this.#at = end === -1 ? text.length : end + 2
  }

  #variable(): void {
    const { text } = this
    let at = this.#at + 1
    if (text.charCodeAt(at) === 64) at++
    this.kind = TokenKind.variable
    const mark = text.charCodeAt(at)
    if (mark === 96 || mark === 39 || mark === 34) {
      this.#at = this.#closeQuote(at + 1, mark, false)
      this.word = '@'
      return
    }
    at = nameEnd(text, at, true)
    this.word = wordOf(text, this.#at, at)
    this.#at = at
  }

  #placeholder(marks: number): void {
    const { text } = this
    const at = nameEnd(text, this.#at + marks, false)
    this.kind = TokenKind.variable
    this.word = ':'
    this.#at = at
  }

  #dollar(): void {
    const { text } = this
    const from = this.#at
    if (!this.#lexing.dollarQuotes) {
      this.#take(TokenKind.other, 1)
      return
    }
    let at = from + 1
    if (isDigit(text.charCodeAt(at))) return this.#placeholder(1)
    while (at < text.length && at - from <= 64 && (isWord(text.charCodeAt(at)) || isDigit(text.charCodeAt(at)))) at++
    if (text.charCodeAt(at) !== 36) {
      this.#take(TokenKind.other, 1)
      return
    }
    const tag = text.slice(from, at + 1)
    const end = text.indexOf(tag, at + 1)
    this.kind = TokenKind.string
    this.quote = 36
    this.closed = end !== -1
    this.contentStart = at + 1
    this.contentEnd = end === -1 ? text.length : end
    this.#at = end === -1 ? text.length : end + tag.length
  }
}
