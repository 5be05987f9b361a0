/**
 * Whether `text` matches a pattern of `*` (any characters), `?` (one character) and `\` (the next one as it is). At most
 * as many steps as text times pattern: no pattern makes it explode.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  let at = 0
  let place = 0
  let star = -1
  let resume = 0
  while (at < text.length) {
    const sign = pattern[place]
    if (sign === '*') {
      star = place++
      resume = at
      continue
    }
    const literal = sign === '\\' && place + 1 < pattern.length
    if (sign !== undefined && ((sign === '?' && !literal) || (literal ? pattern[place + 1] : sign) === text[at])) {
      place += literal ? 2 : 1
      at++
    } else if (star !== -1) {
      place = star + 1
      at = ++resume
    } else return false
  }
  while (pattern[place] === '*') place++
  return place === pattern.length
}

/** The text as a pattern that matches nothing else. */
export function escapeGlob(text: string): string {
  return text.replaceAll(/[*?\\]/g, '\\$&')
}
