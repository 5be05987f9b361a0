/** The forms that a problem can be sent in. */
export type ProblemFormat = 'json' | 'html' | 'text'

/** Picks the form for a request's `Accept` (RFC 9110 section 12.5.1). */
export type Negotiator = (accept: string | undefined) => ProblemFormat

const maxRemembered = 200
const maxRememberedLength = 256
const maxRanges = 50

/**
 * Negotiates among `formats`, given in the server's own order of preference: the first of them is sent to whoever names
 * none, and to whoever accepts none of them (RFC 9110 section 15.5.7 allows it). Answers are remembered.
 */
export function negotiator(formats: readonly ProblemFormat[]): Negotiator {
  const first = formats[0] as ProblemFormat
  const remembered = new Map<string, ProblemFormat>()
  return (accept) => {
    if (accept === undefined || accept === '*/*') return first
    const known = remembered.get(accept)
    if (known !== undefined) return known
    const format = preferred(accept, formats) ?? first
    if (accept.length <= maxRememberedLength) {
      if (remembered.size >= maxRemembered) remembered.clear()
      remembered.set(accept, format)
    }
    return format
  }
}

function preferred(accept: string, formats: readonly ProblemFormat[]): ProblemFormat | undefined {
  const ranges = accept.split(',', maxRanges).map(parseRange)
  let best: ProblemFormat | undefined
  let bestScore = 0
  for (const format of formats) {
    let specificity = 0
    let quality = 0
    for (const range of ranges) {
      const found = specificityOf(range.type, format)
      if (found > specificity || (found === specificity && range.quality > quality)) {
        if (found === 0) continue
        specificity = found
        quality = range.quality
      }
    }
    // Among equal qualities whoever is named wins over what a wildcard covers.
    const score = quality === 0 ? 0 : quality * 1000 + specificity / 10
    if (score > bestScore) {
      best = format
      bestScore = score
    }
  }
  return best
}

function parseRange(text: string): { type: string; quality: number } {
  const [type = '', ...parameters] = text.split(';')
  for (const parameter of parameters) {
    const [name = '', value = ''] = parameter.split('=', 2)
    if (name.trim().toLowerCase() !== 'q') continue
    const quality = Number(value.trim())
    return { type: type.trim().toLowerCase(), quality: quality >= 0 && quality <= 1 ? quality : 0 }
  }
  return { type: type.trim().toLowerCase(), quality: 1 }
}

/** 3 for the type itself, 2 for its family, 1 for everything, 0 for no match. */
function specificityOf(type: string, format: ProblemFormat): number {
  if (type === '*/*') return 1
  if (format === 'html') return type === 'text/html' ? 3 : type === 'text/*' ? 2 : 0
  if (format === 'text') return type === 'text/plain' ? 3 : type === 'text/*' ? 2 : 0
  if (type === 'application/*') return 2
  return type === 'application/json' || (type.startsWith('application/') && type.endsWith('+json')) ? 3 : 0
}
