import { charCodeAt } from '@hardening/core'
import { decodeEntities } from '../decode/entities.js'
import { decodePercent } from '../decode/percent.js'

/** What a value does when it is followed as a URL. */
export const UrlDanger = { none: 0, odd: 1, active: 2 } as const

/** Value as a URL parser sees its beginning: references decoded, controls and white space gone, in lower case. */
export function plainUrl(value: string): string {
  let text = value
  if (text.includes('&')) text = decodeEntities(text)
  let result = ''
  let from = 0
  for (let at = 0; at < text.length; at++) {
    const code = charCodeAt(text, at)
    if (
      code > 32 &&
      code !== 0x7f &&
      code !== 0xa0 &&
      code !== 0xad &&
      code !== 0x2028 &&
      code !== 0x2029 &&
      code !== 0xfeff
    )
      continue
    result += text.slice(from, at)
    from = at + 1
  }
  return (from === 0 ? text : result + text.slice(from)).toLowerCase()
}

/** Judges a value that a browser may follow. Only its beginning counts, or what stands behind `url=`. */
export function urlDanger(value: string): number {
  if (value.length < 5) return UrlDanger.none
  const text = plainUrl(value.length > 4096 ? value.slice(0, 4096) : value)
  const colon = text.indexOf(':')
  if (colon === -1)
    return text.startsWith('&{')
      ? UrlDanger.active
      : text.includes('%3a')
        ? urlDanger(decodePercent(text))
        : UrlDanger.none
  for (let at = text.indexOf('script:'); at !== -1; at = text.indexOf('script:', at + 7)) {
    const scheme = text.slice(Math.max(0, at - 4), at)
    if (
      scheme.endsWith('java') ||
      scheme.endsWith('vb') ||
      scheme.endsWith('live') ||
      scheme.endsWith('j') ||
      scheme.endsWith('ecma')
    )
      return UrlDanger.active
  }
  if (text.includes('mocha:') && text.includes('(')) return UrlDanger.active
  const data = text.indexOf('data:')
  if (data !== -1 && (data === 0 || isBoundary(charCodeAt(text, data - 1)))) {
    const type = text.slice(data + 5, data + 40)
    if (type.startsWith('image/') && !type.startsWith('image/svg')) return UrlDanger.none
    if (
      /^(?:text\/html|text\/xml|text\/xsl|text\/css|text\/javascript|image\/svg|application\/|text\/vbscript)/.test(
        type,
      ) ||
      type === ','
    )
      return UrlDanger.active
    if (type.startsWith('audio/') || type.startsWith('video/') || type.startsWith('font/')) return UrlDanger.none
    return text.includes('script') ||
      text.includes('expression') ||
      text.includes('base64') ||
      text.includes('%3c') ||
      text.includes('<')
      ? UrlDanger.active
      : UrlDanger.odd
  }
  if (
    text.startsWith('view-source:') ||
    text.startsWith('jar:') ||
    text.startsWith('mhtml:') ||
    text.startsWith('feed:java')
  )
    return UrlDanger.odd
  return UrlDanger.none
}

function isBoundary(code: number): boolean {
  return code === 40 || code === 34 || code === 39 || code === 61 || code === 44 || code === 58 || code === 59
}
