import { charCodeAt } from '@hardening/core'
import { Clause, Operand } from './reading-base.js'
import { SqlTerms } from './reading-terms.js'
import { TokenKind } from './token.js'
import { WordClass, classOfWord, commonFunctions, dangerousFunctions, tellingFunctions } from './words.js'

/** Parentheses inside one another that are followed. */
const maxDepth = 250

/** Clauses, parentheses and calls. */
export abstract class SqlClauses extends SqlTerms {
  protected closers = 0
  protected unknownCalls = 0
  protected selects = 0
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
    const block = charCodeAt(text, lexer.start) === 47
    if (lexer.end < text.length || (block && lexer.closed)) {
      if (this.comments < 2 && block) {
        this.comments++
        if (this.tokens > 0 || this.context.quote !== 0) this.points += 0.5
      }
      return false
    }
    if (lexer.conditionals > 0 && lexer.end - lexer.start <= 2) return false
    this.sealed = true
    this.seal(block ? lexer.start + 2 : charCodeAt(text, lexer.start) === 35 ? lexer.start + 1 : lexer.start + 2)
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
    if (this.points >= (bare ? 1.5 : 2)) return this.add(wordy ? 1 : empty ? 3 : 2, 'sql-comment')
    if (wordy) return
    // "--option" and "#anchor" in quotes: attackers leave a space, or nothing.
    if (!bare && !this.lexer.spaced && /^[\w.[-]{2}/.test(body)) return this.add(1, 'sql-comment')
    if (!bare) {
      return this.add(this.prefixWords() > 2 || this.opens() ? 2 : 4, 'sql-comment')
    }
    const hash = charCodeAt(text, bodyStart - 1) === 35
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
    if (charCodeAt(lexer.text, lexer.text.length - 1) === 0 && context.quote !== 0 && this.tokens > 0)
      this.add(2, 'sql-comment')
    if (this.functions > 0) this.add(Math.min(this.functions, 3), 'sql-function')
    if (this.telling > 0) this.add(Math.min(this.telling * 2.5, 5), 'sql-function')
    if (this.points === 0) return
    if (this.selects > 0 && !this.failed && isSubquery(lexer.text)) this.add(2, 'sql-subquery')
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

  /** Whether a subquery stands where only an operand can, and what it selects is no word. Prose says "(select 2)". */
  protected asksForRows(): boolean {
    if (this.startKind === Operand.name || this.startKind === Operand.complex) return false
    if (this.startKind !== Operand.none && this.pending === 0 && !this.afterLogic && this.clauses.length < 8)
      return this.operandEnd === 0
    return this.listFollows()
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
    if (this.selects === 0 && this.clauses.length > 0 && this.points < 5)
      this.add(this.asksForRows() ? 5 : 3, 'sql-subquery')
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
      this.add(plain && !name.includes('_') && !this.isWholeText(name) ? 4 : 5, 'sql-function')
    else if (tellingFunctions.has(short)) this.telling += plain ? 0.6 : 1
    else if (commonFunctions.has(short)) {
      this.functions += 1
      if (short === 'char' || short === 'chr' || short === 'nchar') this.chars++
    } else if (!this.lexer.spaced && this.unknownCalls++ === 0 && !plain) this.points += 0.5
    if (!this.lexer.spaced && (isKnown(short) || !startsWord(this.lexer.text, this.lexer.end))) this.calls++
    this.push(Clause.call)
    return true
  }

  /** Whether the text is this call and nothing else: `sleep(5)`, but not the statement of a program, `sleep(5);`. */
  protected isWholeText(name: string): boolean {
    const { text } = this.lexer
    const last = charCodeAt(text, text.length - 1)
    return (
      text.length < 48 &&
      (last === 41 || last === 35) &&
      text.slice(0, name.length + 1).toLowerCase() === `${name}(` &&
      !name.includes('.')
    )
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
}

/** A text that is one subquery, with a condition or a limit: prose in parentheses has neither. */
function isSubquery(text: string): boolean {
  if (charCodeAt(text, 0) !== 40 || charCodeAt(text, text.length - 1) !== 41 || text.length > 400) return false
  return /\sfrom\s/i.test(text) && /\s(?:where\s|limit\s{1,4}\d)/i.test(text) && /[=<>]|\slimit\s/i.test(text)
}

function isKnown(name: string): boolean {
  return commonFunctions.has(name) || tellingFunctions.has(name) || dangerousFunctions.has(name)
}

/** Whether the first argument begins as a word does: "item(s)". */
function startsWord(text: string, at: number): boolean {
  const lower = charCodeAt(text, at) | 32
  return (lower >= 97 && lower <= 122) || charCodeAt(text, at) >= 128
}
