import { charCodeAt } from '@hardening/core'
import type { Detection, DetectOptions } from '../detection.js'
import { better, detectWith, type Detector, type Reading } from '../detector.js'
import { Hint } from '../hints.js'
import { Mark } from '../marks.js'
import { mayBegin, mayContinue } from './gate.js'
import { literalShape } from './literal-shapes.js'
import { commandShape, statementShape } from './statement-shapes.js'
import type { SqlContext } from './reading-base.js'
import { SqlReading } from './reading.js'

/** Whether the first word is one that a shape of a statement begins with. */
function startsStatement(text: string): boolean {
  let at = 0
  while (at < 8 && charCodeAt(text, at) <= 32) at++
  const first = charCodeAt(text, at) | 32
  // c, d, e, g, i, p, s
  if (first < 99 || first > 115 || ((1 << (first - 99)) & 0x12057) === 0) return false
  return /^(?:copy|create|drop|exec|execute|grant|into|procedure|select|sleep)\b/i.test(text.slice(at, at + 12))
}

function quotedShape(form: string, hints: number): Reading | undefined {
  const shape = literalShape(form)
  return (hints & Hint.waitfor) === 0 ? shape : better(shape, delays(form))
}

/** SQL Server's WAITFOR with its literal, wherever it stands. */
function delays(text: string): Reading | undefined {
  return /\bwaitfor\s{1,8}(?:delay|time)\s{0,8}['"]\d/i.test(text)
    ? { points: 5, rule: 'sql-function', fingerprint: 'nns' }
    : undefined
}

/** The value of the last parameter of a URL that was pasted as a whole, read as a value. */
function behindUrl(text: string, marks: number): Reading | undefined {
  if ((marks & Mark.equals) === 0) return undefined
  const question = text.indexOf('?')
  if (question === -1 || question > 200) return undefined
  const equals = text.indexOf('=', question)
  if (equals === -1 || !/^\w{1,40}$/.test(text.slice(question + 1, equals)) || text.slice(0, question).includes(' '))
    return undefined
  const value = text.slice(equals + 1)
  return mayBegin(value) ? readContext(value, 0, 0, false, { tokens: maxTokens }) : undefined
}

/** Tokens that all readings of a form may come to: what is short is never at the end of them. */
const maxTokens = 4096

interface Budget {
  tokens: number
}

/** Readings a form of the text is given at most, so that the work stays linear. */
const restartsPerQuote = 3

/**
 * Looks for text that would change the structure of an SQL statement it is pasted into: bare, inside a literal of any
 * quote, inside parentheses or a comment. Reads it as MySQL and as the other databases do. Pure and linear.
 *
 * @example
 * detectSqlInjection("' OR 1=1 --") // { kind: 'sql-injection', rule: 'sql-tautology', score: 5, ... }
 */
export function detectSqlInjection(value: string, options: DetectOptions = {}): Detection | undefined {
  return detectWith(sqlDetector, value, options)
}

/** {@link detectSqlInjection} as the middleware runs it. */
export const sqlDetector: Detector = {
  kind: 'sql-injection',
  needs:
    Mark.quote |
    Mark.equals |
    Mark.open |
    Mark.separator |
    Mark.hash |
    Mark.less |
    Mark.bracket |
    Mark.backslash |
    Mark.ampersand |
    Mark.brace |
    Mark.word |
    Mark.pair,
  read(form, marks, hints) {
    const reading: Reading | undefined = readSql(form, marks, hints, { tokens: maxTokens })
    if (reading !== undefined && reading.points >= 5) return reading
    if ((marks & (Mark.word | Mark.open)) !== 0 && startsStatement(form)) {
      const shape = statementShape(form)
      if (shape !== undefined) return shape
    }
    if ((hints & Hint.command) !== 0) {
      const shape = commandShape(form)
      if (shape !== undefined) return shape
    }
    return (marks & Mark.quote) === 0
      ? better(reading, behindUrl(form, marks))
      : better(better(reading, behindUrl(form, marks)), quotedShape(form, hints))
  },
}

/** The most telling reading of a text that is decoded already. */
function readSql(text: string, marks: number, hints: number, budget: Budget): SqlReading | undefined {
  let best = mayBegin(text) ? readContext(text, 0, 0, false, budget) : undefined
  if (done(best)) return best
  for (const quote of (marks & (Mark.quote | Mark.bracket)) === 0 ? noQuotes : quotes) {
    let at = 0
    for (let restart = 0; restart < restartsPerQuote; restart++) {
      const mark = text.indexOf(quote.char, at)
      if (mark === -1) break
      // The first quote may be doubled or escaped: only a reading knows where the literal ends.
      const inside = charCodeAt(text, mark + 1) === quote.code || charCodeAt(text, mark - 1) === 92
      if (!inside && !mayContinue(text, mark + 1)) {
        at = mark + 1
        continue
      }
      const reading = readContext(text, restart === 0 ? 0 : mark + 1, quote.code, restart > 0, budget)
      if (restart > 0 && reading !== undefined) reading.points -= 1
      best = better(best, reading)
      if (done(best)) return best
      at = mark + 1
    }
  }
  for (
    let at = (hints & Hint.union) === 0 ? -1 : wordAt(text, 0), restart = 0;
    at > 0 && restart < restartsPerQuote;
    at = wordAt(text, at + 5), restart++
  ) {
    best = better(best, readContext(text, at, 0, true, budget))
    if (done(best)) return best
  }
  const comment = (marks & Mark.slash) === 0 ? -1 : text.indexOf('*/')
  if (comment !== -1 && comment < text.length - 2) {
    const opened = text.indexOf('/*')
    if (opened === -1 || opened > comment) best = better(best, readContext(text, comment + 2, 0, true, budget))
    else if (!done(best)) {
      const joined = withoutComments(text)
      if (joined !== text && !joined.includes('/*')) best = better(best, readSql(joined, marks, hints, budget))
    }
  }
  return best
}

const quotes = [
  { char: "'", code: 39 },
  { char: '"', code: 34 },
  { char: '`', code: 96 },
  { char: ']', code: 93 },
] as const

const noQuotes: typeof quotes | readonly [] = []

/** What MySQL and the others read differently. */
const dialectal = /[\\#"[$]|--|\/\*!|\/\*M!|\.e/i

function readContext(
  text: string,
  at: number,
  quote: number,
  afterValue: boolean,
  budget: Budget,
): SqlReading | undefined {
  if (budget.tokens <= 0) return undefined
  const context: SqlContext = { quote, at, afterValue, mysql: true }
  const mysql = new SqlReading(text, context).read()
  budget.tokens -= mysql.size
  if (mysql.points >= 5 || budget.tokens <= 0 || !dialectal.test(text)) return mysql
  const other = new SqlReading(text, { ...context, mysql: false }).read()
  budget.tokens -= other.size
  return better(mysql, other)
}

function done(reading: SqlReading | undefined): boolean {
  return reading !== undefined && reading.points >= 5
}

/** Where UNION stands as a word of its own, behind something that cannot be read. */
function wordAt(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = charCodeAt(text, at) | 32
    if (code === 117 && (charCodeAt(text, at + 1) | 32) === 110 && (charCodeAt(text, at + 2) | 32) === 105) {
      if (text.slice(at, at + 5).toLowerCase() === 'union') return at
    }
  }
  return -1
}

/** The text as a filter leaves it that takes comments out. */
function withoutComments(text: string): string {
  let result = ''
  let from = 0
  for (let at = text.indexOf('/*'); at !== -1; at = text.indexOf('/*', from)) {
    const end = text.indexOf('*/', at + 2)
    if (end === -1) break
    result += text.slice(from, at)
    from = end + 2
  }
  return result + text.slice(from)
}
