import { SqlLexer } from './lexer.js'
import { anyAnsiLexing, sqlLexings } from './lexing.js'
import { beginsStatement } from './statements.js'
import { TokenKind, tokenLetters } from './token.js'
import {
  WordClass,
  classOfWord,
  commonFunctions,
  dangerousFunctions,
  gluedWords,
  isSystemName,
  tellingFunctions,
} from './words.js'

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

const Operand = { none: 0, number: 1, string: 2, name: 3, constant: 4, complex: 5 } as const
const Clause = { condition: 0, group: 1, call: 2, list: 3, tables: 4, order: 5 } as const

/** Parentheses inside one another that are followed. */
const maxDepth = 250

/**
 * Reads text as the continuation of a statement, as a database's parser would, and adds up what ordinary values do not
 * do. It stops at the first token that no database would take, so prose costs a few tokens. One pass, no way back.
 */
export class SqlReading {
  points = 0
  rule: SqlRule = 'sql-expression'
  fingerprint = ''
  failed = false
  /** The text ends where a statement could go on: by comment, or inside a literal that the statement closes. */
  sealed = false
  readonly lexer: SqlLexer
  readonly #context: SqlContext
  #rulePoints = 0
  #expectOperand: boolean
  #clauses: number[] = []
  #clause: number = Clause.condition
  #operand: number = Operand.none
  #operandStart = 0
  #operandEnd = 0
  #path = ''
  #afterDot = false
  #fresh = false
  #leftKind: number = Operand.none
  #leftStart = 0
  #leftEnd = 0
  /** 0 none, 1 equality, 2 order, 3 arithmetic */
  #pending = 0
  #between = false
  #afterLogic = false
  #softLogic = false
  #compared = false
  #comparedBefore = false
  #aliased = false
  #functions = 0
  #telling = 0
  #comments = 0
  #closers = 0
  #marks = 0
  #words = 0
  #tokens = 0
  #loose = false
  #startKind: number = Operand.none
  #logics = 0
  #unknownCalls = 0
  #selects = 0
  #pendingSet = false
  #stacked = false
  #literalGroup = false
  #overdeep = false
  #unary = false
  #inList = false
  #ordering = 0
  #chars = 0
  /** A verb was read that begins a statement only if a comment ends it. */
  #weakStatement = false
  /** The text is a statement of its own. */
  #whole = false
  #casting = false
  /** The comparison is a word that touches the quote before it: `"like"` in a sentence. */
  #wordy = false
  #gluedLogic = false
  /** The comparison is a word: LIKE, IS. */
  #worded = false

  constructor(text: string, context: SqlContext) {
    this.lexer = new SqlLexer(text, context.mysql ? sqlLexings.mysql : anyAnsiLexing, context.at, gluedWords)
    this.#context = context
    this.#expectOperand = !context.afterValue && context.quote === 0
    if (!this.#expectOperand) this.#operand = Operand.string
  }

  /** Reads to the end, or to what cannot be SQL. */
  read(): this {
    const { lexer } = this
    const context = this.#context
    if (context.quote !== 0 && !context.afterValue && !lexer.leaveLiteral(context.quote)) {
      this.failed = true
      return this
    }
    for (;;) {
      const kind = lexer.next()
      if (kind === TokenKind.end) break
      if (this.fingerprint.length < 16) this.fingerprint += tokenLetters.charAt(kind)
      if (kind === TokenKind.comment) {
        if (this.#comment()) break
        continue
      }
      this.#tokens++
      if (kind === TokenKind.word) this.#words++
      else this.#marks++
      if (this.#overdeep) {
        this.failed = true
        break
      }
      if (this.#loose) this.#looseToken()
      else if (!(this.#expectOperand ? this.#readOperand(kind) : this.#readOperator(kind))) {
        this.failed = true
        break
      }
    }
    this.#finish()
    return this
  }

  #add(points: number, rule: SqlRule): void {
    this.points += points
    if (points > this.#rulePoints) {
      this.#rulePoints = points
      this.rule = rule
    }
  }

  #comment(): boolean {
    const { lexer } = this
    const { text } = lexer
    if (lexer.conditionals > 0 && this.#comments < 8) {
      if (this.#comments === 0) this.#add(2, 'sql-comment')
      this.#comments = 8
    }
    const block = text.charCodeAt(lexer.start) === 47
    if (lexer.end < text.length || (block && lexer.closed)) {
      if (this.#comments < 2 && block) {
        this.#comments++
        if (this.#tokens > 0 || this.#context.quote !== 0) this.points += 0.5
      }
      return false
    }
    if (lexer.conditionals > 0 && lexer.end - lexer.start <= 2) return false
    this.sealed = true
    this.#seal(block ? lexer.start + 2 : text.charCodeAt(lexer.start) === 35 ? lexer.start + 1 : lexer.start + 2)
    return true
  }

  /** The rest of the statement is cut off by a comment. */
  #seal(bodyStart: number): void {
    const { text } = this.lexer
    const body = text.slice(bodyStart, bodyStart + 64)
    const wordy = /[a-z]{2,}[ ,.][^a-z]?[a-z]{2,}/i.test(body) || body.length > 40
    if (this.#expectOperand && this.#tokens > 0) {
      this.points += wordy ? 0 : 1
      return
    }
    this.#endTerm()
    const bare = this.#context.quote === 0
    const empty = /^[\s\-+;)]*$/.test(body)
    if (this.#weakStatement)
      return this.#add(wordy || (bare && this.#startKind !== Operand.number) ? 0 : 5, 'sql-stacked')
    if (this.points >= 2) return this.#add(wordy ? 1 : empty ? 3 : 2, 'sql-comment')
    if (wordy) return
    // "--option" and "#anchor" in quotes: attackers leave a space, or nothing.
    if (!bare && !this.lexer.spaced && /^[\w.[-]{2}/.test(body)) return this.#add(1, 'sql-comment')
    if (!bare) {
      const prefix = this.#prefixWords()
      return this.#add(prefix > 2 ? 2 : 4, 'sql-comment')
    }
    const hash = text.charCodeAt(bodyStart - 1) === 35
    if (hash || !empty) return
    if (this.#startKind === Operand.number && !this.failed) this.#add(this.#words === 0 ? 5 : 3, 'sql-comment')
    else if (this.#closers > 0) this.#add(3, 'sql-comment')
  }

  /** White space runs before the quote that was left: prose has many. */
  #prefixWords(): number {
    const { text } = this.lexer
    const end = Math.min(this.#context.at + 200, text.length)
    let words = 0
    let at = this.#context.afterValue ? 0 : this.#context.at
    const stop = this.#context.afterValue ? Math.min(this.#context.at, 200) : end
    for (; at < stop; at++) {
      const code = text.charCodeAt(at)
      if (code === this.#context.quote) break
      if (code === 32) words++
    }
    return words
  }

  #finish(): void {
    const { lexer } = this
    const context = this.#context
    if (!this.sealed) this.#endTerm()
    if (lexer.conditionals > 0 && this.#comments < 8) this.#add(2, 'sql-comment')
    if (this.#chars > 1) this.#add(3, 'sql-function')
    if (this.#telling > 0 && (this.#functions > 0 || this.#whole)) this.#add(1.5, 'sql-function')
    if (lexer.text.charCodeAt(lexer.text.length - 1) === 0 && context.quote !== 0 && this.#tokens > 0)
      this.#add(2, 'sql-comment')
    if (this.#functions > 0) this.#add(Math.min(this.#functions, 3), 'sql-function')
    if (this.#telling > 0) this.#add(Math.min(this.#telling * 2.5, 5), 'sql-function')
    if (this.points === 0) return
    if (context.quote !== 0) this.points += 1
    if (this.failed) this.points -= this.#rulePoints >= 5 ? 1 : 2
    // Sentences are made of words alone; what is run is not.
    if (this.#marks === 0 && this.#words > 3) this.points -= 2
    if (context.quote !== 0 && this.#prefixWords() > 3) this.points -= 1
    if (context.quote === 0 && this.#startKind === Operand.name && !context.afterValue && !this.#whole) this.points -= 1
    if (this.#closers > 0 && this.points >= 3) this.points += 1
  }

  /** Whether the text begins with the quote that it leaves. */
  #leads(): boolean {
    return !this.#context.afterValue && this.lexer.text.charCodeAt(0) === this.#context.quote
  }

  // --- operands

  #readOperand(kind: number): boolean {
    const { lexer } = this
    if (this.#inList) {
      // IN takes a list or, in MySQL, the mode of a search.
      this.#inList = false
      if (kind !== TokenKind.open) return kind === TokenKind.word && this.#searchMode()
    }
    switch (kind) {
      case TokenKind.number:
        return this.#setOperand(Operand.number)
      case TokenKind.string:
        return this.#stringOperand()
      case TokenKind.variable:
        if (lexer.word.startsWith('@@') && lexer.word.length > 3) this.#telling++
        return this.#setOperand(Operand.constant)
      case TokenKind.name:
        if (!lexer.closed) return this.#stringOperand()
        this.#path = ''
        this.#fresh = true
        return this.#setOperand(Operand.name)
      case TokenKind.open:
        this.#push(Clause.group)
        return true
      case TokenKind.close:
        // f(), count(*), IN ()
        if (this.#clause === Clause.call || this.#clause === Clause.list) return this.#pop()
        return this.#startKind === Operand.none && this.#clauses.length === 0 && this.#pop()
      case TokenKind.comma:
        return this.#tokens === 1
      case TokenKind.other:
        return this.#brace()
      case TokenKind.operator:
        return this.#prefixOperator()
      case TokenKind.word:
        return this.#wordOperand()
      case TokenKind.dot:
        // .table or master..table
        if (!this.#afterDot) return false
        return true
      case TokenKind.semicolon:
        if (this.#tokens === 1) return this.#statementNext()
        return false
      default:
        return false
    }
  }

  /** ODBC: `{fn name()}`, `{ts '...'}`; MySQL takes any name. */
  #brace(): boolean {
    const { lexer } = this
    if (lexer.text.charCodeAt(lexer.start) !== 123) return false
    lexer.next()
    if (lexer.kind !== TokenKind.word) return false
    this.#push(Clause.group)
    return true
  }

  #prefixOperator(): boolean {
    const { word } = this.lexer
    if (word === '~' || word === '!') this.#unary = this.#afterLogic
    if (word === '-' || word === '+' || word === '~' || word === '!' || word === '@') return true
    if (word === '*') {
      if (this.#clause === Clause.list || this.#clause === Clause.call) {
        return this.#setOperand(Operand.constant)
      }
      return this.#afterDot
    }
    if ((word === '||' || word === '&&') && this.#tokens === 1 && this.#context.quote === 0) return this.#logic(true)
    return false
  }

  #stringOperand(): boolean {
    const { lexer } = this
    const context = this.#context
    this.#setOperand(Operand.string)
    if (lexer.closed) return true
    // An open literal is closed by the statement's own quote, if it is the same.
    if (context.quote === lexer.quote && context.quote !== 0) {
      this.sealed = true
      while (this.#clauses.length > 0) this.#pop()
      this.#endTerm()
      const length = lexer.end - lexer.start
      if (this.points > 0) this.points += length > 24 ? 0.5 : 2
      else if (this.#tokens > 1 && this.#logics === 0) this.points += length > 12 ? 0 : 1.5
    }
    return true
  }

  #setOperand(kind: number): boolean {
    const { lexer } = this
    if (this.#startKind === Operand.none) this.#startKind = kind
    const from = lexer.start
    if (this.#ordering > 0) {
      if (kind === Operand.number) this.points += this.#ordering
      this.#ordering = 0
    }
    this.#expectOperand = false
    this.#afterDot = false
    if (kind !== Operand.name) this.#fresh = false
    this.#operand = kind
    this.#operandStart = from
    this.#operandEnd = lexer.end
    if (this.#pending !== 0 && !(kind === Operand.name && this.#fresh && this.#callFollows())) this.#combine()
    return true
  }

  #callFollows(): boolean {
    const { text } = this.lexer
    let at = this.lexer.end
    while (at < text.length) {
      const code = text.charCodeAt(at)
      if (code === 47 && text.charCodeAt(at + 1) === 42) {
        const close = text.slice(at + 2, at + 66).indexOf('*/')
        if (close === -1) return false
        at += close + 4
      } else if (code === 42 && text.charCodeAt(at + 1) === 47) at += 2
      else if (code <= 32 || code === 0xa0) at++
      else return code === 40 || code === 46
      if (at - this.lexer.end > 200) return false
    }
    return false
  }

  /** Brings the operand together with the one on the left of the pending operator. */
  #combine(): void {
    const left = this.#leftKind
    const right = this.#operand
    const pending = this.#pending
    this.#pending = 0
    const literal = isLiteral(left) && isLiteral(right)
    if (pending === 3) {
      if (literal && right === Operand.constant && this.#leftEnd === this.#operandStart - 1 && this.#tokens === 3)
        this.#add(5, 'sql-expression')
      this.#operand = literal ? left : Operand.complex
      if (literal) this.#operandStart = this.#leftStart
      return
    }
    this.#compared = true
    this.#score(left, right, literal, pending)
    this.#operand = Operand.complex
  }

  #score(left: number, right: number, literal: boolean, pending: number): void {
    const quoted = this.#context.quote !== 0
    if (!this.#afterLogic) {
      this.#literalGroup = literal && pending === 1
      if (literal && this.#clause === Clause.call && pending === 1 && this.#functions + this.#telling > 0)
        this.#add(4, 'sql-expression')
      else if (literal && quoted) this.#add(this.#wordy ? 0.5 : 2, 'sql-expression')
      else if (literal && left === Operand.string && pending === 1 && this.#sameText()) this.#add(5, 'sql-tautology')
      else if (literal) this.points += pending === 1 ? 1 : 0
      return
    }
    if (literal) {
      const strict = pending === 1 || quoted || !this.#comparedBefore
      return this.#add(strict ? (pending === 1 ? 6 : 5) : 2, 'sql-tautology')
    }
    if (pending === 1 && left === Operand.name && right === Operand.name && this.#sameText())
      return this.#add(5, 'sql-tautology')
    if (left === Operand.complex || right === Operand.complex) return this.#add(3, 'sql-expression')
    if (this.#worded && right !== Operand.name)
      return this.#add(!quoted && this.#startKind === Operand.number ? 5 : 3, 'sql-expression')
    this.#add(quoted ? 2.5 : 1.5, 'sql-expression')
  }

  #sameText(): boolean {
    const { text } = this.lexer
    const length = this.#leftEnd - this.#leftStart
    if (length !== this.#operandEnd - this.#operandStart || length > 64) return false
    return text.slice(this.#leftStart, this.#leftEnd) === text.slice(this.#operandStart, this.#operandEnd)
  }

  #wordOperand(): boolean {
    const { lexer } = this
    const { word } = lexer
    if (this.#afterDot) {
      this.#path = this.#path.length > 80 ? this.#path : `${this.#path}.${word}`
      return this.#nameOperand()
    }
    const kind = classOfWord(word)
    switch (kind) {
      case WordClass.select:
        return this.#tokens === 1 ? this.#statement(word) : this.#select(this.#clauses.length > 0)
      case WordClass.not:
        this.#unary = this.#afterLogic && this.#pending === 0
        return true
      case WordClass.prefix:
      case WordClass.quantifier:
        return true
      case WordClass.case:
        this.#push(Clause.call)
        this.#afterLogic = false
        return true
      case WordClass.when:
        this.#afterLogic = true
        return true
      case WordClass.logic:
        // A fragment that begins with its operator.
        if (this.#tokens === 1) return this.#logic(false)
        return false
      case WordClass.setOperation:
        if (this.#tokens === 1 && word === 'union') return this.#union()
        return false
      case WordClass.constant:
        if (!this.#callFollows()) return this.#setOperand(Operand.constant)
        break
      case WordClass.statement:
        if (this.#tokens === 1 && !this.#callFollows()) return this.#statement(word)
        break
      case WordClass.name:
      case WordClass.join:
      case WordClass.operator:
      case WordClass.values:
        break
      case WordClass.comparison:
        if (!this.#callFollows()) return false
        break
      case WordClass.orderGroup:
      case WordClass.having:
        if (this.#tokens === 1) return this.#readOperator(TokenKind.word)
        return false
      default:
        return false
    }
    this.#path = word
    return this.#nameOperand()
  }

  #nameOperand(): boolean {
    if (this.#casting) {
      this.#casting = false
      this.#expectOperand = false
      this.#fresh = true
      return true
    }
    this.#fresh = true
    if (this.#path.length > 4 && isSystemName(this.#path)) this.#add(3, 'sql-schema')
    else if (this.#path !== this.lexer.word && isSystemName(this.lexer.word)) this.#add(3, 'sql-schema')
    this.#afterDot = false
    return this.#setOperand(Operand.name)
  }

  // --- operators

  #readOperator(kind: number): boolean {
    const { lexer } = this
    switch (kind) {
      case TokenKind.operator:
        return this.#markOperator(lexer.word)
      case TokenKind.open:
        if (this.#fresh) return this.#call()
        if (this.#startKind === Operand.name && this.#context.quote === 0) return false
        if (!/^\s*select\b/i.test(lexer.text.slice(lexer.end, lexer.end + 24))) return false
        this.#push(Clause.group)
        return true
      case TokenKind.close:
        return this.#pop()
      case TokenKind.dot:
        if (this.#operand !== Operand.name || !this.#fresh) return false
        this.#afterDot = true
        this.#expectOperand = true
        return true
      case TokenKind.variable:
        // Informix: database:table.
        if (lexer.word !== ':' || lexer.spaced || this.#operand !== Operand.name) return false
        return true
      case TokenKind.comma:
        this.#endTerm()
        this.#aliased = false
        this.#afterLogic = false
        if (this.#clauses.length === 0) this.#chars = 0
        this.#expectOperand = true
        return true
      case TokenKind.semicolon:
        this.#endTerm()
        return this.#statementNext()
      case TokenKind.string:
        // Neighbouring literals are one to most databases.
        if (this.#operand === Operand.string && (this.#tokens > 1 || lexer.spaced)) return this.#stringOperand()
        return this.#clause === Clause.list && !this.#aliased && (this.#aliased = true)
      case TokenKind.name:
        return this.#alias()
      case TokenKind.word:
        return this.#wordOperator(lexer.word)
      default:
        return false
    }
  }

  #markOperator(word: string): boolean {
    switch (word) {
      case '=':
      case '<=>':
      case '!=':
      case '<>':
        return this.#compare(1)
      case '<':
      case '>':
      case '<=':
      case '>=':
      case '!<':
      case '!>':
        return this.#compare(2)
      case '||':
      case '&&':
        return this.#logic(true)
      case '!':
      case '@':
        return false
      case '~':
      case '!~':
      case '~*':
        return this.#compare(1)
      case '::':
        this.#casting = true
        this.#expectOperand = true
        return true
      default:
        if (this.#literalGroup && this.#operand === Operand.complex) {
          this.#literalGroup = false
          this.#add(4, 'sql-expression')
        }
        this.#remember(3)
        return true
    }
  }

  #compare(pending: number): boolean {
    this.#remember(pending)
    return true
  }

  #remember(pending: number): void {
    this.#leftKind = this.#operand
    this.#leftStart = this.#operandStart
    this.#leftEnd = this.#operandEnd
    this.#pending = pending
    this.#worded = false
    this.#expectOperand = true
    this.#fresh = false
  }

  #logic(soft: boolean): boolean {
    if (this.#between && !soft) {
      this.#between = false
      this.#expectOperand = true
      return true
    }
    this.#endTerm()
    if (this.#compared && this.#logics === 0) this.#comparedBefore = true
    this.#compared = false
    this.#afterLogic = true
    this.#softLogic = soft
    this.#unary = false
    this.#gluedLogic = !soft && !this.lexer.spaced && this.#tokens > 0
    this.#logics++
    // `||` joins strings to most databases, so the operand on its left stays in mind.
    this.#leftKind = this.#operand
    this.#leftStart = this.#operandStart
    this.#leftEnd = this.#operandEnd
    this.#expectOperand = true
    this.#fresh = false
    this.#pending = 0
    return true
  }

  /** A term of a condition is complete. */
  #endTerm(): void {
    if (!this.#afterLogic || this.#compared || this.#expectOperand || this.#loose) return
    this.#afterLogic = false
    const quoted = this.#context.quote !== 0
    switch (this.#operand) {
      case Operand.number:
        if (this.#softLogic) return quoted ? this.#add(this.#leads() ? 3 : 1, 'sql-expression') : undefined
        if (this.#leftKind === Operand.number && this.#sameText()) return this.#add(5, 'sql-tautology')
        if (this.#unary) return this.#add(5, 'sql-tautology')
        return this.#add(quoted && this.#leads() ? 4 : 2, 'sql-expression')
      case Operand.string: {
        // In a sentence "or" stands between quotes.
        const length = this.#operandEnd - this.#operandStart
        if (this.#gluedLogic && (length > 3 || this.lexer.text.charCodeAt(this.#operandStart + 1) <= 32)) return
        return this.#add(this.#softLogic ? 1 : 2, 'sql-expression')
      }
      case Operand.constant:
        return this.#add(this.#softLogic ? 2 : this.#startKind === Operand.number ? 5 : 4, 'sql-expression')
      case Operand.complex:
        return this.#add(1, 'sql-expression')
      default:
    }
  }

  #wordOperator(word: string): boolean {
    const kind = classOfWord(word)
    switch (kind) {
      case WordClass.logic:
        return this.#logic(false)
      case WordClass.setOperation:
        return this.#union()
      case WordClass.comparison:
        return this.#wordComparison(word)
      case WordClass.operator:
        this.#remember(3)
        return true
      case WordClass.not:
        return true
      case WordClass.constant:
        // IS NULL, IS NOT TRUE
        return false
      case WordClass.orderGroup:
        this.#endTerm()
        this.#clause = Clause.order
        return this.#by(word)
      case WordClass.having:
      case WordClass.where:
        this.#endTerm()
        if (this.#selects === 0) this.#add(kind === WordClass.having ? 3 : 1, 'sql-clause')
        else if (this.#whole) this.points += 0.5
        this.#clause = Clause.condition
        this.#afterLogic = true
        this.#compared = false
        this.#expectOperand = true
        return true
      case WordClass.limit:
        this.#endTerm()
        if (this.#selects === 0) this.#add(2, 'sql-clause')
        this.#clause = Clause.order
        this.#expectOperand = true
        return true
      case WordClass.from:
        this.#endTerm()
        if (this.#clause === Clause.list) {
          this.#add(this.#whole ? 2 : 1, 'sql-subquery')
          this.#clause = Clause.tables
        } else if (this.#clause !== Clause.call) return false
        this.#aliased = false
        this.#expectOperand = true
        return true
      case WordClass.into:
        return this.#into()
      case WordClass.join:
        if (this.#clause !== Clause.tables) return this.#alias()
        this.#aliased = false
        this.#expectOperand = true
        return true
      case WordClass.using:
        if (this.#clause !== Clause.tables && this.#clause !== Clause.call) return false
        this.#expectOperand = true
        return true
      case WordClass.as:
        if (this.#clause === Clause.condition && this.#clauses.length === 0) return false
        this.#aliased = this.#clause !== Clause.call
        this.#expectOperand = true
        return true
      case WordClass.for:
        if (this.#clause === Clause.condition && this.#clauses.length === 0) return false
        this.#expectOperand = true
        return true
      case WordClass.when:
        if (this.#clause !== Clause.call) return false
        this.#endTerm()
        this.#afterLogic = true
        this.#compared = false
        this.#expectOperand = true
        return true
      case WordClass.then:
        if (this.#clause !== Clause.call) return false
        this.#endTerm()
        this.#add(3, 'sql-expression')
        this.#afterLogic = false
        this.#expectOperand = true
        return true
      case WordClass.else:
        if (this.#clause !== Clause.call) return false
        this.#expectOperand = true
        return true
      case WordClass.end:
        return this.#clause === Clause.call && this.#pop()
      case WordClass.direction:
        return this.#clause === Clause.order
      case WordClass.procedure:
        this.#expectOperand = true
        this.#add(1, 'sql-clause')
        return true
      case WordClass.statement:
      case WordClass.select:
        // SQL Server takes a new statement without a semicolon.
        if (this.#clause === Clause.list || (this.#clause === Clause.tables && this.#selects > 0)) return this.#alias()
        return this.#statement(word)
      default:
        // Where `+` was read as a space, calls stand side by side.
        if (this.#clauses.length > 0 && this.#functions > 0 && commonFunctions.has(word) && this.#callFollows()) {
          this.#pending = 0
          return this.#wordOperand()
        }
        return this.#alias()
    }
  }

  #wordComparison(word: string): boolean {
    const { lexer } = this
    if (word === 'isnull' || word === 'notnull') {
      this.#add(2, 'sql-expression')
      return true
    }
    if (word === 'sounds' || word === 'similar') return true
    if (word === 'is') {
      this.#remember(1)
      this.#worded = true
      return true
    }
    this.#inList = word === 'in'
    this.#between = word === 'between'
    this.#wordy = !lexer.spaced && this.#context.quote !== 0 && this.#tokens === 1
    this.#remember(1)
    this.#worded = word !== 'in'
    return true
  }

  /** MySQL's `IN BOOLEAN MODE` and `IN NATURAL LANGUAGE MODE` stand behind the text that is searched for. */
  #searchMode(): boolean {
    if (!this.#isWord('boolean') && !this.#isWord('natural')) return false
    this.#nextToken()
    if (this.#isWord('language')) this.#nextToken()
    if (!this.#isWord('mode')) return false
    this.#words += 2
    this.#pending = 0
    this.#expectOperand = false
    this.#add(2, 'sql-clause')
    return true
  }

  /** Reads on past comments that stand between tokens. */
  #nextToken(): number {
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

  #isWord(word: string): boolean {
    return this.lexer.kind === TokenKind.word && this.lexer.word === word
  }

  #by(word: string): boolean {
    const { lexer } = this
    this.#nextToken()
    if (lexer.kind !== TokenKind.word || lexer.word !== 'by') return false
    this.fingerprint += this.fingerprint.length < 16 ? 'n' : ''
    this.#words++
    const fragment = this.#tokens === 1 && this.#context.quote === 0 && !this.#context.afterValue
    if (this.#selects === 0 && word !== 'partition') {
      this.#ordering = fragment ? 0.5 : 2.5
      this.#add(fragment ? 2 : 2.5, 'sql-clause')
    }
    this.#expectOperand = true
    return true
  }

  #into(): boolean {
    const { lexer } = this
    this.#nextToken()
    if (lexer.word === 'outfile' || lexer.word === 'dumpfile') {
      this.#add(5, 'sql-clause')
      this.#expectOperand = true
      return true
    }
    if (this.#selects === 0 && lexer.kind !== TokenKind.variable) return false
    if (this.#selects === 0) this.#add(3, 'sql-clause')
    this.#loose = true
    return true
  }

  #union(): boolean {
    const { lexer } = this
    this.#endTerm()
    const fragment = this.#tokens === 1
    lexer.next()
    for (;;) {
      if (lexer.kind === TokenKind.comment && (lexer.end < lexer.text.length || lexer.closed)) {
        if (this.#comments < 2) {
          this.#comments++
          this.points += 0.5
        }
      } else if (lexer.kind === TokenKind.open) {
        this.#push(Clause.group)
      } else if (lexer.kind !== TokenKind.word || classOfWord(lexer.word) !== WordClass.quantifier) break
      lexer.next()
    }
    if (this.fingerprint.length < 16) this.fingerprint += 'U'
    if (lexer.kind !== TokenKind.word) return false
    if (lexer.word === 'values') {
      this.#add(3, 'sql-union')
      this.#expectOperand = true
      return true
    }
    if (lexer.word !== 'select') return false
    this.#words++
    const alone = lexer.end >= lexer.text.trimEnd().length
    this.#add(fragment && !alone && !this.#listFollows() ? 4.5 : 5.5, 'sql-union')
    return this.#select(true)
  }

  /** Whether what follows can only be the list of a SELECT. */
  #listFollows(): boolean {
    const { text, end } = this.lexer
    const head = text.slice(end, end + 40)
    return /^\s*(?:[\d'"*(@+\-`~!/]|null\b|(?:distinct|all)\b|[\w$.]+\s?[(,])/i.test(head)
  }

  #select(nested: boolean): boolean {
    this.#endTerm()
    if (!nested && this.#tokens > 1) return false
    if (this.#selects === 0 && this.#clauses.length > 0 && this.points < 5) this.#add(3, 'sql-subquery')
    this.#selects++
    this.#clause = Clause.list
    this.#aliased = false
    this.#afterLogic = false
    this.#compared = false
    this.#pending = 0
    this.#expectOperand = true
    return true
  }

  #alias(): boolean {
    if ((this.#clause !== Clause.list && this.#clause !== Clause.tables) || this.#aliased) return false
    this.#aliased = true
    this.#fresh = false
    return true
  }

  #call(): boolean {
    const name = this.#path
    const plain = this.#tokens === 2 && this.#context.quote === 0 && !this.#context.afterValue
    const short = name.slice(name.lastIndexOf('.') + 1)
    if (plain) this.#startKind = Operand.complex
    if (dangerousFunctions.has(name) || dangerousFunctions.has(short))
      this.#add(plain && !name.includes('_') && !name.includes('.') ? 4 : 5, 'sql-function')
    else if (tellingFunctions.has(short)) this.#telling += plain ? 0.6 : 1
    else if (commonFunctions.has(short)) {
      this.#functions += 1
      if (short === 'char' || short === 'chr' || short === 'nchar') this.#chars++
    } else if (!this.lexer.spaced && this.#unknownCalls++ === 0 && !plain) this.points += 0.5
    this.#push(Clause.call)
    return true
  }

  #push(clause: number): void {
    if (this.#clauses.length > maxDepth * 4) this.#overdeep = true
    this.#clauses.push(
      this.#clause,
      (this.#afterLogic ? 1 : 0) | (this.#compared ? 2 : 0),
      this.#pending,
      this.#leftKind,
    )
    this.#clause = clause
    this.#pending = 0
    this.#fresh = false
    this.#expectOperand = true
    if (clause === Clause.call) this.#afterLogic = false
  }

  #pop(): boolean {
    this.#endTerm()
    if (this.#clauses.length === 0) {
      this.#closers++
      this.#expectOperand = false
      // What was left may have been a derived table: an alias and WHERE can follow.
      this.#clause = Clause.tables
      this.#aliased = false
      this.#fresh = false
      return true
    }
    const group = this.#clause === Clause.group
    this.#leftKind = this.#clauses.pop() as number
    this.#pending = this.#clauses.pop() as number
    const flags = this.#clauses.pop() as number
    const compared = this.#compared
    this.#clause = this.#clauses.pop() as number
    this.#afterLogic = (flags & 1) === 1
    this.#compared = (flags & 2) === 2 || (group && compared)
    if (!group) this.#operand = Operand.complex
    this.#expectOperand = false
    this.#fresh = false
    if (this.#pending !== 0) this.#combine()
    return true
  }

  // --- statements

  #statementNext(): boolean {
    const { lexer } = this
    this.#nextToken()
    if (lexer.kind === TokenKind.end) {
      if (this.#context.quote !== 0) this.#add(2, 'sql-stacked')
      return true
    }
    if (lexer.kind === TokenKind.comment) {
      if (this.#context.quote !== 0 || this.#startKind === Operand.number) this.#add(5, 'sql-stacked')
      this.sealed = true
      return true
    }
    if (lexer.kind === TokenKind.open) {
      this.#push(Clause.group)
      return true
    }
    if (lexer.kind !== TokenKind.word) return lexer.kind === TokenKind.semicolon
    this.#words++
    this.#tokens++
    if (this.fingerprint.length < 16) this.fingerprint += 'n'
    this.#clauses.length = 0
    this.#clause = Clause.condition
    if (classOfWord(lexer.word) === WordClass.name && this.#callFollows()) return this.#wordOperand()
    return this.#statement(lexer.word)
  }

  #statement(verb: string): boolean {
    const { lexer } = this
    const stacked = this.#tokens > 1
    this.#stacked = stacked
    // A word between quotes in a sentence is no statement.
    if (this.#tokens === 1 && this.#context.quote !== 0 && !lexer.spaced) return false
    if (verb === 'select') {
      const code = nextCode(lexer)
      const marked = code === 42 || code === 64 || code === 39 || code === 40 || (code >= 48 && code <= 57)
      if (stacked) this.#add(marked ? 4.5 : 3, 'sql-stacked')
      else {
        this.#whole = true
        this.points += marked ? 3 : 1.5
      }
      return this.#select(true)
    }
    if (classOfWord(verb) !== WordClass.statement) return false
    const kind = this.#nextToken()
    const next =
      kind === TokenKind.word ? lexer.word : kind === TokenKind.variable ? '@' : kind === TokenKind.open ? '(' : ''
    if (kind === TokenKind.string && lexer.quote === 36 && verb === 'do') this.#add(5, 'sql-stacked')
    else if (verb === 'shutdown' && (kind === TokenKind.end || kind === TokenKind.comment || next === 'with'))
      this.#add(stacked ? 5 : 2, 'sql-stacked')
    else if (beginsStatement(verb, next)) {
      if (verb === 'exec' || verb === 'execute' || verb === 'waitfor' || verb === 'declare') this.#add(5, 'sql-stacked')
      else this.#add(stacked ? 5 : verb === 'bulk' ? 4.5 : 3, 'sql-stacked')
    } else if (verb === 'update' && kind === TokenKind.word) this.#pendingSet = true
    else if ((verb === 'exec' || verb === 'execute' || verb === 'call') && kind === TokenKind.word)
      this.#add(stacked ? 3 : 1, 'sql-stacked')
    else if (stacked && kind === TokenKind.comment && lexer.end === lexer.text.length) {
      this.#weakStatement = true
      this.sealed = true
      this.#seal(lexer.start + 2)
    } else if (stacked && (kind === TokenKind.word || kind === TokenKind.string || kind === TokenKind.variable))
      this.#weakStatement = true
    else return false
    if (kind === TokenKind.word) this.#words++
    else if (kind !== TokenKind.end) this.#marks++
    if (kind === TokenKind.word && isSystemName(lexer.word)) this.#add(3, 'sql-schema')
    this.#loose = true
    return true
  }

  /** Inside a statement of its own only what stands out counts. */
  #looseToken(): void {
    const { lexer } = this
    if (lexer.kind !== TokenKind.word) {
      if (lexer.kind === TokenKind.operator && lexer.word === '=')
        this.points += this.points > 0 && this.points < 6 ? 0.75 : 0
      else if (lexer.kind === TokenKind.open || lexer.kind === TokenKind.variable)
        this.points += this.points > 0 && this.points < 6 ? 0.75 : 0
      return
    }
    const { word } = lexer
    if (this.#pendingSet && word === 'set') {
      this.#pendingSet = false
      this.#add(this.#stacked ? 5 : 3, 'sql-stacked')
    } else if (isSystemName(word)) this.#add(3, 'sql-schema')
    else if (dangerousFunctions.has(word) && this.#callFollows()) this.#add(4, 'sql-function')
    else if ((word === 'values' || word === 'from' || word === 'where' || word === 'into') && this.points > 0)
      this.points += this.points < 6 ? 0.75 : 0
  }
}

function isLiteral(kind: number): boolean {
  return kind === Operand.number || kind === Operand.string || kind === Operand.constant
}

function nextCode(lexer: SqlLexer): number {
  let at = lexer.end
  const { text } = lexer
  while (at < text.length && at - lexer.end < 16 && text.charCodeAt(at) <= 32) at++
  return text.charCodeAt(at)
}
