/** A part of a body, both ends included. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/**
 * The part that `Range` asks for: `undefined` to answer with the whole (another unit, malformed, or several parts, which
 * nobody has to send: RFC 9110 section 14.2), `'unsatisfiable'` for 416.
 */
export function parseRange(header: string | undefined, length: number): ByteRange | 'unsatisfiable' | undefined {
  const match = /^bytes=\s*(\d{0,15})-(\d{0,15})\s*$/i.exec(header ?? '')
  if (match === null || (match[1] === '' && match[2] === '')) return undefined
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
