const rawText: ReadonlySet<string> = new Set(
  'script style xmp iframe noembed noframes noscript textarea title template svg math select'.split(' '),
)

const blocks: ReadonlySet<string> = new Set(
  (
    'address article aside blockquote br caption dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 ' +
    'h6 header hr li main nav ol p pre section summary table tbody tfoot thead tr ul'
  ).split(' '),
)

/**
 * The text of HTML, still as HTML: no tag is left, character references stay, and each block begins a new line. One pass
 * over the input whatever it is, by the rules of the HTML tokenizer (WHATWG HTML section 13.2.5), so it is what stands in
 * where a document is too large or too tangled for the sanitiser itself.
 *
 * @param bracket - what stands for an angle bracket that begins no markup.
 */
export function stripTags(html: string, bracket = '&lt;'): string {
  const out: string[] = []
  let at = 0
  while (at < html.length) {
    const open = html.indexOf('<', at)
    if (open === -1) {
      out.push(html.slice(at))
      break
    }
    if (open > at) out.push(html.slice(at, open))
    const next = skipMarkup(html, open, out)
    if (next === undefined) out.push(bracket)
    at = next ?? open + 1
  }
  return out.join('')
}

/** Passes what begins with the `<` at `open`; returns where text goes on, nothing where the bracket is text itself. */
function skipMarkup(html: string, open: number, out: string[]): number | undefined {
  const next = html.charCodeAt(open + 1)
  if (isLetter(next)) return skipStartTag(html, open, out)
  if (next === 47) {
    const after = html.charCodeAt(open + 2)
    if (isLetter(after)) {
      if (blocks.has(nameAt(html, open + 2))) newLine(out)
      return endOfTag(html, open + 2)
    }
    if (Number.isNaN(after)) return undefined
    return past(html, '>', open + 2)
  }
  if (next === 33) {
    if (html.startsWith('<!-->', open)) return open + 5
    if (html.startsWith('<!--->', open)) return open + 6
    if (html.startsWith('<!--', open)) return endOfComment(html, open + 4)
    return past(html, '>', open + 2)
  }
  return next === 63 ? past(html, '>', open + 2) : undefined
}

function skipStartTag(html: string, open: number, out: string[]): number {
  const name = nameAt(html, open + 1)
  if (blocks.has(name)) newLine(out)
  else if (name === 'td' || name === 'th') out.push('\t')
  const end = endOfTag(html, open + 1)
  if (name === 'plaintext') return html.length
  return rawText.has(name) ? endOfRawText(html, end, name) : end
}

function newLine(out: string[]): void {
  const last = out.at(-1)
  if (last !== undefined && !last.endsWith('\n')) out.push('\n')
}

const longestName = 16

/** The name of the tag, in lower case; what is longer than any that matters here is cut. */
function nameAt(html: string, at: number): string {
  let end = at
  while (end < html.length && end - at < longestName && !endsName(html.charCodeAt(end))) end++
  return html.slice(at, end).toLowerCase()
}

function endsName(code: number): boolean {
  return code === 62 || code === 47 || isSpace(code)
}

/** Past the `>` that ends a tag: quotes count only where a value begins. A tag that never ends takes the rest along. */
function endOfTag(html: string, at: number): number {
  for (let i = at; i < html.length; i++) {
    const code = html.charCodeAt(i)
    if (code === 62) return i + 1
    if (code !== 61) continue
    do i++
    while (isSpace(html.charCodeAt(i)))
    const quote = html.charAt(i)
    if (quote === '>') return i + 1
    if (quote !== '"' && quote !== "'") continue
    const close = html.indexOf(quote, i + 1)
    if (close === -1) return html.length
    i = close
  }
  return html.length
}

function endOfComment(html: string, at: number): number {
  for (let dashes = html.indexOf('--', at); dashes !== -1; dashes = html.indexOf('--', dashes + 1)) {
    if (html.startsWith('>', dashes + 2)) return dashes + 3
    if (html.startsWith('!>', dashes + 2)) return dashes + 4
  }
  return html.length
}

function endOfRawText(html: string, at: number, name: string): number {
  for (let close = html.indexOf('</', at); close !== -1; close = html.indexOf('</', close + 2)) {
    const end = close + 2 + name.length
    if (html.slice(close + 2, end).toLowerCase() === name && (endsName(html.charCodeAt(end)) || end >= html.length)) {
      return endOfTag(html, close + 2)
    }
  }
  return html.length
}

function past(html: string, text: string, at: number): number {
  const found = html.indexOf(text, at)
  return found === -1 ? html.length : found + text.length
}

function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90)
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13)
}
