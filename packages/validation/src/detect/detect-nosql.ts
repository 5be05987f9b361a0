import { charCodeAt } from '@hardening/core'
import type { Detection, DetectOptions } from './detection.js'
import { detectionOf } from './detection.js'
import { better, detectWith, type Detector, type Reading } from './detector.js'
import { dangerousKey, isMongoOperator } from './keys.js'
import { Hint } from './hints.js'
import { Mark } from './marks.js'

/**
 * Looks for operators of MongoDB where data was expected: as a name (`a[$ne]`, `$where`), or inside JSON in a text; and for
 * script that `$where` would run. Pure and linear.
 */
export function detectNoSql(value: string, options: DetectOptions = {}): Detection | undefined {
  const key = dangerousKey(value)
  if (key?.kind === 'nosql-injection') {
    const found = detectionOf(key.kind, key.rule, key.points, key.fingerprint, options)
    if (found !== undefined) return found
  }
  return detectWith(nosqlDetector, value, options)
}

/** What script is not written without. */
const scriptMarks = Mark.equals | Mark.separator | Mark.ampersand | Mark.open | Mark.brace

/** {@link detectNoSql} as the middleware runs it, on values. */
export const nosqlDetector: Detector = {
  kind: 'nosql-injection',
  needs: Mark.dollar | Mark.quote | Mark.separator,
  read(text, marks, hints) {
    const best = (marks & Mark.dollar) === 0 ? undefined : readOperators(text)
    if (best !== undefined && best.points >= 5) return best
    if ((marks & scriptMarks) === 0 || ((hints & Hint.script) === 0 && (marks & Mark.twin) === 0)) return best
    return better(best, readScript(text))
  },
}

/** `{"$ne": 1}`, `{$gt: ''}`, `[$regex]=`: an operator that stands where a key stands. */
function readOperators(text: string): Reading | undefined {
  for (let at = text.indexOf('$'); at !== -1; at = text.indexOf('$', at + 1)) {
    let before = at - 1
    while (before >= 0 && at - before < 8 && charCodeAt(text, before) <= 32) before--
    const opens = before < 0 ? 0 : charCodeAt(text, before)
    if (opens !== 0 && opens !== 34 && opens !== 39 && opens !== 123 && opens !== 91 && opens !== 44 && opens !== 46)
      continue
    let end = at + 1
    while (end < text.length && end - at < 24 && isLetter(charCodeAt(text, end))) end++
    if (!isMongoOperator(text.slice(at, end))) continue
    while (
      end < text.length &&
      (charCodeAt(text, end) <= 32 || charCodeAt(text, end) === 34 || charCodeAt(text, end) === 39)
    )
      end++
    const after = charCodeAt(text, end)
    if (after === 58 || after === 93) return { points: 5, rule: 'nosql-operator', fingerprint: '{$:' }
  }
  return undefined
}

const script: readonly (readonly [test: RegExp, points: number])[] = [
  [/['"][ )}]{0,4}(?:\|\||&&)\s?(?:this\b|true\b|1\b)/, 4],
  [/['"]\s?(?:\|\||&&)\s?(?:['"]\w{0,20}['"]|\d{1,9})\s?==/, 5],
  [/['"][ )}]{0,4};[ \t]?(?:return\b|while\s?\(|var\s{1,4}\w|sleep\s?\(|db\.|throw\b)/, 5],
  [/\breturn\s{1,4}(?:true|1|this\.)[;\s]{0,4}(?:\}|var\b|\/\/)/, 4.5],
  [/\bthis\.\w{1,40}(?:\.match\s?\(|\s?(?:==|!=|<|>)\s?['"\d])/, 4],
  [/\bdb\.\w{1,40}\.(?:insert|find|drop|remove|update|aggregate)\w{0,8}\s?\(/, 4.5],
  [/^\s?function\s?\(\s?\)\s?\{\s?return\b/, 4],
  [/\bsleep\s?\(\s?\d{3,6}\s?\)/, 4],
]

function readScript(text: string): Reading | undefined {
  let best: Reading | undefined
  for (const [test, points] of script) {
    if ((best === undefined || points > best.points) && test.test(text))
      best = { points, rule: 'nosql-script', fingerprint: 'js' }
  }
  return best
}

function isLetter(code: number): boolean {
  const lower = code | 32
  return lower >= 97 && lower <= 122
}
