import { randomFillSync } from 'node:crypto'

/** Written at once, in whole groups of base64: few, for a slice of a text keeps the whole of it as long as it is held. */
const writtenBytes = 192
/** One call of the generator costs about as much as fifty ids. */
const poolBytes = writtenBytes * 20

/**
 * Random characters, cut from a pool of bytes that is filled ahead and written for some at once.
 *
 * @param fill - Fills the bytes that it gets with randomness. @defaultValue `crypto.randomFillSync`
 * @returns what cuts the next characters, 256 at most
 */
export function randomText(
  encoding: 'base64' | 'hex',
  fill: (bytes: Uint8Array) => unknown = randomFillSync,
): (length: number) => string {
  const pool = Buffer.alloc(poolBytes)
  let used = poolBytes
  let text = ''
  let next = 0
  return (length) => {
    if (next + length > text.length) {
      if (used === poolBytes) {
        fill(pool)
        used = 0
      }
      text = pool.toString(encoding, used, (used += writtenBytes))
      next = 0
    }
    const start = next
    next += length
    return text.slice(start, next)
  }
}
