const letterOrDigit = 1
const joint = 2

const kinds = new Uint8Array(128)
for (const char of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789')
  kinds[char.charCodeAt(0)] = letterOrDigit
for (const char of '/-_.') kinds[char.charCodeAt(0)] = joint

const slash = 47
const underscore = 95
const maxChars = 256

/** Parts of the names that detectors know which are made of letters, digits and joints alone. */
const telling = /etc|proc|var|root|win|boot|inf\/|rsa|bin|cmd|wp-|bash|dev\/|proto|htpass|htacc|lib\//i

/**
 * Whether a text is so plain that no detector has anything to find in it: words and numbers with single joints between
 * them, such as most paths, ids and names are; all but
 * underscores only in paths, since commands and clauses may have them too. Most requests need no closer look, and this one costs next to nothing.
 * What it lets pass is checked against all detectors by a property test.
 */
export function isOrdinary(text: string): boolean {
  const { length } = text
  if (length > maxChars) return false
  const rooted = text.charCodeAt(0) === slash
  let before = joint
  let joints = 0
  for (let at = rooted ? 1 : 0; at < length; at++) {
    const code = text.charCodeAt(at)
    if (code > 127) return false
    const kind = kinds[code] as number
    if (kind === letterOrDigit) before = kind
    else {
      if (kind === 0 || before === joint) return false
      before = joint
      if (!rooted && code !== underscore) return false
      joints++
    }
  }
  // Base64 says something else; a slash in front would be a byte that no text has.
  if (!rooted && joints === 0 && length >= 12 && length % 4 === 0) return false
  return !telling.test(text)
}
