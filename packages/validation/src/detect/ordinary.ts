import { charCodeAt } from '@hardening/core'
import { isBase64OfText } from './decode/base64.js'

const letterOrDigit = 1
const joint = 2

const kinds = new Uint8Array(128)
for (const char of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789')
  kinds[charCodeAt(char, 0)] = letterOrDigit
for (const char of '/-_.') kinds[charCodeAt(char, 0)] = joint

const slash = 47
const underscore = 95
const maxChars = 256

/** Parts of the names that detectors know which are made of letters, digits and joints alone. */
const tellingParts = 'etc proc var root win boot inf/ rsa bin cmd wp- bash dev/ proto htpass htacc lib/'.split(' ')
const telling = new RegExp(tellingParts.join('|'), 'i')

/** The first three characters of each part, by their lowest five bits: what has none of them needs no closer look. */
const beginnings = new Uint8Array(1 << 15)
for (const part of tellingParts) {
  let index = 0
  for (let at = 0; at < 3; at++) index = (index << 5) | (charCodeAt(part, at) & 31)
  beginnings[index] = 1
}

/**
 * Whether a text, or the part of it from `from` to `to`, is so plain that no detector has anything to find in it: words and
 * numbers with single joints between them, such as most paths, ids and names are; all but underscores only in paths, since
 * commands and clauses may have them too. Most requests need no closer look, and this one costs next to nothing.
 * What it lets pass is checked against all detectors by a property test.
 */
export function isOrdinary(text: string, from: number = 0, to: number = text.length): boolean {
  if (to - from > maxChars) return false
  const rooted = charCodeAt(text, from) === slash
  let before = joint
  let joints = 0
  let gram = 0
  let hits = 0
  for (let at = rooted ? from + 1 : from; at < to; at++) {
    const code = charCodeAt(text, at)
    if (code > 127) return false
    const kind = kinds[code] as number
    if (kind !== letterOrDigit) {
      if (kind === 0 || before === joint || (!rooted && code !== underscore)) return false
      joints++
    }
    before = kind
    gram = ((gram << 5) | (code & 31)) & 0x7fff
    hits |= beginnings[gram] as number
  }
  // Base64 says something else; a slash in front would be a byte that no text has.
  if (!rooted && joints === 0 && to - from >= 12 && isBase64OfText(text, from, to)) return false
  return hits === 0 || !telling.test(text.slice(from, to))
}
