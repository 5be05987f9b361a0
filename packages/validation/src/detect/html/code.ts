import { charCodeAt } from '@hardening/core'
import { scriptLikeness } from './script.js'

/** Marks that go on with an expression, or end a statement, behind the quote that a literal ended with. */
const continuing = new Set(';-+*,)}]|&^%/<>?=.!~:'.split('').map((mark) => charCodeAt(mark, 0)))

/**
 * Points for text that leaves a literal of a script and goes on with code, as `';alert(1)//` and `"-alert(1)-"` do, or that
 * is nothing but the call an attacker tries first.
 */
export function codePoints(text: string): number {
  const likeness = scriptLikeness(text)
  if (likeness === 0) return 0
  let best = 0
  if (isIndirectCall(text)) return 5
  if (likeness === 3) best = wholeCall(text) || !/\s/.test(text) || isExpression(text) ? 5 : 3.5
  else if (likeness === 2 && reachesOut(text)) best = 5
  for (const quote of ["'", '"', '`']) {
    let at = text.indexOf(quote)
    for (let tries = 0; at !== -1 && tries < 3; tries++) {
      best = Math.max(best, breakout(text, at + 1))
      if (best >= 5) return best
      at = text.indexOf(quote, at + 1)
    }
  }
  return best
}

function breakout(text: string, from: number): number {
  let at = from
  while (at < text.length && charCodeAt(text, at) <= 32) at++
  const mark = charCodeAt(text, at)
  const word = /^(?:in|instanceof|or|and)\b/.test(text.slice(at, at + 12))
  if (!continuing.has(mark) && !word) return 0
  const stop = Math.min(text.length, at + 400)
  const likeness = scriptLikeness(text, at, stop)
  if (likeness === 3) return 5
  if (likeness !== 2) return 0
  const tail = text.slice(-3).trimEnd()
  const sealed =
    tail.endsWith('//') || tail.endsWith('/*') || tail.endsWith("'") || tail.endsWith('"') || tail.endsWith('`')
  if (!sealed) return 3
  // In a short text the quote that is left stands behind nothing, or behind one word.
  const alone = text.length < 120 && !/[\s=(,:]/.test(text.slice(0, from - 1)) && !text.includes('\n')
  return alone ? 5 : 4.5
}

/** `[1].find(alert)`, `a=alert,a(1)`, `(alert)(1)`, `document.write('<...')`: short, and nothing around it. */
function isIndirectCall(text: string): boolean {
  if (text.length > 120) return false
  return /^(?:\[[\w, ]{0,12}\]\.\w{2,12}\((?:alert|confirm|prompt|eval)\)|\w{1,8}=(?:alert|confirm|prompt|eval)[,;]|\((?:alert|confirm|prompt|eval)\)\s?[(`]|document\.write(?:ln)?\s?\(['"`]<)/.test(
    text,
  )
}

/** `{{...}}` and `${...}`, which a page's templates would run. */
function isExpression(text: string): boolean {
  return text.startsWith('{{') || text.startsWith('${')
}

/** A call through a global object, or of what makes code of strings, and nothing else. */
function reachesOut(text: string): boolean {
  if (text.length > 400) return false
  return /^[^a-z]{0,8}(?:(?:window|top|self|parent|frames|this|globalThis)\[['"`][^\]]{1,80}\]\s?[(`=]|^\s?(?:window|top|self|parent|frames|this|globalThis)\[[^\]]{1,80}\]\s?[(`=]|(?:new )?(?:Function|setTimeout|setInterval|execScript)\s?\(?['"`])/.test(
    text,
  )
}

/** Whether the text as a whole is one call, perhaps with what ends the code before it. */
function wholeCall(text: string): boolean {
  const trimmed = text.trim()
  if (trimmed.length > 200) return false
  const first = charCodeAt(trimmed, 0)
  const starts =
    continuing.has(first) ||
    /^(?:\d+[;,)}]|\/\/|\*\/|\s)*(?:(?:window|top|self|parent|this|document\.defaultView)(?:\.|\[))?(?:alert|confirm|prompt|eval)\b/i.test(
      trimmed,
    )
  if (!starts) return false
  const last = charCodeAt(trimmed, trimmed.length - 1)
  return (
    last === 41 ||
    last === 59 ||
    last === 47 ||
    last === 96 ||
    last === 45 ||
    last === 125 ||
    last === 42 ||
    last === 39 ||
    last === 34
  )
}
