import { decodeReferences } from './decode-references.js'
import { stripTags } from './strip-tags.js'

/**
 * The text of HTML: no elements, no content of scripts and styles, a new line for each block, character references
 * decoded, so that `<p>1 &lt; 2</p>` gives `1 < 2`. The result is text: whoever puts it into a page escapes it there.
 * Text without markup comes back untouched. Takes time in proportion to its input.
 */
export function toPlainText(html: string): string {
  const text = html.includes('<') ? stripTags(html, '<').trim() : html
  return text.includes('&') ? decodeReferences(text) : text
}
