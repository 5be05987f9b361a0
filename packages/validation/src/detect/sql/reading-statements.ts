import { charCodeAt } from '@hardening/core'
import type { SqlLexer } from './lexer.js'
import { Clause, Operand } from './reading-base.js'
import { SqlClauses } from './reading-clauses.js'
import { beginsStatement } from './statements.js'
import { TokenKind } from './token.js'
import { WordClass, classOfWord, dangerousFunctions, isSystemName } from './words.js'

/** Statements: the text as one of its own, and those behind a semicolon. */
export abstract class SqlStatements extends SqlClauses {
  protected pendingSet = false
  protected stacked = false

  protected statementNext(): boolean {
    const { lexer } = this
    this.nextToken()
    if (lexer.kind === TokenKind.end) {
      if (this.context.quote === 39 || this.context.quote === 34) this.add(2, 'sql-stacked')
      return true
    }
    if (lexer.kind === TokenKind.comment) {
      const remark = lexer.text.slice(lexer.start, lexer.start + 64)
      const wordy = /[a-z]{2}[ ,.][^a-z]?[a-z]{2}/i.test(remark) || remark.length > 40 || /^#{2}|^# \S/.test(remark)
      if (!wordy && (this.context.quote !== 0 || this.startKind === Operand.number)) this.add(5, 'sql-stacked')
      this.sealed = true
      return true
    }
    if (lexer.kind === TokenKind.open) {
      this.push(Clause.group)
      return true
    }
    if (lexer.kind !== TokenKind.word) return lexer.kind === TokenKind.semicolon
    this.words++
    this.tokens++
    if (this.fingerprint.length < 16) this.fingerprint += 'n'
    this.clauses.length = 0
    this.clause = Clause.condition
    if (classOfWord(lexer.word) === WordClass.name && this.callFollows()) return this.wordOperand()
    return this.statement(lexer.word)
  }

  protected statement(verb: string): boolean {
    const { lexer } = this
    const stacked = this.tokens > 1
    this.stacked = stacked
    // A word between quotes in a sentence is no statement.
    if (this.tokens === 1 && this.context.quote !== 0 && !lexer.spaced) return false
    if (verb === 'select') {
      const code = nextCode(lexer)
      const marked = code === 42 || code === 64 || code === 39 || code === 40 || (code >= 48 && code <= 57)
      if (stacked) this.add(code === 42 ? 5 : marked ? 4.5 : 3, 'sql-stacked')
      else {
        this.whole = true
        this.points += marked ? 3 : 1.5
      }
      return this.select(true)
    }
    if (classOfWord(verb) !== WordClass.statement) return false
    if (this.tokens === 1 && this.context.quote === 0 && !this.context.afterValue && !stacked)
      this.whole = verb === 'insert' || verb === 'delete' || verb === 'update'
    const kind = this.nextToken()
    const next =
      kind === TokenKind.number && stacked
        ? '0'
        : kind === TokenKind.word
          ? lexer.word
          : kind === TokenKind.variable
            ? '@'
            : kind === TokenKind.open
              ? '('
              : ''
    if (kind === TokenKind.string && lexer.quote === 36 && verb === 'do') this.add(5, 'sql-stacked')
    else if (
      verb === 'shutdown' &&
      (kind === TokenKind.end || kind === TokenKind.comment || kind === TokenKind.semicolon || next === 'with')
    )
      this.add(stacked ? 5 : 2, 'sql-stacked')
    else if (beginsStatement(verb, next)) {
      if (verb === 'exec' || verb === 'execute' || verb === 'waitfor' || verb === 'declare') this.add(5, 'sql-stacked')
      else
        this.add(
          stacked && (verb !== 'if' || next !== '(') ? 5 : verb === 'bulk' ? 4.5 : verb === 'if' ? 2 : 3,
          'sql-stacked',
        )
    } else if (verb === 'update' && kind === TokenKind.word) this.pendingSet = true
    else if ((verb === 'exec' || verb === 'execute' || verb === 'call') && kind === TokenKind.word)
      this.add(stacked ? (lexer.text.includes(';') && this.isCalled() ? 5 : 3) : 1, 'sql-stacked')
    else if (verb === 'copy' && stacked && kind === TokenKind.word && this.isCopy()) this.add(5, 'sql-stacked')
    else if (stacked && kind === TokenKind.comment && lexer.end === lexer.text.length) {
      this.weakStatement = true
      this.sealed = true
      this.seal(lexer.start + 2)
    } else if (stacked && (kind === TokenKind.word || kind === TokenKind.string || kind === TokenKind.variable))
      this.weakStatement = true
    else return false
    if (kind === TokenKind.word) this.words++
    else if (kind !== TokenKind.end) this.marks++
    if (kind === TokenKind.word && isSystemName(lexer.word)) this.add(3, 'sql-schema')
    this.loose = true
    return true
  }

  /** `call name(` or `call schema.name(`. */
  protected isCalled(): boolean {
    return /^(?:\.\w{1,40}){0,3}\s?\(/.test(this.lexer.text.slice(this.lexer.end, this.lexer.end + 100))
  }

  /** `copy name from '...'`, `copy name to program`. */
  protected isCopy(): boolean {
    const rest = this.lexer.text.slice(this.lexer.end, this.lexer.end + 60)
    return /^(?:\([\w, ]{1,30}\))?\s{1,4}(?:from|to)\s{1,4}(?:'|program|std)/i.test(rest)
  }

  /** Inside a statement of its own only what stands out counts. */
  protected looseToken(): void {
    const { lexer } = this
    if (lexer.kind !== TokenKind.word) {
      const weight =
        lexer.kind === TokenKind.operator && lexer.word === '='
          ? this.whole
            ? 1.25
            : 0.75
          : lexer.kind === TokenKind.open ||
              lexer.kind === TokenKind.variable ||
              (this.whole && lexer.kind === TokenKind.string)
            ? 0.75
            : 0
      if (this.points > 0 && this.points < 6) this.points += weight
      return
    }
    const { word } = lexer
    if (this.pendingSet && word === 'set') {
      this.pendingSet = false
      this.add(this.stacked ? 5 : 3, 'sql-stacked')
    } else if (isSystemName(word)) this.add(3, 'sql-schema')
    else if (dangerousFunctions.has(word) && this.callFollows()) this.add(4, 'sql-function')
    else if ((word === 'values' || word === 'from' || word === 'where' || word === 'into') && this.points > 0)
      this.points += this.points >= 6 ? 0 : word === 'values' && this.whole ? 1.25 : 0.75
  }
}

function nextCode(lexer: SqlLexer): number {
  let at = lexer.end
  const { text } = lexer
  while (at < text.length && at - lexer.end < 16 && charCodeAt(text, at) <= 32) at++
  return charCodeAt(text, at)
}
