import { charCodeAt } from '@hardening/core'
import { Clause, Operand, SqlReadingBase } from './reading-base.js'
import { isSystemName } from './words.js'

/** Operands, operators and conditions: what is compared with what, and whether anybody but an attacker would. */
export abstract class SqlTerms extends SqlReadingBase {
  protected clauses: number[] = []
  protected clause: number = Clause.condition
  protected operandStart = 0
  protected operandEnd = 0
  protected path = ''
  protected afterDot = false
  protected fresh = false
  protected leftKind: number = Operand.none
  protected leftStart = 0
  protected leftEnd = 0
  /** 0 none, 1 equality, 2 order, 3 arithmetic */
  protected pending = 0
  protected between = false
  protected afterLogic = false
  protected softLogic = false
  protected compared = false
  protected comparedBefore = false
  protected aliased = false
  protected functions = 0
  /** Calls that only a database knows, or whose argument is no word. */
  protected calls = 0
  protected telling = 0
  protected loose = false
  protected logics = 0
  protected literalGroup = false
  protected unary = false
  protected inList = false
  protected ordering = 0
  protected chars = 0
  /** The text is a statement of its own. */
  protected whole = false
  protected casting = false
  /** The comparison is a word that touches the quote before it: `"like"` in a sentence. */
  protected wordy = false
  protected gluedLogic = false
  /** The comparison is a word: LIKE, IS. */
  protected worded = false

  protected setOperand(kind: number): boolean {
    const { lexer } = this
    if (this.startKind === Operand.none) this.startKind = kind
    const from = lexer.start
    if (this.ordering > 0) {
      if (kind === Operand.number) this.points += this.ordering
      this.ordering = 0
    }
    this.expectOperand = false
    this.afterDot = false
    if (kind !== Operand.name) this.fresh = false
    this.operand = kind
    this.operandStart = from
    this.operandEnd = lexer.end
    if (this.pending !== 0 && !(kind === Operand.name && this.fresh && this.callFollows())) this.combine()
    return true
  }

  /** Brings the operand together with the one on the left of the pending operator. */
  protected combine(): void {
    const left = this.leftKind
    const right = this.operand
    const pending = this.pending
    this.pending = 0
    const literal = isLiteral(left) && isLiteral(right)
    if (pending === 3) {
      if (literal && right === Operand.constant && this.leftEnd === this.operandStart - 1 && this.tokens === 3)
        this.add(5, 'sql-expression')
      this.operand = literal ? left : Operand.complex
      if (literal) this.operandStart = this.leftStart
      return
    }
    this.compared = true
    this.score(left, right, literal, pending)
    this.operand = Operand.complex
  }

  protected score(left: number, right: number, literal: boolean, pending: number): void {
    const quoted = this.context.quote !== 0
    const literalQuote = this.context.quote === 39 || this.context.quote === 34
    if (!this.afterLogic) {
      this.literalGroup = literal && pending === 1
      if (literal && this.clause === Clause.call && pending === 1 && this.functions + this.telling > 0)
        this.add(4, 'sql-expression')
      else if (literal && literalQuote) this.add(this.wordy ? 0.5 : this.opens() ? 1 : 2, 'sql-expression')
      else if (literal && left === Operand.string && pending === 1 && this.sameText()) this.add(5, 'sql-tautology')
      else if (literal) this.points += pending === 1 ? 1 : 0
      return
    }
    if (literal) {
      const strict = pending === 1 || quoted || !this.comparedBefore
      return this.add(strict ? (pending === 1 ? 6 : 5) : 2, 'sql-tautology')
    }
    if (pending === 1 && left === Operand.name && right === Operand.name && this.sameText())
      return this.add(this.startKind === Operand.name ? 6 : 5, 'sql-tautology')
    const bare = !quoted && this.startKind === Operand.number
    if (left === Operand.complex || right === Operand.complex)
      return this.add(bare && this.calls > 0 ? 5 : 3, 'sql-expression')
    if (bare && pending === 1 && right === Operand.string && left === Operand.name) return this.add(5, 'sql-expression')
    const fronted = quoted && this.leads() && this.logics === 1
    if (this.worded && right !== Operand.name) {
      const isNull = right === Operand.constant && left === Operand.name
      return this.add(
        (!quoted && this.startKind === Operand.number) || (isNull && fronted) ? 5 : isNull ? 4 : 3,
        'sql-expression',
      )
    }
    // A text that begins with its quote and a condition, and a number with a condition that ends the text.
    if (left === Operand.name && right === Operand.number) {
      if (fronted) return this.add(4, 'sql-expression')
      if (bare) return this.add(this.isLast() ? 4.5 : 2.5, 'sql-expression')
    }
    this.add(quoted ? 2.5 : 1.5, 'sql-expression')
  }

  /** A number that nobody writes in a sentence: `0x1`, `.1`. */
  protected isCoded(): boolean {
    const { text } = this.lexer
    const first = charCodeAt(text, this.operandStart)
    return (
      this.startKind === Operand.number &&
      (first === 46 || (first === 48 && (charCodeAt(text, this.operandStart + 1) | 32) >= 98))
    )
  }

  /** Whether nothing but parentheses and comments stands behind the operand. */
  protected isLast(): boolean {
    const { text } = this.lexer
    return /^[)\s]{0,8}(?:$|--|#|\/\*|;)/.test(text.slice(this.operandEnd, this.operandEnd + 16))
  }

  protected sameText(): boolean {
    const { text } = this.lexer
    const length = this.leftEnd - this.leftStart
    if (length !== this.operandEnd - this.operandStart || length > 64) return false
    return text.slice(this.leftStart, this.leftEnd) === text.slice(this.operandStart, this.operandEnd)
  }

  protected nameOperand(): boolean {
    if (this.casting) {
      this.casting = false
      this.expectOperand = false
      this.fresh = true
      return true
    }
    this.fresh = true
    if (this.path.length > 4 && isSystemName(this.path)) this.add(3, 'sql-schema')
    else if (this.path !== this.lexer.word && isSystemName(this.lexer.word)) this.add(3, 'sql-schema')
    this.afterDot = false
    return this.setOperand(Operand.name)
  }

  protected markOperator(word: string): boolean {
    switch (word) {
      case '=':
      case '<=>':
      case '!=':
      case '<>':
        return this.compare(1)
      case '<':
      case '>':
      case '<=':
      case '>=':
      case '!<':
      case '!>':
        return this.compare(2)
      case '||':
      case '&&':
        return this.logic(true)
      case '!':
      case '@':
        return false
      case '~':
      case '!~':
      case '~*':
        return this.compare(1)
      case '::':
        this.casting = true
        this.expectOperand = true
        return true
      default:
        if (this.literalGroup && this.operand === Operand.complex) {
          this.literalGroup = false
          this.add(4, 'sql-expression')
        }
        this.remember(3)
        return true
    }
  }

  protected compare(pending: number): boolean {
    this.remember(pending)
    return true
  }

  protected remember(pending: number): void {
    this.leftKind = this.operand
    this.leftStart = this.operandStart
    this.leftEnd = this.operandEnd
    this.pending = pending
    this.worded = false
    this.expectOperand = true
    this.fresh = false
  }

  protected logic(soft: boolean): boolean {
    if (this.between && !soft) {
      this.between = false
      this.expectOperand = true
      return true
    }
    this.endTerm()
    if (this.compared && this.logics === 0) this.comparedBefore = true
    this.compared = false
    this.afterLogic = true
    this.softLogic = soft
    this.unary = false
    this.gluedLogic = !soft && !this.lexer.spaced && this.tokens > 0
    this.logics++
    // `||` joins strings to most databases, so the operand on its left stays in mind.
    this.leftKind = this.operand
    this.leftStart = this.operandStart
    this.leftEnd = this.operandEnd
    this.expectOperand = true
    this.fresh = false
    this.pending = 0
    return true
  }

  /** A term of a condition is complete. */
  protected endTerm(): void {
    if (!this.afterLogic || this.compared || this.expectOperand || this.loose) return
    this.afterLogic = false
    const quoted = this.context.quote !== 0
    switch (this.operand) {
      case Operand.number:
        if (this.softLogic) return quoted ? this.add(this.leads() ? 3 : 1, 'sql-expression') : undefined
        if (this.leftKind === Operand.number && this.sameText()) return this.add(5, 'sql-tautology')
        if (this.unary || (!quoted && this.isCoded())) return this.add(5, 'sql-tautology')
        return this.add(quoted && this.leads() ? 4 : 2, 'sql-expression')
      case Operand.string: {
        // In a sentence "or" stands between quotes.
        const length = this.operandEnd - this.operandStart
        if (this.startKind === Operand.number && !quoted && !this.softLogic && length > 2)
          return this.add(5, 'sql-expression')
        if (this.leads() && this.tokens === 2 && this.operandEnd === this.lexer.text.length && !this.softLogic)
          return this.add(4, 'sql-expression')
        if (this.gluedLogic && (length > 3 || charCodeAt(this.lexer.text, this.operandStart + 1) <= 32)) return
        return this.add(this.softLogic ? 1 : 2, 'sql-expression')
      }
      case Operand.constant:
        return this.add(this.softLogic ? 2 : this.startKind === Operand.number ? 5 : 4, 'sql-expression')
      case Operand.complex:
        return this.add(!quoted && this.calls > 0 && this.startKind === Operand.number ? 4 : 1, 'sql-expression')
      default:
    }
  }

  protected wordComparison(word: string): boolean {
    const { lexer } = this
    if (word === 'isnull' || word === 'notnull') {
      this.add(2, 'sql-expression')
      return true
    }
    if (word === 'sounds' || word === 'similar') return true
    if (word === 'is') {
      this.remember(1)
      this.worded = true
      return true
    }
    // position('a' in b)
    this.inList = word === 'in' && this.clause !== Clause.call
    this.between = word === 'between'
    this.wordy = !lexer.spaced && this.context.quote !== 0 && this.tokens === 1
    this.remember(1)
    this.worded = word !== 'in'
    return true
  }

  /** MySQL's `IN BOOLEAN MODE` and `IN NATURAL LANGUAGE MODE` stand behind the text that is searched for. */
  protected searchMode(): boolean {
    if (!this.isWord('boolean') && !this.isWord('natural')) return false
    this.nextToken()
    if (this.isWord('language')) this.nextToken()
    if (!this.isWord('mode')) return false
    this.words += 2
    this.pending = 0
    this.expectOperand = false
    this.add(2, 'sql-clause')
    return true
  }
}

function isLiteral(kind: number): boolean {
  return kind === Operand.number || kind === Operand.string || kind === Operand.constant
}
