import { charCodeAt } from '@hardening/core'
import { scriptSinks, trialCalls } from './names.js'
import { NextMark } from './next-mark.js'

/**
 * How much the text from `from` to `to` looks like script that does something: 0 none, 1 a call or assignment, 2 one that
 * reaches the page, 3 one that only a trial of an attack makes. A single pass over the words; where parts of one text
 * are read one after the other, they share the `commentEnd`s of it.
 */
export function scriptLikeness(
  text: string,
  from: number = 0,
  to: number = text.length,
  commentEnd: NextMark = new NextMark(text, '*/'),
): number {
  let best = 0
  let at = from
  while (at < to) {
    const code = charCodeAt(text, at)
    if (!isWordStart(code)) {
      at++
      continue
    }
    const start = at
    while (at < to && isWordPart(charCodeAt(text, at))) at++
    let next = at
    // Comments and white space stand between a name and its parenthesis.
    while (next < to && (charCodeAt(text, next) <= 32 || text.startsWith('/*', next) || text.startsWith('?.', next))) {
      if (charCodeAt(text, next) === 47) {
        const end = commentEnd.after(next + 2)
        if (end === Infinity) break
        next = end + 2
      } else next += charCodeAt(text, next) === 63 ? 2 : 1
    }
    const mark = charCodeAt(text, next)
    const adjacent = next === at
    const calls = mark === 40 || mark === 96
    if (!calls && mark !== 61 && mark !== 46 && mark !== 91 && mark !== 41 && mark !== 44 && mark !== 93) {
      at = Math.max(at, next)
      continue
    }
    const word = at - start > 24 ? '' : text.slice(start, at).toLowerCase()
    if (trialCalls.has(word)) {
      if (calls && (adjacent ? !isEnding(text, next + 1) : isArgument(text, next + 1))) return 3
      if (calls && adjacent) best = 2
      if ((mark === 41 || mark === 44 || mark === 93 || mark === 46 || mark === 61) && isReferred(text, start))
        best = Math.max(best, 2)
    } else if (
      scriptSinks.has(word) &&
      (calls || mark === 46 || mark === 91 || (mark === 61 && charCodeAt(text, next + 1) !== 61))
    )
      best = Math.max(best, 2)
    else if (calls && adjacent) best = Math.max(best, 1)
    else if (mark === 61 && charCodeAt(text, next + 1) !== 61) best = Math.max(best, 1)
    at = Math.max(at, next)
  }
  return best
}

/** Nothing, or what prose puts there: "alert(s)". */
function isEnding(text: string, from: number): boolean {
  let at = from
  while (at - from < 8 && (charCodeAt(text, at) | 32) >= 97 && (charCodeAt(text, at) | 32) <= 122) at++
  return (
    charCodeAt(text, at) === 41 &&
    !scriptSinks.has(text.slice(from, at).toLowerCase()) &&
    !/^xss$/i.test(text.slice(from, at))
  )
}

/** Behind a space only a literal tells a call from a remark in parentheses. */
function isArgument(text: string, at: number): boolean {
  while (at < text.length && charCodeAt(text, at) <= 32) at++
  const code = charCodeAt(text, at)
  return code === 34 || code === 39 || code === 96 || code === 47 || (code >= 48 && code <= 57)
}

function isReferred(text: string, start: number): boolean {
  const before = charCodeAt(text, start - 1)
  return before === 40 || before === 44 || before === 61 || before === 91 || before === 46
}

function isWordStart(code: number): boolean {
  const lower = code | 32
  return (lower >= 97 && lower <= 122) || code === 95 || code === 36
}

function isWordPart(code: number): boolean {
  return isWordStart(code) || (code >= 48 && code <= 57)
}
