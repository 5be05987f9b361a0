import { charCodeAt } from '@hardening/core'
import { SqlLexer } from './lexer.js'
import { anyAnsiLexing, sqlLexings } from './lexing.js'
import { TokenKind } from './token.js'
import { gluedWords } from './words.js'

/** What a reading found most telling. */
export type SqlRule =
  | 'sql-tautology'
  | 'sql-union'
  | 'sql-stacked'
  | 'sql-function'
  | 'sql-subquery'
  | 'sql-comment'
  | 'sql-clause'
  | 'sql-schema'
  | 'sql-expression'

/** How the text is thought to stand in a statement. */
export interface SqlContext {
  /** The quote of the literal it stands in; 0 where it stands bare. */
  readonly quote: number
  /** Where the reading begins: behind a closing quote that has not been read. */
  readonly at: number
  /** Whether `at` stands behind the value already, in the place of an operator. */
  readonly afterValue: boolean
  readonly mysql: boolean
}

/** What stands in the place of an operand. */
export const Operand = { none: 0, number: 1, string: 2, name: 3, constant: 4, complex: 5 } as const

/** The part of a statement, or the parenthesis, that is being read. */
export const Clause = { condition: 0, group: 1, call: 2, list: 3, tables: 4, order: 5 } as const

/** The ground of a reading: its tokens, and the points that it has gathered. */
export abstract class SqlReadingBase {
  points = 0
  rule: SqlRule = 'sql-expression'
  fingerprint = ''
  failed = false
  /** The text ends where a statement could go on: by comment, or inside a literal that the statement closes. */
  sealed = false
  readonly lexer: SqlLexer
  protected readonly context: SqlContext
  protected rulePoints = 0
  protected expectOperand: boolean
  protected operand: number = Operand.none
  protected comments = 0
  protected marks = 0
  protected words = 0
  protected tokens = 0
  protected startKind: number = Operand.none

  constructor(text: string, context: SqlContext) {
    this.lexer = new SqlLexer(text, context.mysql ? sqlLexings.mysql : anyAnsiLexing, context.at, gluedWords)
    this.context = context
    this.expectOperand = !context.afterValue && context.quote === 0
    if (!this.expectOperand) this.operand = Operand.string
  }

  /** Tokens that were read. */
  get size(): number {
    return this.tokens + this.comments
  }

  protected add(points: number, rule: SqlRule): void {
    this.points += points
    if (points > this.rulePoints) {
      this.rulePoints = points
      this.rule = rule
    }
  }

  /** White space runs before the quote that was left: prose has many. */
  protected prefixWords(): number {
    const { text } = this.lexer
    const end = Math.min(this.context.at + 200, text.length)
    let words = 0
    let at = this.context.afterValue ? 0 : this.context.at
    const stop = this.context.afterValue ? Math.min(this.context.at, 200) : end
    for (; at < stop; at++) {
      const code = charCodeAt(text, at)
      if (code === this.context.quote) break
      if (code === 32) words++
    }
    return words
  }

  /**
   * Whether the quote that was left looks like one that opens something, as in code and prose: behind a space or a mark.
   * What a value ends with stands behind the value.
   */
  protected opens(): boolean {
    const { text } = this.lexer
    const quote = this.context.afterValue
      ? this.context.at - 1
      : text.indexOf(String.fromCharCode(this.context.quote), this.context.at)
    return quote > 0 && ' (=,:[{>\t'.includes(text.charAt(quote - 1))
  }

  /** Whether the text begins with the quote that it leaves. */
  protected leads(): boolean {
    return !this.context.afterValue && charCodeAt(this.lexer.text, 0) === this.context.quote
  }

  protected callFollows(): boolean {
    const { text } = this.lexer
    let at = this.lexer.end
    while (at < text.length) {
      const code = charCodeAt(text, at)
      if (code === 47 && charCodeAt(text, at + 1) === 42) {
        const close = text.slice(at + 2, at + 66).indexOf('*/')
        if (close === -1) return false
        at += close + 4
      } else if (code === 42 && charCodeAt(text, at + 1) === 47) at += 2
      else if (code <= 32 || code === 0xa0) at++
      else return code === 40 || code === 46
      if (at - this.lexer.end > 200) return false
    }
    return false
  }

  /** Reads on past comments that stand between tokens. */
  protected nextToken(): number {
    const { lexer } = this
    lexer.next()
    while (
      lexer.kind === TokenKind.comment &&
      (lexer.end < lexer.text.length || lexer.conditionals > 0) &&
      lexer.closed
    ) {
      if (lexer.next() === TokenKind.end) break
    }
    return lexer.kind
  }

  protected isWord(word: string): boolean {
    return this.lexer.kind === TokenKind.word && this.lexer.word === word
  }
}
