import { readAddress } from './parse.js'

/** A block of addresses: all that begin with the same bits (RFC 4632 section 3.1, RFC 4291 section 2.3). */
export interface Cidr {
  readonly family: 4 | 6
  /** First address of the block, in words of 32 bits. */
  readonly first: Uint32Array
  /** Last address of the block. */
  readonly last: Uint32Array
  /** How many bits the addresses share: 0 to 32 for IPv4, 0 to 128 for IPv6. */
  readonly prefix: number
}

const PREFIX = /^(?:0|[1-9]\d{0,2})$/

/**
 * Reads `192.0.2.0/24`, `2001:db8::/32` or a single address. Bits behind the prefix are ignored, so `192.0.2.7/24` is
 * `192.0.2.0/24`. A block of mapped addresses (`::ffff:192.0.2.0/120`) is the block of IPv4 addresses.
 *
 * @returns `undefined` where `text` is no block: a name, a mask (`/255.255.255.0`), a zone, a prefix that is too long, a
 * mapped address with a prefix below 96, of which nobody knows what it means.
 */
export function parseCidr(text: string): Cidr | undefined {
  if (typeof text !== 'string' || text.includes('%')) return undefined
  const slash = text.indexOf('/')
  const address = slash === -1 ? text : text.slice(0, slash)
  const words = new Uint32Array(4)
  const family = readAddress(address, words)
  if (family === 0) return undefined

  const bits = family === 4 ? 32 : 128
  let prefix = bits
  if (slash !== -1) {
    const digits = text.slice(slash + 1)
    if (!PREFIX.test(digits)) return undefined
    prefix = Number(digits)
    if (family === 4 && address.includes(':')) prefix -= 96
    if (prefix < 0 || prefix > bits) return undefined
  }
  const first = family === 4 ? words.slice(0, 1) : words
  return { family, ...blockOf(first, prefix), prefix }
}

/** First and last address that share `prefix` bits with `words`. */
export function blockOf(words: Uint32Array, prefix: number): { first: Uint32Array; last: Uint32Array } {
  const first = new Uint32Array(words.length)
  const last = new Uint32Array(words.length)
  for (let index = 0; index < words.length; index++) {
    const kept = Math.min(32, Math.max(0, prefix - index * 32))
    // A shift by 32 would be a shift by 0.
    const mask = kept === 0 ? 0 : (0xffffffff << (32 - kept)) >>> 0
    first[index] = words[index]! & mask
    last[index] = words[index]! | ~mask
  }
  return { first, last }
}
