import type { Detection, DetectOptions } from './detection.js'
import { detectWith, type Detector } from './detector.js'
import { Mark } from './marks.js'

/**
 * Looks for XML that declares entities, loads a document type from elsewhere, or includes files (XML 1.0 section 4.2,
 * XInclude). The document types of HTML are none. Pure and linear.
 */
export function detectXxe(value: string, options: DetectOptions = {}): Detection | undefined {
  return detectWith(xxeDetector, value, options)
}

/** {@link detectXxe} as the middleware runs it. */
export const xxeDetector: Detector = {
  kind: 'xxe',
  needs: Mark.less,
  read(text) {
    if (!text.includes('<!') && !text.includes(':include')) return undefined
    if (/<!ENTITY\s{1,8}(?:%\s{0,8})?[\w.:-]{1,80}\s{1,8}(?:SYSTEM|PUBLIC|["'])/i.test(text))
      return { points: 5, rule: 'xxe-entity', fingerprint: '!ENTITY' }
    const doctype = /<!DOCTYPE\s{1,8}[\w.:-]{1,80}\s{0,8}(\[|SYSTEM\b|PUBLIC\b)/i.exec(text)
    if (doctype !== null) {
      const rest = text.slice(doctype.index, doctype.index + 400)
      if (doctype[1] === '[')
        return {
          points: rest.includes('%') || rest.includes('<!') ? 5 : 4,
          rule: 'xxe-doctype',
          fingerprint: '!DOCTYPE[',
        }
      const known = /"about:legacy-compat"|-\/\/W3C\/\/|-\/\/IETF\/\//i.test(rest)
      return known ? undefined : { points: 5, rule: 'xxe-doctype', fingerprint: '!DOCTYPE' }
    }
    if (/<(?:xi|xinclude):include\b/i.test(text)) return { points: 5, rule: 'xxe-include', fingerprint: 'xi:include' }
    return undefined
  },
}
