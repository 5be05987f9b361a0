import { charCodeAt } from '../../char-code-at.js'
import { codeAt, isBlank, isDigit, isLetter, isQuote } from './characters.js'
import { Cuts, type Scan } from './scan.js'

// How far a password with an unescaped slash in it is followed.
const LONGEST_PASSWORD = 256
// A user name alone may be a token; names are shorter.
const LONGEST_NAME = 32

/**
 * Passwords in URLs (RFC 3986 section 3.2.1), of whatever scheme: `postgres://app:secret@db/main`. The user name stays,
 * but where it stands alone and is as long as a token.
 */
export function hideUrlCredentials(text: string, { replacement, isCut }: Scan): string {
  const cuts = new Cuts(text, replacement)
  let found = text.indexOf('://')
  while (found !== -1) {
    const start = found + 3
    let next = start
    if (found > 0 && isSchemeCharacter(charCodeAt(text, found - 1))) {
      const [from, to] = secretIn(text, start, isCut)
      if (to > from && !text.startsWith(replacement, from)) cuts.cut(from, to)
      next = Math.max(start, to)
    }
    found = text.indexOf('://', next)
  }
  return cuts.done()
}

/** Where the secret of an authority begins and ends; the same place twice where there is none. */
function secretIn(text: string, start: number, isCut: boolean): [from: number, to: number] {
  let colon = -1
  let at = -1
  let end = start
  for (; end < text.length; end++) {
    const code = charCodeAt(text, end)
    if (code === COLON && colon === -1 && at === -1) colon = end
    else if (code === AT) at = end
    else if (code === SLASH || code === QUESTION || code === HASH || isOutside(code)) break
  }
  const isIPv6 = codeAt(text, start) === BRACKET
  if (at === -1 && colon !== -1 && !isIPv6 && !isPort(text, colon + 1, end)) {
    at = end === text.length && isCut ? end : unescapedEnd(text, end)
  }
  if (at === -1) return [start, start]
  if (colon !== -1) return [colon + 1, at]
  return at - start > LONGEST_NAME ? [start, at] : [start, start]
}

/** The `@` behind a password that has a slash, question mark or hash in it, or -1. */
function unescapedEnd(text: string, from: number): number {
  const limit = Math.min(text.length, from + LONGEST_PASSWORD)
  for (let index = from; index < limit; index++) {
    const code = charCodeAt(text, index)
    if (code === AT) return index
    if (isOutside(code)) return -1
  }
  return -1
}

function isPort(text: string, start: number, end: number): boolean {
  for (let index = start; index < end; index++) if (!isDigit(charCodeAt(text, index))) return false
  return true
}

function isOutside(code: number): boolean {
  return isBlank(code) || isQuote(code) || code === 0x3c || code === 0x3e
}

function isSchemeCharacter(code: number): boolean {
  return isLetter(code) || isDigit(code) || code === 0x2b || code === 0x2d || code === 0x2e
}

const COLON = 0x3a
const AT = 0x40
const BRACKET = 0x5b
const SLASH = 0x2f
const QUESTION = 0x3f
const HASH = 0x23
