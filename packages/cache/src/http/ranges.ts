/** A part of a body, both ends included. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** More parts than this are no reading but an attack (RFC 9110 section 14.2). */
const mostRanges = 16

/**
 * The parts that `Range` asks for, those that overlap or touch made one: `undefined` to answer with the whole (another
 * unit, malformed, more parts than anybody needs, or parts that overlap so that they are more than the whole),
 * `'unsatisfiable'` for 416 (RFC 9110 section 14.1).
 */
export function parseRanges(
  header: string | undefined,
  length: number,
): readonly ByteRange[] | 'unsatisfiable' | undefined {
  const match = /^bytes=([\d\s,-]{1,800})$/i.exec(header ?? '')
  if (match === null) return undefined
  const specs = (match[1] as string).split(',').map((spec) => spec.trim())
  const asked = specs.filter((spec) => spec !== '')
  if (asked.length === 0 || asked.length > mostRanges) return undefined
  const ranges: ByteRange[] = []
  let bytes = 0
  for (const spec of asked) {
    const range = parseRange(spec, length)
    if (range === undefined) return undefined
    if (range === 'unsatisfiable') continue
    bytes += range.end - range.start + 1
    ranges.push(range)
  }
  if (ranges.length === 0) return 'unsatisfiable'
  if (ranges.length > 1 && bytes > length) return undefined
  return merge(ranges)
}

function parseRange(spec: string, length: number): ByteRange | 'unsatisfiable' | undefined {
  const match = /^(\d{0,15})-(\d{0,15})$/.exec(spec)
  if (match === null || spec === '-') return undefined
  const [, first = '', last = ''] = match
  if (first === '') {
    const count = Number(last)
    return count === 0 || length === 0 ? 'unsatisfiable' : { start: Math.max(0, length - count), end: length - 1 }
  }
  const start = Number(first)
  if (last !== '' && Number(last) < start) return undefined
  if (start >= length) return 'unsatisfiable'
  return { start, end: last === '' ? length - 1 : Math.min(Number(last), length - 1) }
}

/** Neighbours as one, in the order of the first of each. */
function merge(ranges: readonly ByteRange[]): readonly ByteRange[] {
  const merged: { start: number; end: number }[] = []
  for (const { start, end } of ranges) {
    const near = merged.find((other) => start <= other.end + 1 && other.start <= end + 1)
    if (near === undefined) merged.push({ start, end })
    else {
      near.start = Math.min(near.start, start)
      near.end = Math.max(near.end, end)
    }
  }
  return merged.length < ranges.length ? merge(merged) : merged
}

/** `Content-Range` of one part whose whole length is told; `undefined` for anything else. */
export function parseContentRange(header: string | undefined): (ByteRange & { total: number }) | undefined {
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/i.exec(header?.trim() ?? '')
  if (match === null) return undefined
  const [start, end, total] = match.slice(1).map(Number) as [number, number, number]
  return start <= end && end < total ? { start, end, total } : undefined
}
