import { choiceOption, rejectUnknownOptions } from '@hardening/core'
import { SqlLexer } from '../detect/sql/lexer.js'
import { sqlLexings, type SqlDialect, type SqlLexing } from '../detect/sql/lexing.js'
import { TokenKind } from '../detect/sql/token.js'
import { SqlGuardError } from './errors.js'
import { textsOf, type GuardInputs } from './inputs.js'

/** Options of {@link sqlGuard}. */
export interface SqlGuardOptions {
  /** The database that will read the statement. */
  dialect: SqlDialect
  /**
   * MySQL with `NO_BACKSLASH_ESCAPES`: a backslash in a literal is a backslash.
   *
   * @defaultValue false
   */
  noBackslashEscapes?: boolean
  /** MySQL with `ANSI_QUOTES`: `"..."` is a name. @defaultValue false */
  ansiQuotes?: boolean
}

const dialects = Object.keys(sqlLexings) as SqlDialect[]

/** What an input may contain and still be a value where the statement has room for one: a number with its sign. */
const signedNumber = /^[+-]?\d{1,40}(?:\.\d{1,40})?$/

/**
 * Refuses a statement whose structure request input has changed. Reads the statement as the database will, and looks where
 * the inputs stand in it: inside one literal, name, number or comment they are data, across several tokens or over the end
 * of a literal they are code. Parameters of a prepared statement do not stand in it and always pass. Call it with the final
 * text, just before it is run.
 *
 * @param query - the statement as it will be sent.
 * @param inputs - everything that came with the request: `[req.query, req.params, req.body]`.
 * @throws SqlGuardError `ERR_VALIDATION_SQL_GUARD`
 * @throws ConfigError `ERR_CONFIG_INVALID` for a dialect that is not known.
 * @example
 * sqlGuard(`SELECT * FROM users WHERE name = '${name}'`, [req.query], { dialect: 'postgresql' })
 */
export function sqlGuard(query: string, inputs: GuardInputs, options: SqlGuardOptions): void {
  const lexing = lexingOf(options)
  const texts = textsOf(inputs)
  if (texts === undefined) throw new SqlGuardError('more inputs than can be followed')
  const folded = foldCase(query)
  let tokens: TokenTable | undefined
  for (const text of texts) {
    if (text.length > query.length) continue
    for (const spelling of spellings(foldCase(text), lexing)) {
      let at = folded.indexOf(spelling)
      if (at === -1) continue
      tokens ??= new TokenTable(query, lexing)
      while (at !== -1) {
        const reason = tokens.breakage(at, at + spelling.length)
        if (reason !== undefined) throw new SqlGuardError(reason)
        at = folded.indexOf(spelling, tokens.next(at, spelling.length))
      }
    }
  }
}

function lexingOf(options: SqlGuardOptions): SqlLexing {
  rejectUnknownOptions('sqlGuard', options, ['dialect', 'noBackslashEscapes', 'ansiQuotes'])
  const { dialect, noBackslashEscapes = false, ansiQuotes = false } = options
  const lexing = sqlLexings[choiceOption('sqlGuard', 'dialect', dialect, dialects)]
  if (!noBackslashEscapes && !ansiQuotes) return lexing
  return {
    ...lexing,
    backslash: lexing.backslash && !noBackslashEscapes,
    doubleQuoteIsString: lexing.doubleQuoteIsString && !ansiQuotes,
  }
}

/** Marks that are all over a statement by themselves, and change nothing of it. */
const punctuation = /^(?:[\s,()'"`%[\]]+|[\s,()%[\]\-#;/*$.]+)$/

/** The ways in which an input may have been written into a statement: as it is, trimmed, and escaped in common ways. */
function spellings(text: string, { backslash }: SqlLexing): readonly string[] {
  const plain = text.trim()
  if (plain.length < 2 || punctuation.test(plain)) return []
  const all = new Set([plain])
  if (plain.includes("'")) all.add(plain.replaceAll("'", "''")).add(plain.replaceAll("'", "\\'"))
  if (plain.includes('"')) all.add(plain.replaceAll('"', '""')).add(plain.replaceAll('"', '\\"'))
  if (plain.includes('`')) all.add(plain.replaceAll('`', '``'))
  if (plain.includes(']')) all.add(plain.replaceAll(']', ']]'))
  if (backslash && plain.includes('\\')) {
    const doubled = plain.replaceAll('\\', '\\\\')
    all.add(doubled).add(doubled.replaceAll("'", "\\'"))
  }
  return [...all]
}

/** ASCII letters in lower case: positions stay those of the statement. */
function foldCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

/** The tokens of a statement, to be asked what stands where. */
class TokenTable {
  readonly #query: string
  readonly #backslash: boolean
  readonly #kinds: number[] = []
  readonly #starts: number[] = []
  readonly #ends: number[] = []
  readonly #contentStarts: number[] = []
  readonly #contentEnds: number[] = []
  #oddRows: readonly { readonly start: number; readonly end: number }[] | undefined

  constructor(query: string, lexing: SqlLexing) {
    this.#query = query
    this.#backslash = lexing.backslash
    const lexer = new SqlLexer(query, lexing)
    while (lexer.next() !== TokenKind.end) {
      this.#kinds.push(lexer.kind)
      this.#starts.push(lexer.start)
      this.#ends.push(lexer.end)
      this.#contentStarts.push(lexer.contentStart)
      this.#contentEnds.push(lexer.contentEnd)
    }
  }

  /** How the text from `from` to `to` breaks the structure; `undefined` where it is data. */
  breakage(from: number, to: number): string | undefined {
    const first = this.#tokenAt(from)
    if (first === -1) return undefined
    const start = this.#starts[first] as number
    const end = this.#ends[first] as number
    if (to <= end && from >= start) {
      if (from >= (this.#contentStarts[first] as number) && to <= (this.#contentEnds[first] as number))
        return this.#kinds[first] === TokenKind.string && this.#escapesOn(to)
          ? 'escapes the end of its literal'
          : undefined
      return 'leaves its literal'
    }
    const kind = this.#kinds[first]
    if (kind === TokenKind.string || kind === TokenKind.name || kind === TokenKind.comment) return 'leaves its literal'
    const text = this.#query.slice(from, to)
    if (signedNumber.test(text) && first + 1 < this.#starts.length && to === this.#ends[first + 1] && from === start)
      return undefined
    return 'spans several tokens'
  }

  /**
   * Where the same text could stand next and not be data, after it was data at `from`: within one token it is data everywhere.
   * Without this, a long literal of one letter would be gone over once for each of its places.
   */
  next(from: number, length: number): number {
    const first = this.#tokenAt(from)
    if (first === -1) return this.#query.length
    const contentEnd = this.#contentEnds[first] as number
    if (from + length > contentEnd) return from + 1
    // One that ends in a backslash is data up to a row of them that escapes something.
    const isEscape = this.#query.charCodeAt(from + length - 1) === 92
    const end = isEscape ? Math.min(contentEnd, this.#oddRowBehind(from + length)) : contentEnd
    return Math.max(from + 1, end - length + 1)
  }

  /** Where the first row of backslashes of an odd number begins that goes on behind a place. */
  #oddRowBehind(place: number): number {
    this.#oddRows ??= [...this.#query.matchAll(/\\+/g)]
      .filter(([row]) => row.length % 2 === 1)
      .map(({ 0: row, index }) => ({ start: index, end: index + row.length }))
    const found = this.#oddRows[firstWhere(this.#oddRows.length, (at) => (this.#oddRows?.[at]?.end as number) >= place)]
    return found === undefined ? Infinity : found.start
  }

  /** Whether what ends at `to` leaves a backslash that escapes what stands behind it. */
  #escapesOn(to: number): boolean {
    if (!this.#backslash || this.#query.charCodeAt(to - 1) !== 92) return false
    let from = to - 1
    while (this.#query.charCodeAt(from - 1) === 92) from--
    let end = to
    while (this.#query.charCodeAt(end) === 92) end++
    return (end - from) % 2 === 1
  }

  /** The first token that ends behind `at`. */
  #tokenAt(at: number): number {
    const low = firstWhere(this.#ends.length, (token) => (this.#ends[token] as number) > at)
    return low < this.#ends.length ? low : -1
  }
}

/** The first of so many numbers from 0 for which something holds that holds for all behind it; their count where it holds for none. */
function firstWhere(count: number, holds: (at: number) => boolean): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}
