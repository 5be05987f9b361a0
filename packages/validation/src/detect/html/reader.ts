import { charCodeAt } from '@hardening/core'
import { NextMark } from './next-mark.js'

/** Sees what a reader finds. Positions are those of the text. */
export interface HtmlVisitor {
  /** A start tag begins; its attributes follow. */
  tag(name: string, start: number): void
  attribute(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): void
  /** The start tag has ended; `closed` where its `>` was seen. */
  tagEnd(closed: boolean, end: number): void
  endTag(name: string): void
  /** `<!DOCTYPE ...>`, `<!ENTITY ...>`, `<?xml ...>`, `<![CDATA[`: what stands behind `<`. */
  declaration(start: number, end: number): void
  /** The text of an element that holds no markup. */
  rawText(name: string, start: number, end: number): void
}

const rawElements = new Set([
  'script',
  'style',
  'textarea',
  'title',
  'xmp',
  'iframe',
  'noembed',
  'noframes',
  'plaintext',
])

/**
 * Reads HTML by the states of the WHATWG tokenizer (HTML Living Standard section 13.2.5), without building anything.
 * Where `lenient`, comments and raw text are looked into as well, and a tag inside an attribute's value is a tag: what
 * older browsers, filters that cut, and unknown surroundings make of it. Linear: a value is read twice at most.
 */
export class HtmlReader {
  /** Characters looked at, to prove that the work is linear. */
  steps = 0
  readonly #text: string
  readonly #visitor: HtmlVisitor
  readonly #lenient: boolean
  readonly #greater: NextMark
  /** Quotes that do not stand further on: 1 double, 2 single, 4 backtick. */
  #missing = 0

  constructor(text: string, visitor: HtmlVisitor, lenient: boolean) {
    this.#text = text
    this.#visitor = visitor
    this.#lenient = lenient
    this.#greater = new NextMark(text, '>')
  }

  /** Reads from the data state on. */
  readData(from: number): void {
    const text = this.#text
    let at = text.indexOf('<', from)
    while (at !== -1) {
      this.steps++
      const next = charCodeAt(text, at + 1)
      if (isLetter(next)) at = this.#startTag(at)
      else if (next === 47) at = this.#endTag(at)
      else if (next === 33) at = this.#declarationOrComment(at)
      else if (next === 63) at = this.#bogus(at + 1)
      else at++
      at = at < 0 ? -1 : text.indexOf('<', at)
    }
  }

  /** Reads from the state before an attribute's name on, as if a tag stood open. */
  readAttributes(from: number): void {
    this.#attributes(from)
  }

  #startTag(at: number): number {
    const text = this.#text
    let end = at + 1
    while (end < text.length && !isNameEnd(charCodeAt(text, end))) {
      if (this.#lenient && charCodeAt(text, end) === 60) break
      end++
    }
    const name = end - at > 80 ? '' : text.slice(at + 1, end).toLowerCase()
    this.steps += end - at
    this.#visitor.tag(name, at)
    const after = this.#attributes(end)
    if (after < 0 || this.#lenient || !rawElements.has(name)) return after
    const close = name === 'plaintext' ? -1 : indexOfClose(text, name, after)
    this.steps += (close === -1 ? text.length : close) - after
    this.#visitor.rawText(name, after, close === -1 ? text.length : close)
    return close
  }

  #endTag(at: number): number {
    const text = this.#text
    if (!isLetter(charCodeAt(text, at + 2))) return this.#bogus(at + 1)
    let end = at + 2
    while (end < text.length && !isNameEnd(charCodeAt(text, end)) && charCodeAt(text, end) !== 60) end++
    this.#visitor.endTag(end - at > 40 ? '' : text.slice(at + 2, end).toLowerCase())
    if (this.#lenient) return end
    return this.#skipAttributes(end)
  }

  /** The attributes of an end tag mean nothing, but their quotes hide `>`. */
  #skipAttributes(at: number): number {
    const text = this.#text
    while (at < text.length) {
      const code = charCodeAt(text, at)
      if (code === 62) return at + 1
      if (code === 61) {
        at++
        while (at < text.length && charCodeAt(text, at) <= 32) at++
        const quote = charCodeAt(text, at)
        if (quote === 34 || quote === 39) {
          const close = text.indexOf(quote === 34 ? '"' : "'", at + 1)
          if (close === -1) return -1
          at = close + 1
        }
      } else at++
    }
    return -1
  }

  #declarationOrComment(at: number): number {
    const text = this.#text
    if (text.startsWith('--', at + 2)) {
      if (this.#lenient) return at + 4
      if (text.startsWith('>', at + 4)) return at + 5
      if (text.startsWith('->', at + 4)) return at + 6
      for (let end = text.indexOf('--', at + 4); end !== -1; end = text.indexOf('--', end + 1)) {
        this.steps++
        if (charCodeAt(text, end + 2) === 62) return end + 3
        if (charCodeAt(text, end + 2) === 33 && charCodeAt(text, end + 3) === 62) return end + 4
      }
      return -1
    }
    return this.#bogus(at + 1)
  }

  #bogus(at: number): number {
    const end = this.#greater.after(at)
    this.#visitor.declaration(at, Math.min(end, this.#text.length))
    if (this.#lenient) return at + 1
    return end === Infinity ? -1 : end + 1
  }

  /** Where a quote stands next; what is not there is not looked for again. */
  #closeOf(quote: number, from: number): number {
    const bit = quote === 34 ? 1 : quote === 39 ? 2 : 4
    if ((this.#missing & bit) !== 0) return -1
    const close = this.#text.indexOf(bit === 1 ? '"' : bit === 2 ? "'" : '`', from)
    if (close === -1) this.#missing |= bit
    return close
  }

  /** Where the tag ends; -1 at the end of the text. */
  #attributes(from: number): number {
    const text = this.#text
    let at = from
    for (;;) {
      while (at < text.length && (charCodeAt(text, at) <= 32 || charCodeAt(text, at) === 47)) at++
      if (at >= text.length) break
      const code = charCodeAt(text, at)
      if (code === 62) {
        this.steps += at - from
        this.#visitor.tagEnd(true, at + 1)
        return at + 1
      }
      const nameStart = at
      if (this.#lenient && code === 60 && isLetter(charCodeAt(text, at + 1))) {
        this.#visitor.tagEnd(false, at)
        return at
      }
      at++
      while (at < text.length && !isAttributeNameEnd(charCodeAt(text, at))) {
        if (this.#lenient && charCodeAt(text, at) === 60 && isLetter(charCodeAt(text, at + 1))) break
        at++
      }
      const nameEnd = at
      if (this.#lenient && charCodeAt(text, at) === 60) {
        this.#visitor.attribute(nameStart, nameEnd, nameEnd, nameEnd)
        this.#visitor.tagEnd(false, at)
        return at
      }
      let mark = at
      while (mark < text.length && charCodeAt(text, mark) <= 32) mark++
      if (charCodeAt(text, mark) !== 61) {
        this.#visitor.attribute(nameStart, nameEnd, nameEnd, nameEnd)
        at = Math.max(at, mark)
        continue
      }
      at = mark + 1
      while (at < text.length && charCodeAt(text, at) <= 32) at++
      const quote = charCodeAt(text, at)
      let valueStart = at
      let valueEnd: number
      if (quote === 34 || quote === 39 || (quote === 96 && this.#lenient)) {
        valueStart = at + 1
        const close = this.#closeOf(quote, valueStart)
        valueEnd = close === -1 ? text.length : close
        at = close === -1 ? text.length : close + 1
      } else {
        while (at < text.length && charCodeAt(text, at) > 32 && charCodeAt(text, at) !== 62) {
          if (this.#lenient && isTagAt(text, at)) break
          at++
        }
        valueEnd = at
      }
      const inner = this.#lenient ? tagIn(text, valueStart, Math.min(valueEnd + 1, text.length)) : -1
      if (this.#lenient) this.steps += valueEnd - valueStart
      // What follows the inner tag is read once, as its own.
      this.#visitor.attribute(nameStart, nameEnd, valueStart, inner === -1 ? valueEnd : inner)
      if (inner !== -1) {
        this.#visitor.tagEnd(false, inner)
        return inner
      }
    }
    this.steps += text.length - from
    this.#visitor.tagEnd(false, text.length)
    return -1
  }
}

function tagIn(text: string, from: number, to: number): number {
  for (let at = from; at < to; at++) if (isTagAt(text, at)) return at
  return -1
}

function isTagAt(text: string, at: number): boolean {
  if (charCodeAt(text, at) !== 60) return false
  const code = charCodeAt(text, at + 1)
  return isLetter(code) || code === 47 || code === 33
}

function indexOfClose(text: string, name: string, from: number): number {
  for (let at = text.indexOf('</', from); at !== -1; at = text.indexOf('</', at + 2)) {
    if (text.substr(at + 2, name.length).toLowerCase() === name && isNameEnd(charCodeAt(text, at + 2 + name.length)))
      return at
  }
  return -1
}

function isLetter(code: number): boolean {
  const lower = code | 32
  return lower >= 97 && lower <= 122
}

function isNameEnd(code: number): boolean {
  return code <= 32 || code === 47 || code === 62
}

function isAttributeNameEnd(code: number): boolean {
  return code <= 32 || code === 47 || code === 62 || code === 61
}
