import { charCodeAt } from '../../char-code-at.js'
import type { NameAction } from '../sensitive-names.js'
import { codeAt, hasDigit, hasLetter, isAlphanumeric, isBlank, isDigit, isQuote } from './characters.js'
import { Cuts, type Scan } from './scan.js'

// Longer names are no names.
const LONGEST_NAME = 64

/**
 * Secrets that a name stands before: `?token=…`, `password=…`, `"password":"…"` (also as JSON inside JSON), `{ pin:
 * 1234 }`, `Cookie: …` at the start of a line, `<password>…</password>`. A mere mention (`Invalid password: too short`)
 * stays.
 */
export function hideAssignments(text: string, scan: Scan): string {
  const cuts = new Cuts(text, scan.replacement)
  let index = 0
  while (index < text.length) {
    const code = charCodeAt(text, index)
    // `:`, `;`, `<`, `=` and `>` stand in a row; nearly every character is none of them.
    if (code < COLON || code > GREATER) index++
    else if (code === EQUALS) index = hideEquals(text, index, scan, cuts)
    else if (code === COLON) index = hideColon(text, index, scan, cuts)
    else if (code === GREATER) index = hideElement(text, index, scan, cuts)
    else index++
  }
  return cuts.done()
}

/** The name that ends before a separator. */
interface Name {
  readonly text: string
  /** Where the name begins, without its quotes. */
  readonly start: number
  readonly isQuoted: boolean
}

// The name is judged before the value is looked for: looking for the end of every value would take quadratic time.

/** `name=value` and `name => 'value'`. */
function hideEquals(text: string, equals: number, scan: Scan, cuts: Cuts): number {
  const after = codeAt(text, equals + 1)
  if (after === EQUALS) return endOfEquals(text, equals)
  const isArrow = after === GREATER
  const name = nameBefore(text, equals)
  if (name === undefined) return equals + 1
  const start = skipSpaces(text, equals + (isArrow ? 2 : 1))
  let action = scan.actionOf(name.text)
  if (action === 'show') {
    if (!isQueryCredential(text, name, start)) return equals + 1
    action = 'hide'
  }
  const opening = openingQuote(text, start)
  if (isArrow && opening === -1) return equals + 1
  const value = opening === -1 ? bareValue(text, start, isDelimiter) : quotedValue(text, start, opening)
  return hideValue(text, value, action, scan, cuts) ?? equals + 1
}

/** `"name":"value"`, `name: 'value'`, `{ name: 1234 }` and `Name: value` as a line of its own. */
function hideColon(text: string, colon: number, scan: Scan, cuts: Cuts): number {
  const name = nameBefore(text, colon)
  if (name === undefined) return colon + 1
  const action = scan.actionOf(name.text)
  if (action === 'show') return colon + 1
  const start = skipSpaces(text, colon + 1)
  const opening = openingQuote(text, start)
  let value: Span | undefined
  if (opening !== -1) value = quotedValue(text, start, opening)
  else if (name.isQuoted || isDigitInObject(text, name, start)) value = jsonValue(text, start)
  else if (isLineStart(text, name.start)) value = lineValue(text, start, name)
  return (value && hideValue(text, value, action, scan, cuts)) ?? colon + 1
}

/** `<name>value</name>`. */
function hideElement(text: string, greater: number, scan: Scan, cuts: Cuts): number {
  const name = nameBefore(text, greater)
  if (name === undefined || codeAt(text, name.start - 1) !== LESS) return greater + 1
  const action = scan.actionOf(name.text)
  if (action === 'show') return greater + 1
  const value = bareValue(text, greater + 1, (code) => code === LESS)
  return hideValue(text, value, action, scan, cuts) ?? greater + 1
}

/** Where a value begins and ends. */
type Span = readonly [from: number, to: number]

/** Cuts the value; the place to go on from, `undefined` where there is nothing to hide. */
function hideValue(text: string, value: Span, action: NameAction, scan: Scan, cuts: Cuts): number | undefined {
  const [from, to] = value
  if (to <= from) return undefined
  // What a scanner before this one has hidden is done.
  if (text.startsWith(scan.replacement, from)) return from + scan.replacement.length
  if (to - from <= 9 && isLiteral(text, from, to)) return undefined
  if (action !== 'hide' && isNumber(text, from, to)) return undefined
  cuts.cut(from, to)
  return to
}

function isLiteral(text: string, from: number, to: number): boolean {
  const first = charCodeAt(text, from) | 0x20
  return (first === 0x74 || first === 0x66 || first === 0x6e || first === 0x75) && LITERAL.test(text.slice(from, to))
}

const LITERAL = /^(?:true|false|null|undefined|none)$/i

/**
 * Whether this is a parameter of a URL that is a secret though its name does not say so: OAuth's `code` (RFC 6749
 * section 4.1.2), a `key`, the signature that makes an address a ticket.
 */
function isQueryCredential(text: string, name: Name, start: number): boolean {
  const before = codeAt(text, name.start - 1)
  if (before !== QUESTION && before !== AMPERSAND && before !== HASH) return false
  if (name.text.length > LONGEST_QUERY_CREDENTIAL || !QUERY_CREDENTIAL.test(name.text)) return false
  let end = start
  while (end - start < 64 && end < text.length && !isDelimiter(charCodeAt(text, end))) end++
  return end - start >= 16 && hasDigit(text, start, end) && hasLetter(text, start, end)
}

const LONGEST_QUERY_CREDENTIAL = 16
const QUERY_CREDENTIAL = /^(?:code|key|sig|signature|x-amz-signature|x-amz-credential|x-goog-signature|hmac)$/i

function nameBefore(text: string, separator: number): Name | undefined {
  let end = separator
  while (end > 0 && separator - end < 2 && charCodeAt(text, end - 1) === SPACE) end--
  const isQuoted = end > 0 && isQuote(charCodeAt(text, end - 1))
  if (isQuoted) {
    end--
    while (end > 0 && charCodeAt(text, end - 1) === BACKSLASH) end--
  }
  let start = end
  while (start > 0 && end - start <= LONGEST_NAME && isNameCharacter(charCodeAt(text, start - 1))) start--
  if (start === end || end - start > LONGEST_NAME) return undefined
  // Most colons stand in times and addresses.
  if (isDigit(charCodeAt(text, start)) && isDigit(charCodeAt(text, end - 1))) return undefined
  return { text: text.slice(start, end), start, isQuoted }
}

function isNameCharacter(code: number): boolean {
  return code < 128 ? NAME_CHARACTERS[code] === 1 : code > 0xbf
}

const NAME_CHARACTERS: Uint8Array = /* @__PURE__ */ Uint8Array.from({ length: 128 }, (_, code) =>
  isAlphanumeric(code) || '_-.[]%$'.includes(String.fromCharCode(code)) ? 1 : 0,
)

/** Behind a row of equals signs, which compares or underlines. */
function endOfEquals(text: string, start: number): number {
  let end = start
  while (codeAt(text, end) === EQUALS) end++
  return end
}

function skipSpaces(text: string, from: number): number {
  let start = from
  while (start - from < 4 && isLineSpace(codeAt(text, start))) start++
  return start
}

/** The place of the quote that opens a value at `start`, behind backslashes where JSON stands inside JSON; or -1. */
function openingQuote(text: string, start: number): number {
  let index = start
  while (index - start < 16 && codeAt(text, index) === BACKSLASH) index++
  return isQuote(codeAt(text, index)) ? index : -1
}

/** Up to the same quote behind as many backslashes as the opening one had; more belong to the value. */
function quotedValue(text: string, start: number, opening: number): Span {
  const quote = charCodeAt(text, opening)
  const depth = opening - start
  let backslashes = 0
  for (let index = opening + 1; index < text.length; index++) {
    const code = charCodeAt(text, index)
    if (code === BACKSLASH) backslashes++
    else if (code === quote && backslashes <= depth) return [opening + 1, index - backslashes]
    else backslashes = 0
  }
  return [opening + 1, text.length]
}

function bareValue(text: string, start: number, isEnd: (code: number) => boolean): Span {
  let end = start
  while (end < text.length && !isEnd(charCodeAt(text, end))) end++
  return [start, end]
}

/** A number, word, list or object: what JSON has beside strings. */
function jsonValue(text: string, start: number): Span {
  const code = codeAt(text, start)
  const closing = code === 0x5b ? ']' : code === 0x7b ? '}' : undefined
  if (closing === undefined) return bareValue(text, start, isDelimiterOrBrace)
  const end = text.indexOf(closing, start)
  return [start, end === -1 ? text.length : end + 1]
}

/** The rest of a header line, or the one word behind a name; prose stays. */
function lineValue(text: string, start: number, name: Name): Span | undefined {
  const [from, lineEnd] = bareValue(text, start, (code) => code === 0x0a || code === 0x0d)
  if (HEADER.test(name.text)) return [from, lineEnd]
  const [, wordEnd] = bareValue(text, start, isBlank)
  return skipBlanks(text, wordEnd, lineEnd) === lineEnd ? [from, wordEnd] : undefined
}

const HEADER = /^(?:proxy-)?authorization$|^(?:set-)?cookie$|^x-/i

function skipBlanks(text: string, from: number, to: number): number {
  let start = from
  while (start < to && isLineSpace(charCodeAt(text, start))) start++
  return start
}

/** Whether nothing but the marks of a listing stands before `start` on its line. */
function isLineStart(text: string, start: number): boolean {
  for (let index = start - 1; index >= 0 && start - index <= 16; index--) {
    const code = charCodeAt(text, index)
    if (code === 0x0a || code === 0x0d) return true
    if (!isLineSpace(code) && code !== GREATER && code !== LESS && code !== 0x2d && code !== 0x2a) return false
  }
  return start <= 16
}

/** Whether a number follows a name behind a brace or comma: an object as the console shows it. */
function isDigitInObject(text: string, name: Name, start: number): boolean {
  if (!isDigit(codeAt(text, start))) return false
  let index = name.start - 1
  while (index >= 0 && name.start - index <= 32 && isBlank(charCodeAt(text, index))) index--
  const code = codeAt(text, index)
  return code === 0x7b || code === COMMA
}

function isNumber(text: string, from: number, to: number): boolean {
  for (let index = from; index < to; index++) if (!isDigit(charCodeAt(text, index))) return false
  return true
}

function isLineSpace(code: number): boolean {
  return code === SPACE || code === 0x09
}

function isDelimiter(code: number): boolean {
  return isBlank(code) || isQuote(code) || code === AMPERSAND || code === 0x3b || code === COMMA || code === LESS
}

function isDelimiterOrBrace(code: number): boolean {
  return isDelimiter(code) || code === 0x7d || code === 0x5d
}

const SPACE = 0x20
const HASH = 0x23
const AMPERSAND = 0x26
const COMMA = 0x2c
const COLON = 0x3a
const LESS = 0x3c
const EQUALS = 0x3d
const GREATER = 0x3e
const QUESTION = 0x3f
const BACKSLASH = 0x5c
