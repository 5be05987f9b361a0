import engine from 'sanitize-html'
import { stripTags } from './strip-tags.js'

const decoder: engine.IOptions = { allowedTags: [], allowedAttributes: {} }

const references: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&amp;': '&' }

/**
 * The text of HTML: no elements, no content of scripts and styles, a new line for each block, character references
 * decoded, so that `<p>1 &lt; 2</p>` gives `1 < 2`. The result is text: whoever puts it into a page escapes it there.
 * Text without markup comes back untouched. Takes time in proportion to its input.
 */
export function toPlainText(html: string): string {
  if (!html.includes('<') && !html.includes('&')) return html
  const text = html.includes('<') ? stripTags(html).trim() : html
  if (!text.includes('&')) return text
  // The library decodes every reference of HTML and then writes these four; there is no element left for it to find.
  return engine(text, decoder).replace(/&(?:lt|gt|quot|amp);/g, (reference) => references[reference] as string)
}
