import { charCodeAt } from '@hardening/core'
import { foldName } from './fold-name.js'
import { activeElements, animationElements, eventNames, oddElements, urlAttributes } from './names.js'
import { NextMark } from './next-mark.js'
import type { HtmlVisitor } from './reader.js'
import { UrlDanger, urlDanger } from './schemes.js'
import { scriptLikeness } from './script.js'
import { styleDanger } from './style.js'

/** What a reading found most telling. */
export type XssRule =
  'xss-script' | 'xss-event' | 'xss-url' | 'xss-element' | 'xss-style' | 'xss-declaration' | 'xss-code'

/**
 * Weighs what an {@link HtmlReader} meets: what runs script counts in full, what only has no place in a value counts less.
 * Where `broken`, the text is thought to begin inside a tag, so a name must be a known event to count.
 */
export class HtmlJudge implements HtmlVisitor {
  points = 0
  rule: XssRule = 'xss-element'
  fingerprint = ''
  broken = false
  #tagName = ''
  #name = ''
  #isActive = false
  #isScript = false
  #start = 0
  #attributes = 0
  #isTag = false
  readonly #text: string
  readonly #commentEnd: NextMark

  constructor(text: string) {
    this.#text = text
    this.#commentEnd = new NextMark(text, '*/')
  }

  tag(name: string, start: number): void {
    this.broken = false
    this.#isTag = true
    this.#start = start
    this.#attributes = 0
    // The same element again counts no more than before.
    if (name === this.#tagName) return
    this.#tagName = name
    const local = name.slice(name.lastIndexOf(':') + 1)
    this.#name = foldName(local)
    this.#isActive = activeElements.has(this.#name)
    this.#isScript = this.#name.startsWith('script') && /^script(?![\w-])/.test(this.#name)
    if (name.includes('=') && /on(?:error|load|focus|click|mouse|toggle|begin|start)/.test(name))
      this.#add(5, 'xss-event')
    if (this.#name === 'xss') this.#add(5, 'xss-element')
    else if (oddElements.has(this.#name))
      this.#add(this.#name === 'svg' || this.#name === 'math' ? 4 : 3, 'xss-element')
    else if (this.#isActive || animationElements.has(this.#name)) this.#add(3, 'xss-element')
  }

  attribute(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): void {
    const text = this.#text
    this.#attributes++
    const length = valueEnd - valueStart
    if (nameEnd - nameStart > 48 || (this.broken && length === 0)) return
    // Too short for the name of an event, and for a URL.
    if (nameEnd - nameStart < 4 && length < 5 && isLetter(charCodeAt(text, nameStart)))
      return this.#elementAttribute('', length)
    const name = foldName(text.slice(nameStart, nameEnd))
    const local = name.slice(name.lastIndexOf(':') + 1)
    if (isEvent(local)) return this.#event(local, valueStart, valueEnd)
    if (!this.broken && isEventWithJunk(local)) return this.#add(5, 'xss-event')
    if (length === 0) return this.#elementAttribute(local, length)
    const value = text.slice(valueStart, valueEnd)
    if (local === 'style') {
      if (styleDanger(value)) this.#add(5, 'xss-style')
      return
    }
    if (this.broken && !urlAttributes.has(local) && !urlAttributes.has(name)) return
    // `<img src= onerror=...`: what follows the gap is the value to a browser, and an attribute to what cleans up after it.
    if (!this.broken && /^on[a-z]{3,24}=/i.test(value)) return this.#add(5, 'xss-event')
    const danger = urlDanger(value)
    if (danger === UrlDanger.active) return this.#add(5, 'xss-url')
    if (danger === UrlDanger.odd) this.#add(3, 'xss-url')
    if (value.includes('&{') && value.includes('}')) return this.#add(5, 'xss-code')
    if (this.broken) return
    if (
      local === 'srcdoc' ||
      local === 'http-equiv' ||
      local === 'datasrc' ||
      local === 'dataformatas' ||
      local === 'implementation'
    )
      return this.#add(5, 'xss-element')
    if (name.startsWith('xmlns') && value.includes('schemas-microsoft-com')) return this.#add(5, 'xss-element')
    if (local === 'formaction') return this.#add(4.5, 'xss-url')
    if (local === 'attributename' && animationElements.has(this.#name)) return this.#add(5, 'xss-element')
    const mark = charCodeAt(name, 0)
    if (
      mark === 64 ||
      mark === 40 ||
      mark === 91 ||
      name.startsWith('v-') ||
      name.startsWith('x-') ||
      name.startsWith('ng-')
    ) {
      const likeness = scriptLikeness(value)
      if (likeness > 0) this.#add(likeness === 3 ? 5 : 4, 'xss-code')
    }
    this.#elementAttribute(local, length)
  }

  tagEnd(closed: boolean, end: number): void {
    if (!this.#isTag) return
    if (this.#isScript) this.#script(closed, end)
    this.#isTag = false
  }

  endTag(name: string): void {
    if (name === 'script' || name === 'style' || name === 'title' || name === 'textarea' || name === 'iframe')
      this.#add(name === 'script' ? 4 : 3, 'xss-element')
  }

  declaration(start: number, end: number): void {
    const first = charCodeAt(this.#text, start)
    if (first !== 33 && first !== 63) return
    const second = charCodeAt(this.#text, start + 1)
    if (second !== 91 && !isLetter(second)) return
    const head = this.#text.slice(start, Math.min(end, start + 200)).toLowerCase()
    if (head.startsWith('!doctype')) {
      if (head.includes('[') || head.includes('entity') || head.includes(' system')) this.#add(5, 'xss-declaration')
      return
    }
    if (
      head.startsWith('!entity') ||
      head.startsWith('!attlist') ||
      head.startsWith('?xml-stylesheet') ||
      head.startsWith('?import')
    )
      this.#add(5, 'xss-declaration')
    else if (head.startsWith('![cdata[')) this.#add(3, 'xss-declaration')
    else if (head.startsWith('?xml')) this.#add(2, 'xss-declaration')
  }

  rawText(name: string, start: number, end: number): void {
    if (name === 'style' && styleDanger(this.#text.slice(start, Math.min(end, start + 8192)))) this.#add(5, 'xss-style')
  }

  #add(points: number, rule: XssRule): void {
    if (points > this.points) {
      this.points = points
      this.rule = rule
      this.fingerprint = `${this.#isTag ? shapeOf(this.#name) : ''}:${rule.slice(4)}`
    }
  }

  #event(name: string, valueStart: number, valueEnd: number): void {
    const text = this.#text
    if (!this.broken) return this.#add(valueEnd > valueStart ? 5 : 4, 'xss-event')
    if (valueEnd === valueStart) return
    const known = eventNames.has(name.slice(2))
    // Inside a value nothing ends at a space: the call may be further on.
    const stop = Math.min(Math.max(valueEnd, valueStart + 80), text.length)
    const likeness = scriptLikeness(text, valueStart, stop, this.#commentEnd)
    if (likeness >= 2 && (known || likeness === 3)) this.#add(5, 'xss-event')
    else if (known) this.#add(likeness === 1 || valueEnd - valueStart > 2 ? 5 : 3, 'xss-event')
    else if (likeness === 1) this.#add(2, 'xss-event')
  }

  /** Elements that do something by being there. */
  #elementAttribute(name: string, length: number): void {
    if (this.broken) return
    const element = this.#name
    if (this.#isActive && length > 0) this.#add(element === 'param' ? 4 : 5, 'xss-element')
    else if (element === 'style' || element === 'form') this.#add(4, 'xss-element')
    else if (name === 'autofocus' || name === 'contenteditable') this.#add(3, 'xss-element')
  }

  #script(closed: boolean, end: number): void {
    const text = this.#text
    // Prose about the element puts it between backticks.
    if (charCodeAt(text, this.#start - 1) === 96 && this.#attributes === 0) return this.#add(3, 'xss-script')
    if (this.#attributes > 0 || !closed) return this.#add(5, 'xss-script')
    const stop = Math.min(end + 120, text.length)
    const body = text.slice(end, stop)
    if (/[(=`;{+]|<\//.test(body) || scriptLikeness(text, end, stop, this.#commentEnd) > 0)
      return this.#add(5, 'xss-script')
    // Behind what closes another tag, even where nothing but a quote follows.
    if (/^["']{1,2}$/.test(body) && charCodeAt(text, this.#start - 1) === 62) return this.#add(5, 'xss-script')
    this.#add(body.trim() === '' || /^\s*(?:\/\/|<!--)|^\w{1,8}$/.test(body) ? 5 : 4, 'xss-script')
  }
}

function isLetter(code: number): boolean {
  const lower = code | 32
  return lower >= 97 && lower <= 122
}

function isEvent(name: string): boolean {
  if (name.length < 5 || charCodeAt(name, 0) !== 111 || charCodeAt(name, 1) !== 110) return false
  for (let at = 2; at < name.length; at++) {
    const code = charCodeAt(name, at)
    if (code < 97 || code > 122) return false
  }
  return true
}

/** `onload!#$`: old engines took the marks between a name and `=` for white space. */
function isEventWithJunk(name: string): boolean {
  if (!name.startsWith('on')) return false
  const letters = /^on([a-z]+)[^a-z\d-]/.exec(name)
  return letters !== null && eventNames.has(letters[1] as string)
}

/** The name of an element, cut to what may go into a report. */
function shapeOf(name: string): string {
  return /^[a-z][a-z0-9-]{0,15}$/.test(name) ? name : 'tag'
}
