import { charCodeAt } from '@hardening/core'
import type { Detection, DetectOptions } from './detection.js'
import { detectWith, type Detector, type Reading } from './detector.js'
import { Mark } from './marks.js'

const header =
  /^(?:set-cookie2?|location|content-(?:type|length|disposition|encoding|security-policy)|transfer-encoding|x-[a-z-]{2,40}|access-control-[a-z-]{5,30}|refresh|host|status|link|connection|cache-control|last-modified|proxy-[a-z-]{3,30}|clear-site-data)\s?:/i
const mailHeader = /^(?:bcc|cc|to|from|subject|reply-to|mime-version)\s?:/i

/** Names of fields that are words too, with what is no value of such a field behind them. */
function isWordOnly(line: string): boolean {
  return (
    /^(?:link|host|status|connection|location|refresh)\s?:/i.test(line) &&
    !/^(?:link\s?:\s?<|host\s?:\s?[\w.-]+(?::\d+)?\s*$|status\s?:\s?\d{3}(?:\s|$)|connection\s?:\s?(?:close|keep|upgrade)|location\s?:\s?(?:\w+:)?\/|refresh\s?:\s?\d)/i.test(
      line,
    )
  )
}

/** A member of an object in a program: `host: 'localhost',`. */
function isCode(line: string): boolean {
  return /^\w{1,40}:\s?(?:['"`{[]|\d{1,9},)/.test(line)
}

/**
 * Looks for line breaks that would begin a header field or a response of their own (response splitting), or a field of a
 * mail. Text of several lines is no attack: what follows the break has to be a known field. Pure and linear.
 */
export function detectCrlf(value: string, options: DetectOptions = {}): Detection | undefined {
  return detectWith(crlfDetector, value, options)
}

/** {@link detectCrlf} as the middleware runs it. */
export const crlfDetector: Detector = {
  kind: 'header-injection',
  needs: Mark.newline | Mark.wide,
  read(form) {
    // Characters whose low byte is a line break, as old writers of headers cut them.
    const text = form.replaceAll('\u560a', '\n').replaceAll('\u560d', '\r')
    let lines = 0
    let best: Reading | undefined
    for (let at = nextBreak(text, 0); at !== -1; at = nextBreak(text, at)) {
      while (charCodeAt(text, at) === 13 || charCodeAt(text, at) === 10) at++
      const line = text.slice(at, at + 60).trimStart()
      if (lines++ > 200) break
      if (/^HTTP\/\d(?:\.\d)?\s\d{3}\b/.test(line)) return { points: 5, rule: 'header-response', fingerprint: 'HTTP' }
      const points = header.test(line)
        ? isCode(line) || (text.length > 160 && isWordOnly(line))
          ? 4
          : 5
        : mailHeader.test(line)
          ? 4
          : 0
      if (points > (best?.points ?? 0))
        best = { points, rule: points === 5 ? 'header-field' : 'header-mail', fingerprint: 'n:' }
    }
    // Long texts quote headers; a value that is to become one is short.
    if (best !== undefined && lines > 6) return { ...best, points: best.points - 1.5 }
    return best
  },
}

function nextBreak(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = charCodeAt(text, at)
    if (code === 10 || code === 13) return at
  }
  return -1
}
