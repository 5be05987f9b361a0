import type { Matcher } from './express-shape.js'

// No author writes it into a path, and no client gets it through Node's HTTP parser unescaped.
const sentinel = '\u{E0F1}\u{E0F2}'
const maxProbes = 64
const maxLength = 2_048

/** Shown where a pattern cannot be found out. */
const opaque = '/*'

/**
 * The pattern of a mount whose layer knows it, but does not tell (Express 5.0 to 5.2): which part of the matched prefix
 * belongs to which param shows when that part is exchanged and the matcher asked again. So a value that equals a
 * literal segment is told apart from it. What no param owns is literal only if exchanging it ends the match.
 */
export function probePattern(matcher: Matcher, prefix: string): string {
  if (prefix.length > maxLength) return opaque
  // Without percent signs a value decodes to itself, so that positions and lengths stay true.
  const masked = prefix.replaceAll('%', 'p')
  const text = matches(matcher, masked) ? masked : prefix
  const first = matcher(text)
  if (first === false || first.path.length !== text.length) return opaque
  let probes = 0
  let cursor = 0
  let pattern = ''
  const spans: { start: number; end: number }[] = []
  // Where case makes no difference, one pattern must not become many by the case that clients choose.
  const literals = matches(matcher, text.toLowerCase()) ? text.toLowerCase() : text
  for (const [name, value] of Object.entries(first.params)) {
    const raw = flat(value)
    if (raw === '') continue
    let start = text.indexOf(raw, cursor)
    for (; start !== -1; start = text.indexOf(raw, start + 1)) {
      if (++probes > maxProbes) return opaque
      const asked = matcher(exchange(text, start, start + raw.length))
      if (asked !== false && flat(asked.params[name]) === sentinel) break
    }
    if (start === -1) continue
    pattern += literals.slice(cursor, start) + (Array.isArray(value) ? '*' : ':') + name
    cursor = start + raw.length
    spans.push({ start, end: cursor })
  }
  pattern += literals.slice(cursor)
  for (let start = 0; start < text.length;) {
    const next = text.indexOf('/', start + 1)
    const end = next === -1 ? text.length : next
    const owned = spans.some((span) => span.start < end && span.end > start)
    if (!owned && ++probes > maxProbes) return opaque
    if (!owned && end > start + 1 && matches(matcher, exchange(text, start + 1, end))) return opaque
    start = end
  }
  return pattern
}

function matches(matcher: Matcher, path: string): boolean {
  const match = matcher(path)
  return match !== false && match.path.length === path.length
}

function exchange(text: string, start: number, end: number): string {
  return text.slice(0, start) + sentinel + text.slice(end)
}

function flat(value: unknown): string {
  if (Array.isArray(value)) return value.join('/')
  return typeof value === 'string' ? value : ''
}
