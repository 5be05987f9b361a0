import { charCodeAt } from '@hardening/core'
import { classes, digitClass, isDigit, isSpace, isWord, operatorLength, wordClass } from './scan.js'
import { TokenKind, type TokenKindCode } from './token.js'
import { SqlValueLexer } from './value-lexer.js'

/**
 * Reads SQL text token by token, forwards only: the work is linear in the text whatever it contains. The fields describe
 * the token that {@link SqlLexer.next} has read last.
 */
export class SqlLexer extends SqlValueLexer {
  /** Continues behind the literal of `quote` that was open when the text began; `false` where it never closes. */
  leaveLiteral(quote: number): boolean {
    this.start = this.at
    this.at = this.closeQuote(this.at, quote, this.lexing.backslash && quote !== 96)
    return this.closed
  }

  next(): TokenKindCode {
    const { text } = this
    let at = this.at
    const from = at
    while (at < text.length && isSpace(charCodeAt(text, at))) at++
    this.spaced = at > from
    this.start = at
    this.word = ''
    this.closed = true
    this.quote = 0
    this.contentStart = -1
    if (at >= text.length) {
      this.end = this.at = text.length
      this.steps += at - from + 1
      return (this.kind = TokenKind.end)
    }
    const code = charCodeAt(text, at)
    this.at = at
    if (code >= 128 || classes[code] === wordClass) this.readWord()
    else if (classes[code] === digitClass) this.readNumber()
    else this.readMark(code)
    this.end = this.at
    if (this.contentStart < 0) {
      this.contentStart = this.start
      this.contentEnd = this.end
    }
    this.steps += this.at - from + 1
    return this.kind
  }

  protected readMark(code: number): void {
    const { text } = this
    const at = this.at
    const next = charCodeAt(text, at + 1)
    switch (code) {
      case 39: // '
        return this.literal(TokenKind.string, at + 1, code, this.lexing.backslash)
      case 34: // "
        return this.lexing.doubleQuoteIsString
          ? this.literal(TokenKind.string, at + 1, code, this.lexing.backslash)
          : this.literal(TokenKind.name, at + 1, code, false)
      case 96: // `
        if (this.lexing.backticks) return this.literal(TokenKind.name, at + 1, code, false)
        return this.take(TokenKind.other, 1)
      case 91: // [
        if (this.lexing.brackets) return this.literal(TokenKind.name, at + 1, 93, false)
        return this.take(TokenKind.other, 1)
      case 40: // (
        return this.take(TokenKind.open, 1)
      case 41: // )
        return this.take(TokenKind.close, 1)
      case 44: // ,
        return this.take(TokenKind.comma, 1)
      case 59: // ;
        return this.take(TokenKind.semicolon, 1)
      case 46: // .
        return isDigit(next) ? this.readNumber() : this.take(TokenKind.dot, 1)
      case 35: // #
        if (this.lexing.hashComment) return this.lineComment(1)
        return this.take(TokenKind.operator, 1)
      case 45: // -
        if (next === 45 && this.isDashComment(at)) return this.lineComment(2)
        if (next === 62) return this.take(TokenKind.operator, charCodeAt(text, at + 2) === 62 ? 3 : 2)
        return this.take(TokenKind.operator, 1)
      case 47: // /
        if (next === 42) return this.blockComment()
        return this.take(TokenKind.operator, 1)
      case 42: // *
        if (next === 47 && this.conditional > 0) {
          this.conditional--
          this.at += 2
          this.kind = TokenKind.comment
          return
        }
        return this.take(TokenKind.operator, 1)
      case 64: // @
        return this.readVariable()
      case 36: // $
        return this.readDollar()
      case 58: // :
        if (next === 58 || next === 61) return this.take(TokenKind.operator, 2)
        if (isWord(next) || isDigit(next)) return this.placeholder(1)
        return this.take(TokenKind.other, 1)
      case 63: // ?
        return this.take(TokenKind.other, 1)
      case 92: // \
        // \N is NULL to MySQL.
        if (next === 78) {
          this.word = 'null'
          this.take(TokenKind.word, 2)
          return
        }
        return this.take(TokenKind.other, 1)
      default: {
        const length = operatorLength(text, at)
        return length === 0 ? this.take(TokenKind.other, 1) : this.take(TokenKind.operator, length)
      }
    }
  }
}
