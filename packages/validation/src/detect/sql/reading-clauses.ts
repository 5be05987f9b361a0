import type { SqlLexer } from './lexer.js'
import { Clause, Operand } from './reading-base.js'
import { SqlTerms } from './reading-terms.js'
import { beginsStatement } from './statements.js'
import { TokenKind } from './token.js'
import { WordClass, classOfWord, commonFunctions, dangerousFunctions, isSystemName, tellingFunctions } from './words.js'

/** Parentheses inside one another that are followed. */
const maxDepth = 250

/** Clauses, parentheses, calls, and statements behind the first. */
export abstract class SqlClauses extends SqlTerms {
  protected closers = 0
  protected unknownCalls = 0
  protected selects = 0
  protected pendingSet = false
  protected stacked = false
  protected overdeep = false
  /** A verb was read that begins a statement only if a comment ends it. */
  protected weakStatement = false

  /** Reads a word where an operand is expected. */
  protected abstract wordOperand(): boolean

  protected comment(): boolean {
    const { lexer } = this
    const { text } = lexer
    if (lexer.conditionals > 0 && this.comments < 8) {
      if (this.comments === 0) this.add(2, 'sql-comment')
      this.comments = 8
    }
    const block = text.charCodeAt(lexer.start) === 47
    if (lexer.end < text.length || (block && lexer.closed)) {
      if (this.comments < 2 && block) {
        this.comments++
        if (this.tokens > 0 || this.context.quote !== 0) this.points += 0.5
      }
      return false
    }
    if (lexer.conditionals > 0 && lexer.end - lexer.start <= 2) return false
    this.sealed = true
    this.seal(block ? lexer.start + 2 : text.charCodeAt(lexer.start) === 35 ? lexer.start + 1 : lexer.start + 2)
    return true
  }

  /** The rest of the statement is cut off by a comment. */
  protected seal(bodyStart: number): void {
    const { text } = this.lexer
    const body = text.slice(bodyStart, bodyStart + 64)
    const wordy = /[a-z]{2}[ ,.][^a-z]?[a-z]{2}/i.test(body) || body.length > 40
    if (this.expectOperand && this.tokens > 0) {
      this.points += wordy ? 0 : 1
      return
    }
    this.endTerm()
    const bare = this.context.quote === 0
    const empty = /^[\s\-+;)]*$/.test(body)
    if (this.weakStatement) return this.add(wordy || (bare && this.startKind !== Operand.number) ? 0 : 5, 'sql-stacked')
    if (this.points >= 2) return this.add(wordy ? 1 : empty ? 3 : 2, 'sql-comment')
    if (wordy) return
    // "--option" and "#anchor" in quotes: attackers leave a space, or nothing.
    if (!bare && !this.lexer.spaced && /^[\w.[-]{2}/.test(body)) return this.add(1, 'sql-comment')
    if (!bare) {
      return this.add(this.prefixWords() > 2 || this.opens() ? 2 : 4, 'sql-comment')
    }
    const hash = text.charCodeAt(bodyStart - 1) === 35
    if (hash || !empty) return
    if (this.startKind === Operand.number && !this.failed) this.add(this.words === 0 ? 5 : 3, 'sql-comment')
    else if (this.closers > 0) this.add(3, 'sql-comment')
  }

  protected finish(): void {
    const { lexer } = this
    const context = this.context
    if (!this.sealed) this.endTerm()
    if (lexer.conditionals > 0 && this.comments < 8) this.add(2, 'sql-comment')
    if (this.chars > 1) this.add(3, 'sql-function')
    if (this.telling > 0 && (this.functions > 0 || this.whole)) this.add(1.5, 'sql-function')
    if (lexer.text.charCodeAt(lexer.text.length - 1) === 0 && context.quote !== 0 && this.tokens > 0)
      this.add(2, 'sql-comment')
    if (this.functions > 0) this.add(Math.min(this.functions, 3), 'sql-function')
    if (this.telling > 0) this.add(Math.min(this.telling * 2.5, 5), 'sql-function')
    if (this.points === 0) return
    if (context.quote !== 0) this.points += 1
    if (this.failed) this.points -= this.rulePoints >= 5 ? 1 : 2
    // Sentences are made of words alone; what is run is not.
    if (this.marks === 0 && this.words > 3) this.points -= 2
    if (context.quote !== 0 && this.prefixWords() > 3) this.points -= 1
    if (context.quote === 0 && this.startKind === Operand.name && !context.afterValue && !this.whole) this.points -= 1
    if (this.closers > 0 && this.points >= 3) this.points += 1
  }

  protected by(word: string): boolean {
    const { lexer } = this
    this.nextToken()
    if (lexer.kind !== TokenKind.word || lexer.word !== 'by') return false
    this.fingerprint += this.fingerprint.length < 16 ? 'n' : ''
    this.words++
    const fragment = this.tokens === 1 && this.context.quote === 0 && !this.context.afterValue
    if (this.selects === 0 && word !== 'partition') {
      this.ordering = fragment ? 0.5 : 2.5
      this.add(fragment ? 2 : 2.5, 'sql-clause')
    }
    this.expectOperand = true
    return true
  }

  protected into(): boolean {
    const { lexer } = this
    this.nextToken()
    if (lexer.word === 'outfile' || lexer.word === 'dumpfile') {
      this.add(5, 'sql-clause')
      this.expectOperand = true
      return true
    }
    if (this.selects === 0 && lexer.kind !== TokenKind.variable) return false
    if (this.selects === 0) this.add(3, 'sql-clause')
    this.loose = true
    return true
  }

  protected union(): boolean {
    const { lexer } = this
    this.endTerm()
    const fragment = this.tokens === 1
    lexer.next()
    for (;;) {
      if (lexer.kind === TokenKind.comment && (lexer.end < lexer.text.length || lexer.closed)) {
        if (this.comments < 2) {
          this.comments++
          this.points += 0.5
        }
      } else if (lexer.kind === TokenKind.open) {
        this.push(Clause.group)
      } else if (lexer.kind !== TokenKind.word || classOfWord(lexer.word) !== WordClass.quantifier) break
      lexer.next()
    }
    if (this.fingerprint.length < 16) this.fingerprint += 'U'
    if (lexer.kind !== TokenKind.word) return false
    if (lexer.word === 'values') {
      this.add(3, 'sql-union')
      this.expectOperand = true
      return true
    }
    if (lexer.word !== 'select') return false
    this.words++
    const alone = lexer.end >= lexer.text.trimEnd().length
    this.add(fragment && !alone && !this.listFollows() ? 4.5 : 5.5, 'sql-union')
    return this.select(true)
  }

  /** Whether what follows can only be the list of a SELECT. */
  protected listFollows(): boolean {
    const { text, end } = this.lexer
    const head = text.slice(end, end + 40)
    return /^\s*(?:[\d'"*(@+\-`~!/]|null\b|(?:distinct|all)\b|[\w$.]+\s?[(,])/i.test(head)
  }

  protected select(nested: boolean): boolean {
    this.endTerm()
    if (!nested && this.tokens > 1) return false
    if (this.selects === 0 && this.clauses.length > 0 && this.points < 5) this.add(3, 'sql-subquery')
    this.selects++
    this.clause = Clause.list
    this.aliased = false
    this.afterLogic = false
    this.compared = false
    this.pending = 0
    this.expectOperand = true
    return true
  }

  protected alias(): boolean {
    if ((this.clause !== Clause.list && this.clause !== Clause.tables) || this.aliased) return false
    this.aliased = true
    this.fresh = false
    return true
  }

  protected call(): boolean {
    const name = this.path
    const plain = this.tokens === 2 && this.context.quote === 0 && !this.context.afterValue
    const short = name.slice(name.lastIndexOf('.') + 1)
    if (plain) this.startKind = Operand.complex
    if (dangerousFunctions.has(name) || dangerousFunctions.has(short))
      this.add(plain && !name.includes('_') && !name.includes('.') ? 4 : 5, 'sql-function')
    else if (tellingFunctions.has(short)) this.telling += plain ? 0.6 : 1
    else if (commonFunctions.has(short)) {
      this.functions += 1
      if (short === 'char' || short === 'chr' || short === 'nchar') this.chars++
    } else if (!this.lexer.spaced && this.unknownCalls++ === 0 && !plain) this.points += 0.5
    this.push(Clause.call)
    return true
  }

  protected push(clause: number): void {
    if (this.clauses.length > maxDepth * 4) this.overdeep = true
    this.clauses.push(this.clause, (this.afterLogic ? 1 : 0) | (this.compared ? 2 : 0), this.pending, this.leftKind)
    this.clause = clause
    this.pending = 0
    this.fresh = false
    this.expectOperand = true
    if (clause === Clause.call) this.afterLogic = false
  }

  protected pop(): boolean {
    this.endTerm()
    if (this.clauses.length === 0) {
      this.closers++
      this.expectOperand = false
      // What was left may have been a derived table: an alias and WHERE can follow.
      this.clause = Clause.tables
      this.aliased = false
      this.fresh = false
      return true
    }
    const group = this.clause === Clause.group
    this.leftKind = this.clauses.pop() as number
    this.pending = this.clauses.pop() as number
    const flags = this.clauses.pop() as number
    const compared = this.compared
    this.clause = this.clauses.pop() as number
    this.afterLogic = (flags & 1) === 1
    this.compared = (flags & 2) === 2 || (group && compared)
    if (!group) this.operand = Operand.complex
    this.expectOperand = false
    this.fresh = false
    if (this.pending !== 0) this.combine()
    return true
  }

  protected statementNext(): boolean {
    const { lexer } = this
    this.nextToken()
    if (lexer.kind === TokenKind.end) {
      if (this.context.quote === 39 || this.context.quote === 34) this.add(2, 'sql-stacked')
      return true
    }
    if (lexer.kind === TokenKind.comment) {
      if (this.context.quote !== 0 || this.startKind === Operand.number) this.add(5, 'sql-stacked')
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
      if (stacked) this.add(marked ? 4.5 : 3, 'sql-stacked')
      else {
        this.whole = true
        this.points += marked ? 3 : 1.5
      }
      return this.select(true)
    }
    if (classOfWord(verb) !== WordClass.statement) return false
    const kind = this.nextToken()
    const next =
      kind === TokenKind.word ? lexer.word : kind === TokenKind.variable ? '@' : kind === TokenKind.open ? '(' : ''
    if (kind === TokenKind.string && lexer.quote === 36 && verb === 'do') this.add(5, 'sql-stacked')
    else if (verb === 'shutdown' && (kind === TokenKind.end || kind === TokenKind.comment || next === 'with'))
      this.add(stacked ? 5 : 2, 'sql-stacked')
    else if (beginsStatement(verb, next)) {
      if (verb === 'exec' || verb === 'execute' || verb === 'waitfor' || verb === 'declare') this.add(5, 'sql-stacked')
      else this.add(stacked ? 5 : verb === 'bulk' ? 4.5 : 3, 'sql-stacked')
    } else if (verb === 'update' && kind === TokenKind.word) this.pendingSet = true
    else if ((verb === 'exec' || verb === 'execute' || verb === 'call') && kind === TokenKind.word)
      this.add(stacked ? 3 : 1, 'sql-stacked')
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

  /** Inside a statement of its own only what stands out counts. */
  protected looseToken(): void {
    const { lexer } = this
    if (lexer.kind !== TokenKind.word) {
      if (lexer.kind === TokenKind.operator && lexer.word === '=')
        this.points += this.points > 0 && this.points < 6 ? 0.75 : 0
      else if (lexer.kind === TokenKind.open || lexer.kind === TokenKind.variable)
        this.points += this.points > 0 && this.points < 6 ? 0.75 : 0
      return
    }
    const { word } = lexer
    if (this.pendingSet && word === 'set') {
      this.pendingSet = false
      this.add(this.stacked ? 5 : 3, 'sql-stacked')
    } else if (isSystemName(word)) this.add(3, 'sql-schema')
    else if (dangerousFunctions.has(word) && this.callFollows()) this.add(4, 'sql-function')
    else if ((word === 'values' || word === 'from' || word === 'where' || word === 'into') && this.points > 0)
      this.points += this.points < 6 ? 0.75 : 0
  }
}

function nextCode(lexer: SqlLexer): number {
  let at = lexer.end
  const { text } = lexer
  while (at < text.length && at - lexer.end < 16 && text.charCodeAt(at) <= 32) at++
  return text.charCodeAt(at)
}
