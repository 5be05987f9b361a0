import { isUtf8 } from 'node:buffer'
import type { ByteSource } from './byte-source.js'
import { RefusedContent } from './refusal.js'

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
  const text = decoded(bytes.toString('utf8')).toLowerCase()
  const runs =
    ['<!entity', '<!attlist', '<?xml-stylesheet', '<![cdata['].some((part) => text.includes(part)) ||
    declaresMore(text) ||
    activeElements.test(text) ||
    /[\s"'/]on[a-z]{2,30}\s{0,20}=/.test(text) ||
    /(?:java|vb)script:|["'(\s]data:|@import|expression\(|url\(\s{0,20}["']?\s{0,20}(?:[a-z]|\/\/)/.test(
      withoutSpaces(text),
    ) ||
    /[\s"'](?:[a-z]{1,20}:)?href\s{0,20}=\s{0,20}["'](?!#)/.test(text)
  if (runs) throw new RefusedContent('scripted', 'contains a script or loads something')
}

/** Numeric references decoded, by which the name of a scheme is hidden. */
function decoded(text: string): string {
  return text.replace(
    /&#(?:x([0-9a-f]{1,6})|([0-9]{1,7}));?/gi,
    (_reference, hex: string | undefined, decimal: string) => {
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : ''
    },
  )
}

/** Browsers skip tabs and line ends in addresses. */
function withoutSpaces(text: string): string {
  return text.replace(/[\t\r\n\0]/g, '')
}

/** Whether the document type has a part of its own, in which entities are declared. */
function declaresMore(text: string): boolean {
  const doctype = text.indexOf('<!doctype')
  if (doctype === -1) return false
  const bracket = text.indexOf('[', doctype)
  const end = text.indexOf('>', doctype)
  return bracket !== -1 && (end === -1 || bracket < end)
}
