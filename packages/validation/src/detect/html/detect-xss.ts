import { decodeSevenBit, decodeUtf7 } from '../decode/charsets.js'
import type { Detection, DetectOptions } from '../detection.js'
import { better, detectWith, type Detector } from '../detector.js'
import { Mark, marksOf } from '../marks.js'
import { codePoints } from './code.js'
import { HtmlJudge, type XssRule } from './judge.js'
import { HtmlReader } from './reader.js'
import { plainUrl, urlDanger, UrlDanger } from './schemes.js'
import { scriptLikeness } from './script.js'
import { styleDanger } from './style.js'

/** What a reading of a text as a page came to. */
export interface XssReading {
  readonly points: number
  readonly rule: XssRule
  readonly fingerprint: string
}

/**
 * Looks for text that would run script where a page shows it unescaped: as text, inside an attribute of any quoting, as a
 * URL, inside a script or a style sheet. Reads markup by the states of the WHATWG tokenizer. Pure and linear.
 *
 * @example
 * detectXss('"><svg onload=alert(1)>') // { kind: 'xss', rule: 'xss-event', score: 5, ... }
 */
export function detectXss(value: string, options: DetectOptions = {}): Detection | undefined {
  return detectWith(xssDetector, value, options)
}

/** {@link detectXss} as the middleware runs it. */
export const xssDetector: Detector = {
  kind: 'xss',
  needs: Mark.less | Mark.equals | Mark.colon | Mark.open | Mark.backtick,
  read: readMarkup,
  readOtherwise(text) {
    const folded = decodeUtf7(text) ?? decodeSevenBit(text)
    return folded === undefined ? undefined : readMarkup(folded, marksOf(folded))
  },
}

/** The most telling reading of a text that is decoded already. */
export function readMarkup(text: string, marks: number): XssReading | undefined {
  let best: XssReading | undefined
  if ((marks & Mark.less) !== 0) {
    for (const lenient of [false, true]) {
      const judge = new HtmlJudge(text)
      new HtmlReader(text, judge, lenient).readData(0)
      best = better(best, judge)
      if (judge.points >= 5) return best
    }
    if (/<!--\[if |<!--#(?:exec|include|echo|printenv)/i.test(text)) return found(5, 'xss-declaration')
  }
  if ((marks & Mark.equals) !== 0) {
    best = better(best, readBroken(text, 0))
    for (const quote of ['"', "'", '`']) {
      let at = text.indexOf(quote)
      for (let restart = 0; at !== -1 && restart < 3; restart++) {
        best = better(best, readBroken(text, at + 1))
        if (best !== undefined && best.points >= 5) return best
        at = text.indexOf(quote, at + 1)
      }
    }
  }
  if ((marks & Mark.colon) !== 0) {
    if (isActiveUrl(text)) return found(5, 'xss-url')
    if (
      (marks & (Mark.open | Mark.backtick | Mark.equals)) !== 0 &&
      /:\s*expression\s*\(|-moz-binding\s*:\s*url|behaviou?r\s*:\s*url\s*\(/i.test(text) &&
      styleDanger(text)
    )
      return found(5, 'xss-style')
  }
  if ((marks & (Mark.open | Mark.backtick | Mark.equals)) !== 0)
    best = better(best, found(codePoints(text), 'xss-code'))
  return best
}

function readBroken(text: string, from: number): XssReading {
  const judge = new HtmlJudge(text)
  judge.broken = true
  new HtmlReader(text, judge, false).readAttributes(from)
  return judge
}

/** Whether the text is a URL that runs script, or holds one where markup would follow it. */
function isActiveUrl(text: string): boolean {
  const head = plainUrl(text.slice(0, 256))
  if (/^(?:java|vb|live|j)script:|^data:/.test(head)) {
    if (head.startsWith('data:')) return /^\s{0,64}data:\S/i.test(text) && urlDanger(text) === UrlDanger.active
    return followsAsCode(text, text.indexOf(':') + 1)
  }
  const lower = text.toLowerCase()
  for (let at = lower.indexOf('script:'); at !== -1; at = lower.indexOf('script:', at + 7)) {
    if (!/(?:java|vb|live)$/.test(lower.slice(Math.max(0, at - 4), at))) continue
    const before = lower.charAt(at - (lower.charAt(at - 1) === 'b' ? 3 : 5))
    if (/[('"=`:\s>[]/.test(before) && followsAsCode(text, at + 7)) return true
  }
  return false
}

function followsAsCode(text: string, from: number): boolean {
  const head = text.slice(from, from + 200).trimStart()
  if (
    head.startsWith('//') ||
    head.startsWith('/*') ||
    head.startsWith('%') ||
    head.startsWith('\\') ||
    head.startsWith('&')
  )
    return true
  if (/^["'`([{+!~\-<]/.test(head) || head.startsWith('void')) return true
  return scriptLikeness(text, from, Math.min(text.length, from + 200)) > 0
}

function found(points: number, rule: XssRule): XssReading | undefined {
  return points > 0 ? { points, rule, fingerprint: `:${rule.slice(4)}` } : undefined
}
