import { randomFillSync } from 'node:crypto'
import { charCodeAt } from '@hardening/core'

/** Hashes remembered: clients come back, and finding a text among a few is quicker than hashing it. */
const mostKept = 1024
const longestKept = 64

/** Hashes text to 64 bits, given as two words by {@link KeyHash.low} and {@link KeyHash.high}. */
export interface KeyHash {
  low: number
  high: number
  hash(text: string): void
}

/**
 * HalfSipHash-1-3 with 64 bits of result (Aumasson and Bernstein, "SipHash: a fast short-input PRF", in its form for
 * 32-bit words), over the UTF-16 code units of a text. The key is new for each table, so that nobody can choose texts
 * that meet: two keys that met would share one limit.
 */
export function createKeyHash(seed: Uint32Array = randomFillSync(new Uint32Array(2))): KeyHash {
  const k0 = seed[0] as number
  const k1 = seed[1] as number
  const kept = new Map<string, number>()
  const words = new Uint32Array(mostKept * 2)
  const result: KeyHash = { low: 0, high: 0, hash }
  return result

  function hash(text: string): void {
    const at = kept.get(text)
    if (at === undefined) {
      work(text)
      return
    }
    result.low = words[at] as number
    result.high = words[at + 1] as number
  }

  function work(text: string): void {
    let v0 = k0 | 0
    let v1 = (k1 ^ 0xee) | 0
    let v2 = (0x6c796765 ^ k0) | 0
    let v3 = (0x74656462 ^ k1) | 0
    const { length } = text
    const even = length & ~1
    for (let at = 0; at <= even; at += 2) {
      // The last word has the code unit that is left over and the length.
      const word =
        at < even
          ? charCodeAt(text, at) | (charCodeAt(text, at + 1) << 16)
          : (length << 24) | (even === length ? 0 : charCodeAt(text, at))
      v3 ^= word
      v0 = (v0 + v1) | 0
      v1 = (v1 << 5) | (v1 >>> 27)
      v1 ^= v0
      v0 = (v0 << 16) | (v0 >>> 16)
      v2 = (v2 + v3) | 0
      v3 = (v3 << 8) | (v3 >>> 24)
      v3 ^= v2
      v0 = (v0 + v3) | 0
      v3 = (v3 << 7) | (v3 >>> 25)
      v3 ^= v0
      v2 = (v2 + v1) | 0
      v1 = (v1 << 13) | (v1 >>> 19)
      v1 ^= v2
      v2 = (v2 << 16) | (v2 >>> 16)
      v0 ^= word
    }
    v2 ^= 0xee
    for (let round = 0; round < 6; round++) {
      if (round === 3) {
        result.low = (v1 ^ v3) >>> 0
        v1 ^= 0xdd
      }
      v0 = (v0 + v1) | 0
      v1 = (v1 << 5) | (v1 >>> 27)
      v1 ^= v0
      v0 = (v0 << 16) | (v0 >>> 16)
      v2 = (v2 + v3) | 0
      v3 = (v3 << 8) | (v3 >>> 24)
      v3 ^= v2
      v0 = (v0 + v3) | 0
      v3 = (v3 << 7) | (v3 >>> 25)
      v3 ^= v0
      v2 = (v2 + v1) | 0
      v1 = (v1 << 13) | (v1 >>> 19)
      v1 ^= v2
      v2 = (v2 << 16) | (v2 >>> 16)
    }
    result.high = (v1 ^ v3) >>> 0
    if (length > longestKept) return
    if (kept.size === mostKept) kept.clear()
    const place = kept.size * 2
    words[place] = result.low
    words[place + 1] = result.high
    kept.set(text, place)
  }
}
