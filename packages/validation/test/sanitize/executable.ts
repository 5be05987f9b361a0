import { parseFragment, serialize, type DefaultTreeAdapterMap } from 'parse5'

type Node = DefaultTreeAdapterMap['childNode']

const inert: ReadonlySet<string> = new Set(
  (
    'a abbr b bdi bdo br cite code del dfn em i ins kbd mark q s samp small span strong sub sup u var wbr blockquote dd div ' +
    'dl dt hr li ol p pre ul address article aside caption col colgroup details figcaption figure footer h1 h2 h3 h4 h5 h6 ' +
    'header img main nav rp rt ruby section summary table tbody td tfoot th thead time tr'
  ).split(' '),
)

/**
 * What in HTML a browser would run or load from an unexpected place, as a second, independent parser sees it: read once,
 * and once more from what it writes, which is what mutation attacks wait for.
 */
export function executableParts(html: string): string[] {
  const first = parseFragment(html)
  return [...inspect(first.childNodes), ...inspect(parseFragment(serialize(first)).childNodes)]
}

function inspect(nodes: readonly Node[]): string[] {
  const found: string[] = []
  for (const node of nodes) {
    if (!('tagName' in node)) continue
    if (!inert.has(node.tagName)) found.push(`<${node.tagName}>`)
    for (const { name, value, prefix } of node.attrs) {
      if (prefix !== undefined && prefix !== '') found.push(`${prefix}:${name}`)
      if (/^on|^(?:style|srcdoc|formaction|action|ping|poster|background|srcset|xlink:href)$/.test(name))
        found.push(name)
      if (['href', 'src', 'cite'].includes(name) && !isHarmless(value)) found.push(`${name}=${value}`)
    }
    found.push(...inspect(node.childNodes))
  }
  return found
}

function isHarmless(address: string): boolean {
  const base = 'https://base.example/'
  if (!URL.canParse(address, base)) return true
  const url = new URL(address, base)
  if (!['http:', 'https:', 'mailto:'].includes(url.protocol)) return false
  // An address that names no scheme must stay on the site.
  return url.host === 'base.example' || /^\s*(?:https?|mailto):/i.test(address)
}
