import { charCodeAt } from '../../char-code-at.js'
import { codeAt, isAlphanumeric, isQuote, isTokenCharacter } from './characters.js'
import { Cuts, type Scan } from './scan.js'

/**
 * Credentials behind `Bearer` (RFC 6750 section 2.1) and `Basic` (RFC 7617 section 2), in any case. "Basic
 * authentication" and "bearer of bad news" stay.
 */
export function hideSchemes(text: string, { replacement }: Scan): string {
  const cuts = new Cuts(text, replacement)
  for (let space = text.indexOf(' '); space !== -1; space = text.indexOf(' ', space + 1)) {
    const isBearer = endsWithWord(text, space, 'bearer')
    if (!isBearer && !endsWithWord(text, space, 'basic')) continue
    let start = space + 1
    while (codeAt(text, start) === SPACE) start++
    let end = start
    while (end < text.length && isToken68(charCodeAt(text, end))) end++
    const credentials = text.slice(start, end)
    const isSecret = isBearer ? isLikeToken(credentials) : isBasic(credentials)
    if (isSecret && !isParameter(text, credentials, end, replacement)) cuts.cut(start, end)
    space = end - 1
  }
  return cuts.done()
}

function endsWithWord(text: string, end: number, word: string): boolean {
  const start = end - word.length
  if (start < 0 || (start > 0 && isAlphanumeric(charCodeAt(text, start - 1)))) return false
  for (let index = 0; index < word.length; index++) {
    if ((charCodeAt(text, start + index) | 0x20) !== charCodeAt(word, index)) return false
  }
  return true
}

/** Not a word of a sentence. */
function isLikeToken(credentials: string): boolean {
  return credentials.length >= 16 || (credentials.length >= 4 && !PROSE.test(credentials))
}

function isBasic(credentials: string): boolean {
  if (credentials.length < 4) return false
  return !PROSE.test(credentials) || Buffer.from(credentials, 'base64').includes(0x3a)
}

/** Whether this is `realm="api"`, a parameter of a challenge (RFC 9110 section 11.4), and not padding at the end. */
function isParameter(text: string, credentials: string, end: number, replacement: string): boolean {
  const name = PARAMETER.exec(credentials)
  if (name === null) return false
  return credentials.length > name[0].length || isQuote(codeAt(text, end)) || text.startsWith(replacement, end)
}

const PARAMETER = /^[a-z_]{1,20}=(?!=)/
const PROSE = /^[A-Za-z]?[a-z]*[.-]?$/
const SPACE = 0x20

function isToken68(code: number): boolean {
  return isTokenCharacter(code) || code === 0x7e || code === 0x2b || code === 0x2f || code === 0x3d
}
