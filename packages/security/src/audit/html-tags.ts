/** A start tag, as far as an audit needs it. */
export interface Tag {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
}

// Their content is text to a browser, whatever it looks like.
const rawText = new Set(['script', 'style', 'textarea', 'title', 'xmp', 'iframe', 'noembed', 'noframes'])

/** The start tags of the given names in a page, in linear time. */
export function findTags(html: string, names: ReadonlySet<string>): Tag[] {
  const tags: Tag[] = []
  const lower = inLowerCase(html)
  let at = lower.indexOf('<')
  while (at !== -1) {
    if (lower.startsWith('<!--', at)) {
      const end = lower.indexOf('-->', at + 4)
      if (end === -1) return tags
      at = lower.indexOf('<', end + 3)
      continue
    }
    const name = tagName(lower, at + 1)
    if (name === '') {
      at = lower.indexOf('<', at + 1)
      continue
    }
    const { attributes, end } = readAttributes(html, at + 1 + name.length)
    if (names.has(name)) tags.push({ name, attributes })
    at = end
    if (rawText.has(name)) {
      const close = lower.indexOf(`</${name}`, end)
      if (close === -1) return tags
      at = close + 2
    }
    at = lower.indexOf('<', at)
  }
  return tags
}

/** Letters of ASCII in lower case, so that every place stays where it is: some others become two. */
function inLowerCase(html: string): string {
  return html.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

function tagName(lower: string, start: number): string {
  let end = start
  while (end < lower.length && isNameCharacter(lower.charCodeAt(end))) end++
  return lower.slice(start, end)
}

function isNameCharacter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code === 45
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13)
}

/** Reads attributes up to the end of the tag, as HTML's tokenizer does (HTML standard section 13.2.5.32 and on). */
function readAttributes(html: string, start: number): { attributes: Map<string, string>; end: number } {
  const attributes = new Map<string, string>()
  let at = start
  for (;;) {
    while (at < html.length && (isSpace(html.charCodeAt(at)) || html[at] === '/')) at++
    if (at >= html.length || html[at] === '>') return { attributes, end: at + 1 }
    const nameStart = at
    // A sign of equality in first place belongs to the name.
    if (html[at] === '=') at++
    while (at < html.length && !isSpace(html.charCodeAt(at)) && !'/>='.includes(html[at] as string)) at++
    const name = html.slice(nameStart, at).toLowerCase()
    while (at < html.length && isSpace(html.charCodeAt(at))) at++
    let value = ''
    if (html[at] === '=') {
      at++
      while (at < html.length && isSpace(html.charCodeAt(at))) at++
      const quote = html[at]
      if (quote === '"' || quote === "'") {
        const end = html.indexOf(quote, at + 1)
        value = html.slice(at + 1, end === -1 ? html.length : end)
        at = end === -1 ? html.length : end + 1
      } else {
        const valueStart = at
        while (at < html.length && !isSpace(html.charCodeAt(at)) && html[at] !== '>') at++
        value = html.slice(valueStart, at)
      }
    }
    if (!attributes.has(name)) attributes.set(name, decoded(value))
  }
}

const references: Readonly<Record<string, string>> = { amp: '&', quot: '"', apos: "'", lt: '<', gt: '>', '#39': "'" }

/** The few character references that stand in policies and addresses. */
function decoded(value: string): string {
  return value.includes('&')
    ? value.replace(/&(amp|quot|apos|lt|gt|#39);/g, (_all, name: string) => references[name] as string)
    : value
}
