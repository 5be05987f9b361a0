import { charCodeAt } from '@hardening/core'
import { Mark } from '../marks.js'
import { decodeBase64 } from './base64.js'
import { decodeEntities } from './entities.js'
import { decodeEscapes } from './escapes.js'
import { decodePercent } from './percent.js'
import { foldWidth } from './width.js'

/** Of a text of this length the one layer and all layers undone are looked at, not every step between. */
const longText = 2048

/**
 * The text and what lax readers behind us may make of it, each only where it differs: percent decoding, the same again,
 * and then escapes, character references and widths. Every layer is undone once, so that the number of forms is bounded
 * and a text that talks about encodings is not taken apart without end.
 */
export function decodedForms(text: string, marks: number): readonly string[] {
  const forms = [text]
  let current = text
  if ((marks & Mark.plus) !== 0 && ((marks & Mark.space) === 0 || text.indexOf(' ') > text.lastIndexOf('+')))
    keep(forms, decodePercent(text.replaceAll('+', ' ')))
  if ((marks & Mark.percent) !== 0) {
    current = keep(forms, decodePercent(current))
    if (current !== text && current.includes('%')) current = keep(forms, decodePercent(current))
    if (isInterspersed(text)) keep(forms, text.replaceAll('%', ''))
    if (current !== text && current.includes('+') && !current.includes(' ')) keep(forms, current.replaceAll('+', ' '))
  }
  let last = current
  if (last.includes('\\')) last = keep(forms, decodeEscapes(last))
  if (last.includes('&')) last = keep(forms, decodeEntities(last))
  if ((marks & Mark.wide) !== 0 || last !== text) keep(forms, foldWidth(last))
  const inner = decodeBase64(text, marks)
  if (inner !== undefined) keep(forms, inner)
  if (text.length <= longText || forms.length <= 3) return forms
  return [text, forms[1] as string, forms.at(-1) as string]
}

function keep(forms: string[], form: string): string {
  if (!forms.includes(form)) forms.push(form)
  return form
}

/** `%S%E%L%E%C%T`: ASP drops a percent sign that begins no byte. */
function isInterspersed(text: string): boolean {
  let signs = 0
  for (let at = text.indexOf('%'); at !== -1 && signs < 6; at = text.indexOf('%', at + 1)) {
    if (charCodeAt(text, at + 2) === 37) signs++
  }
  return signs >= 4
}
