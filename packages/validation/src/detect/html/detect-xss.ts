import { charCodeAt } from '@hardening/core'
import { decodeSevenBit, decodeUtf7 } from '../decode/charsets.js'
import type { Detection, DetectOptions } from '../detection.js'
import { better, detectWith, type Detector } from '../detector.js'
import { Hint } from '../hints.js'
import { Mark, Traits } from '../marks.js'
import { codePoints } from './code.js'
import { isJunk } from './fold-name.js'
import { HtmlJudge, type XssRule } from './judge.js'
import { urlAttributes } from './names.js'
import { NextMark } from './next-mark.js'
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
    if (folded === undefined) return undefined
    const traits = new Traits()
    traits.look(folded)
    return readMarkup(folded, traits.marks, traits.hints)
  },
}

/** The marks of every context at once, with words around them: what tools send to see which come back. */
function isProbe(text: string): boolean {
  return text.length < 48 && /^[\w.%-]{0,24}['"]?[\w.%-]{0,24}<['"]{1,2}>[\w.%-]{0,24}$/.test(text)
}

/** What stands behind a `<` that the page has already: `script src=//...></script>`. */
function isOpenScript(text: string): boolean {
  const head = text.slice(0, 12).toLowerCase()
  if (!head.startsWith('script') || !/^script(?:>|[\s/]{1,4}[a-z])/.test(head)) return false
  return /<\/script/i.test(text.slice(-64)) || text.slice(-16).includes('</')
}

/** The most telling reading of a text that is decoded already. */
function readMarkup(text: string, marks: number, hints: number): XssReading | undefined {
  let best: XssReading | undefined
  if ((marks & Mark.less) !== 0) {
    for (const lenient of [false, true]) {
      const judge = new HtmlJudge(text)
      new HtmlReader(text, judge, lenient).readData(0)
      best = better(best, judge)
      if (judge.points >= 5) return best
    }
    if (isProbe(text)) return found(5, 'xss-element')
    if (isOpenScript(text)) return found(5, 'xss-script')
    if (/<!--\[if |<!--#(?:exec|include|echo|printenv)/i.test(text)) return found(5, 'xss-declaration')
  }
  if ((marks & Mark.equals) !== 0 && hasAttributeHint(text)) {
    const lastEquals = text.lastIndexOf('=')
    best = better(best, readBroken(text, 0))
    for (const quote of ['"', "'", '`']) {
      let at = text.indexOf(quote)
      for (let restart = 0; at !== -1 && at < lastEquals && restart < 3; restart++) {
        best = better(best, readBroken(text, at + 1))
        if (best !== undefined && best.points >= 5) return best
        at = text.indexOf(quote, at + 1)
      }
    }
  }
  if ((marks & Mark.colon) !== 0 && hasSchemeHint(text)) {
    if (isActiveUrl(text)) return found(5, 'xss-url')
    if (
      (marks & (Mark.open | Mark.backtick | Mark.equals)) !== 0 &&
      /:\s*expression\s*\(|-moz-binding\s*:\s*url|behaviou?r\s*:\s*url\s*\(/i.test(text) &&
      styleDanger(text)
    )
      return found(5, 'xss-style')
  }
  if ((hints & Hint.sink) !== 0 && (marks & (Mark.open | Mark.backtick | Mark.equals)) !== 0)
    best = better(best, found(codePoints(text), 'xss-code'))
  return best
}

function readBroken(text: string, from: number): XssReading {
  const judge = new HtmlJudge(text)
  judge.broken = true
  new HtmlReader(text, judge, false).readAttributes(from)
  return judge
}

/** Whether the name of an event, of a style or of something that is followed stands before an equals sign. */
function hasAttributeHint(text: string): boolean {
  for (let at = text.indexOf('='); at !== -1; at = text.indexOf('=', at + 1)) {
    let end = at
    // What a name is stripped of at its end is none of it.
    while (end > 0 && at - end < 64 && isJunk(charCodeAt(text, end - 1))) end--
    let from = end
    while (from > 0 && end - from < 48 && isNameCode(charCodeAt(text, from - 1))) from--
    if (end - from < 2) continue
    const name = text.slice(from, end).toLowerCase()
    if (name.startsWith('on') ? name.length > 4 : name === 'style' || urlAttributes.has(name)) return true
  }
  return false
}

function isNameCode(code: number): boolean {
  const lower = code | 32
  return (lower >= 97 && lower <= 122) || code === 45 || code === 58
}

/** Whether a colon stands behind what could be the end of `javascript`, `data`, `expression` or `behavior`. */
function hasSchemeHint(text: string): boolean {
  for (let at = text.indexOf(':'); at !== -1; at = text.indexOf(':', at + 1)) {
    let before = at - 1
    while (before > 0 && at - before < 16 && charCodeAt(text, before) <= 32) before--
    const code = charCodeAt(text, before) | 32
    // The t of script, the a of data, the g of binding, the r of behavior.
    if (code === 116 || code === 97 || code === 103 || code === 114) return true
    if (charCodeAt(text, at + 1) === 101 || charCodeAt(text, at + 1) === 69 || charCodeAt(text, at + 1) === 32) {
      if (/^:\s{0,8}expression/i.test(text.slice(at, at + 24))) return true
    }
  }
  return false
}

/** Whether the text is a URL that runs script, or holds one where markup would follow it. */
function isActiveUrl(text: string): boolean {
  const commentEnd = new NextMark(text, '*/')
  const head = plainUrl(text.slice(0, 256))
  if (/^(?:java|vb|live|j)script:|^data:/.test(head)) {
    if (head.startsWith('data:')) return /^\s{0,64}data:\S/i.test(text) && urlDanger(text) === UrlDanger.active
    return followsAsCode(text, text.indexOf(':') + 1, commentEnd)
  }
  const lower = text.toLowerCase()
  for (let at = lower.indexOf('script:'); at !== -1; at = lower.indexOf('script:', at + 7)) {
    if (!/(?:java|vb|live)$/.test(lower.slice(Math.max(0, at - 4), at))) continue
    const before = lower.charAt(at - (lower.charAt(at - 1) === 'b' ? 3 : 5))
    if (/[('"=`:\s>[]/.test(before) && followsAsCode(text, at + 7, commentEnd)) return true
  }
  return false
}

function followsAsCode(text: string, from: number, commentEnd: NextMark): boolean {
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
  return scriptLikeness(text, from, Math.min(text.length, from + 200), commentEnd) > 0
}

function found(points: number, rule: XssRule): XssReading | undefined {
  return points > 0 ? { points, rule, fingerprint: `:${rule.slice(4)}` } : undefined
}
