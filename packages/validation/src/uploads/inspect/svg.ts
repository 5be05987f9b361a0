import { isUtf8 } from 'node:buffer'
import type { ByteSource } from './byte-source.js'
import { RefusedContent } from './refusal.js'
import { decodeXmlNumbers, fromCode } from './xml-text.js'

const largest = 2 * 1024 * 1024

const activeElements =
  /<(?:[a-z0-9]{1,20}:)?(?:script|foreignobject|iframe|embed|object|handler|listener|animate|animatemotion|animatetransform|set|link|audio|video)[\s/>:]/

/**
 * Refuses an SVG that is more than shapes: scripts, event handlers, entities, foreign content, animation and anything
 * that is loaded. An SVG is a document that runs in the origin that serves it; what passes here is still best served with
 * `Content-Disposition: attachment` or a policy of its own.
 *
 * @throws RefusedContent
 */
export async function inspectSvg(source: ByteSource): Promise<void> {
  if (source.size > largest) throw new RefusedContent('scripted', 'is too large to be looked into')
  const bytes = await source.read(0, source.size)
  if (!isUtf8(bytes)) throw new RefusedContent('not_utf8', 'is not text in UTF-8')
  const text = decodeXmlNumbers(bytes.toString('utf8')).toLowerCase().replace(/\s+/g, ' ')
  const loads = withoutSpaces(cssUnescaped(text))
  const runs =
    ['<!entity', '<!attlist', '<?xml-stylesheet', '<![cdata['].some((part) => text.includes(part)) ||
    declaresMore(text) ||
    declaresEncoding(text) ||
    activeElements.test(text) ||
    /[\s"'/]on[a-z]{2,30} ?=/.test(text) ||
    /(?:java|vb)script:|["'(]data:|@import|expression\(|url\(["']?(?:[a-z]|\/\/)/.test(loads) ||
    /[\s"'](?:[a-z]{1,20}:)?href ?= ?["'](?!#)/.test(text)
  if (runs) throw new RefusedContent('scripted', 'contains a script or loads something')
}

/** An encoding other than the one that it was read by: a browser would read something else. */
function declaresEncoding(text: string): boolean {
  const [, encoding] = /^\ufeff?<\?xml [^>]{0,200}encoding ?= ?["']([^"']{1,40})/.exec(text) ?? []
  return encoding !== undefined && encoding !== 'utf-8' && encoding !== 'utf8' && encoding !== 'us-ascii'
}

/** Escapes of CSS (CSS Syntax section 4.3.7), by which the name of a function or rule is hidden. */
function cssUnescaped(text: string): string {
  if (!text.includes('\\')) return text
  return text.replace(/\\(?:([0-9a-f]{1,6}) ?|([^]))/g, (_escape, hex: string | undefined, itself: string) =>
    hex === undefined ? itself : fromCode(Number.parseInt(hex, 16)).toLowerCase(),
  )
}

/** Browsers skip tabs and line ends in addresses, which are single spaces here. */
function withoutSpaces(text: string): string {
  return text.replace(/[ \0]/g, '')
}

/** Whether the document type has a part of its own, in which entities are declared. */
function declaresMore(text: string): boolean {
  const doctype = text.indexOf('<!doctype')
  if (doctype === -1) return false
  const bracket = text.indexOf('[', doctype)
  const end = text.indexOf('>', doctype)
  return bracket !== -1 && (end === -1 || bracket < end)
}
