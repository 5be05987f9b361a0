import { charCodeAt } from '@hardening/core'
import { Clause, Operand } from './reading-base.js'
import { SqlStatements } from './reading-statements.js'
import { TokenKind, tokenLetters } from './token.js'
import { WordClass, classOfWord, commonFunctions } from './words.js'

/**
 * Reads text as the continuation of a statement, as a database's parser would, and adds up what ordinary values do not
 * do. It stops at the first token that no database would take, so prose costs a few tokens. One pass, no way back.
 */
export class SqlReading extends SqlStatements {
  /** Reads to the end, or to what cannot be SQL. */
  read(): this {
    const { lexer } = this
    const context = this.context
    if (context.quote !== 0 && !context.afterValue && !lexer.leaveLiteral(context.quote)) {
      this.failed = true
      return this
    }
    for (;;) {
      const kind = lexer.next()
      if (kind === TokenKind.end) break
      if (this.fingerprint.length < 16) this.fingerprint += tokenLetters.charAt(kind)
      if (kind === TokenKind.comment) {
        if (this.comment()) break
        continue
      }
      this.tokens++
      if (kind === TokenKind.word) this.words++
      else this.marks++
      if (this.overdeep) {
        this.failed = true
        break
      }
      if (this.loose) this.looseToken()
      else if (!(this.expectOperand ? this.readOperand(kind) : this.readOperator(kind))) {
        this.failed = true
        break
      }
    }
    this.finish()
    return this
  }

  protected readOperand(kind: number): boolean {
    const { lexer } = this
    if (this.inList) {
      // IN takes a list or, in MySQL, the mode of a search.
      this.inList = false
      if (kind !== TokenKind.open) return kind === TokenKind.word && this.searchMode()
    }
    switch (kind) {
      case TokenKind.number:
        return this.setOperand(Operand.number)
      case TokenKind.string:
        return this.stringOperand()
      case TokenKind.variable:
        if (lexer.word.startsWith('@@') && lexer.word.length > 3) this.telling++
        return this.setOperand(Operand.constant)
      case TokenKind.name:
        if (!lexer.closed) return this.stringOperand()
        this.path = ''
        this.fresh = true
        return this.setOperand(Operand.name)
      case TokenKind.open:
        this.push(Clause.group)
        return true
      case TokenKind.close:
        // f(), count(*), IN ()
        if (this.clause === Clause.call || this.clause === Clause.list) return this.pop()
        return this.startKind === Operand.none && this.clauses.length === 0 && this.pop()
      case TokenKind.comma:
        return this.tokens === 1
      case TokenKind.other:
        return this.brace()
      case TokenKind.operator:
        return this.prefixOperator()
      case TokenKind.word:
        return this.wordOperand()
      case TokenKind.dot:
        // .table or master..table
        if (!this.afterDot) return false
        return true
      case TokenKind.semicolon:
        if (this.tokens === 1) return this.statementNext()
        return false
      default:
        return false
    }
  }

  /** ODBC: `{fn name()}`, `{ts '...'}`; MySQL takes any name. */
  protected brace(): boolean {
    const { lexer } = this
    if (charCodeAt(lexer.text, lexer.start) !== 123) return false
    lexer.next()
    if (lexer.kind !== TokenKind.word) return false
    this.push(Clause.group)
    return true
  }

  protected prefixOperator(): boolean {
    const { word } = this.lexer
    if (word === '~' || word === '!') this.unary = this.afterLogic
    if (word === '-' || word === '+' || word === '~' || word === '!' || word === '@') return true
    if (word === '*') {
      if (this.clause === Clause.list || this.clause === Clause.call) {
        return this.setOperand(Operand.constant)
      }
      return this.afterDot
    }
    if ((word === '||' || word === '&&') && this.tokens === 1 && this.context.quote === 0) return this.logic(true)
    return false
  }

  protected stringOperand(): boolean {
    const { lexer } = this
    const context = this.context
    this.setOperand(Operand.string)
    if (lexer.closed) return true
    // An open literal is closed by the statement's own quote, if it is the same.
    if (context.quote === lexer.quote && context.quote !== 0) {
      this.sealed = true
      while (this.clauses.length > 0) this.pop()
      this.endTerm()
      const length = lexer.end - lexer.start
      if (this.points > 0) this.points += length > 24 ? 0.5 : 2
      else if (this.tokens > 1 && this.logics === 0) this.points += length > 12 ? 0 : 1.5
    }
    return true
  }

  protected override wordOperand(): boolean {
    const { lexer } = this
    const { word } = lexer
    if (this.afterDot) {
      this.path = this.path.length > 80 ? this.path : `${this.path}.${word}`
      return this.nameOperand()
    }
    const kind = classOfWord(word)
    switch (kind) {
      case WordClass.select:
        // `' or select *`: a subquery without its parentheses, as probes have it.
        if (this.afterLogic && this.context.quote !== 0 && this.listFollows()) {
          this.add(5, 'sql-subquery')
          return this.select(true)
        }
        return this.tokens === 1 ? this.statement(word) : this.select(this.clauses.length > 0)
      case WordClass.not:
        this.unary = this.afterLogic && this.pending === 0
        return true
      case WordClass.prefix:
      case WordClass.quantifier:
        return true
      case WordClass.case:
        this.push(Clause.call)
        this.afterLogic = false
        return true
      case WordClass.when:
        this.afterLogic = true
        return true
      case WordClass.logic:
        // A fragment that begins with its operator.
        if (this.tokens === 1) return this.logic(false)
        return false
      case WordClass.setOperation:
        if (this.tokens === 1 && word === 'union') return this.union()
        return false
      case WordClass.constant:
        if (!this.callFollows()) return this.setOperand(Operand.constant)
        break
      case WordClass.statement:
        if (this.tokens === 1 && !this.callFollows()) return this.statement(word)
        break
      case WordClass.name:
      case WordClass.join:
      case WordClass.operator:
      case WordClass.values:
        break
      case WordClass.comparison:
        if (!this.callFollows()) return false
        break
      case WordClass.orderGroup:
      case WordClass.having:
        if (this.tokens === 1) return this.readOperator(TokenKind.word)
        return false
      default:
        return false
    }
    this.path = word
    return this.nameOperand()
  }

  protected readOperator(kind: number): boolean {
    const { lexer } = this
    switch (kind) {
      case TokenKind.operator:
        return this.markOperator(lexer.word)
      case TokenKind.open:
        if (this.fresh) return this.call()
        if (this.startKind === Operand.name && this.context.quote === 0) return false
        if (!/^\s*select\b/i.test(lexer.text.slice(lexer.end, lexer.end + 24))) return false
        this.push(Clause.group)
        return true
      case TokenKind.close:
        return this.pop()
      case TokenKind.dot:
        if (this.operand !== Operand.name || !this.fresh) return false
        this.afterDot = true
        this.expectOperand = true
        return true
      case TokenKind.variable:
        // Informix: database:table.
        if (lexer.word !== ':' || lexer.spaced || this.operand !== Operand.name) return false
        return true
      case TokenKind.comma:
        this.endTerm()
        this.aliased = false
        this.afterLogic = false
        if (this.clauses.length === 0) this.chars = 0
        this.expectOperand = true
        return true
      case TokenKind.semicolon:
        this.endTerm()
        return this.statementNext()
      case TokenKind.string:
        // Neighbouring literals are one to most databases.
        if (this.operand === Operand.string && (this.tokens > 1 || lexer.spaced)) return this.stringOperand()
        return this.clause === Clause.list && !this.aliased && (this.aliased = true)
      case TokenKind.name:
        return this.alias()
      case TokenKind.word:
        return this.wordOperator(lexer.word)
      default:
        return false
    }
  }

  protected wordOperator(word: string): boolean {
    const kind = classOfWord(word)
    switch (kind) {
      case WordClass.logic:
        return this.logic(false)
      case WordClass.setOperation:
        return this.union()
      case WordClass.comparison:
        return this.wordComparison(word)
      case WordClass.operator:
        this.remember(3)
        return true
      case WordClass.not:
        return true
      case WordClass.constant:
        // IS NULL, IS NOT TRUE
        return false
      case WordClass.orderGroup:
        this.endTerm()
        this.clause = Clause.order
        return this.by(word)
      case WordClass.having:
      case WordClass.where:
        this.endTerm()
        if (this.selects === 0) this.add(kind === WordClass.having ? 3 : 1, 'sql-clause')
        else if (this.whole) this.points += 0.5
        this.clause = Clause.condition
        this.afterLogic = true
        this.compared = false
        this.expectOperand = true
        return true
      case WordClass.limit:
        this.endTerm()
        if (this.selects === 0) this.add(2, 'sql-clause')
        this.clause = Clause.order
        this.expectOperand = true
        return true
      case WordClass.from:
        this.endTerm()
        if (this.clause === Clause.list) {
          this.add(this.whole ? 2 : 1, 'sql-subquery')
          this.clause = Clause.tables
        } else if (this.clause !== Clause.call) return false
        this.aliased = false
        this.expectOperand = true
        return true
      case WordClass.into:
        return this.into()
      case WordClass.join:
        if (this.clause !== Clause.tables) return this.alias()
        this.aliased = false
        this.expectOperand = true
        return true
      case WordClass.using:
        if (this.clause !== Clause.tables && this.clause !== Clause.call) return false
        this.expectOperand = true
        return true
      case WordClass.as:
        if (this.clause === Clause.condition && this.clauses.length === 0) return false
        this.aliased = this.clause !== Clause.call
        this.expectOperand = true
        return true
      case WordClass.for:
        if (this.clause === Clause.condition && this.clauses.length === 0) return false
        this.expectOperand = true
        return true
      case WordClass.when:
        if (this.clause !== Clause.call) return false
        this.endTerm()
        this.afterLogic = true
        this.compared = false
        this.expectOperand = true
        return true
      case WordClass.then:
        if (this.clause !== Clause.call) return false
        this.endTerm()
        this.add(3, 'sql-expression')
        this.afterLogic = false
        this.expectOperand = true
        return true
      case WordClass.else:
        if (this.clause !== Clause.call) return false
        this.expectOperand = true
        return true
      case WordClass.end:
        return this.clause === Clause.call && this.pop()
      case WordClass.direction:
        return this.clause === Clause.order
      case WordClass.procedure:
        this.expectOperand = true
        this.add(1, 'sql-clause')
        return true
      case WordClass.statement:
      case WordClass.select:
        // SQL Server takes a new statement without a semicolon.
        if (this.clause === Clause.list || (this.clause === Clause.tables && this.selects > 0)) return this.alias()
        return this.statement(word)
      default:
        // Where `+` was read as a space, calls stand side by side.
        if (this.clauses.length > 0 && this.functions > 0 && commonFunctions.has(word) && this.callFollows()) {
          this.pending = 0
          return this.wordOperand()
        }
        return this.alias()
    }
  }
}
