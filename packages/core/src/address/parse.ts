/** An IP address. An IPv6 address that maps an IPv4 address (`::ffff:192.0.2.1`) is that IPv4 address. */
export interface Address {
  readonly family: 4 | 6
  /** The bits from the left in words of 32: one for IPv4, four for IPv6. */
  readonly words: Uint32Array
  /** Zone of a scoped IPv6 address (RFC 4007), without the percent sign. */
  readonly zone: string | undefined
}

// 45 characters of address, a percent sign, a zone. What is longer is not even looked at.
const MAX_LENGTH = 110
const ZONE = /^[0-9A-Za-z._~:-]+$/

/**
 * Reads an IP address: IPv4 as four decimal numbers without leading zeros (RFC 6943 section 3.1.1 tells what the other
 * forms lead to), IPv6 in every spelling of RFC 4291 section 2.2, with or without a zone.
 *
 * @returns `undefined` for everything else: names, ports, brackets, prefixes, spaces.
 */
export function parseAddress(text: string): Address | undefined {
  const words = new Uint32Array(4)
  const family = readAddress(text, words)
  if (family === 0) return undefined
  if (family === 4) return { family, words: words.subarray(0, 1), zone: undefined }
  const percent = text.indexOf('%')
  return { family, words, zone: percent === -1 ? undefined : text.slice(percent + 1) }
}

/**
 * As {@link parseAddress}, without making objects: writes the bits into `words`, of which an IPv4 address takes the
 * first.
 *
 * @returns the family, 0 where `text` is no address; then `words` holds nothing of use.
 */
export function readAddress(text: string, words: Uint32Array): 0 | 4 | 6 {
  if (typeof text !== 'string' || text.length > MAX_LENGTH) return 0
  if (!text.includes(':')) {
    const value = readIPv4(text, 0, text.length)
    words[0] = value
    return value === -1 ? 0 : 4
  }
  let end = text.indexOf('%')
  if (end === -1) end = text.length
  else if (!ZONE.test(text.slice(end + 1))) return 0
  if (!readIPv6(text, end, words)) return 0
  if (words[0] !== 0 || words[1] !== 0 || words[2] !== 0xffff) return 6
  words[0] = words[3]!
  return 4
}

/** The address between two places of `text` as a number from 0 to 2^32 - 1, or -1. */
function readIPv4(text: string, start: number, end: number): number {
  let value = 0
  let octet = -1
  let dots = 0
  for (let index = start; index < end; index++) {
    const code = text.charCodeAt(index)
    if (code === 0x2e) {
      if (octet === -1 || ++dots > 3) return -1
      value = value * 256 + octet
      octet = -1
    } else if (code >= 0x30 && code <= 0x39) {
      // A zero in front would be octal to some readers and decimal to others.
      if (octet === 0) return -1
      octet = octet === -1 ? code - 0x30 : octet * 10 + code - 0x30
      if (octet > 255) return -1
    } else {
      return -1
    }
  }
  return dots === 3 && octet !== -1 ? value * 256 + octet : -1
}

// Used only between the first and last line of one synchronous call.
const groups = new Uint16Array(8)

function readIPv6(text: string, end: number, words: Uint32Array): boolean {
  let count = 0
  let gap = -1
  let index = 0
  if (text.charCodeAt(0) === COLON) {
    if (text.charCodeAt(1) !== COLON) return false
    gap = 0
    index = 2
  }
  while (index < end) {
    if (count === 8) return false
    const start = index
    let group = 0
    let digit = hexDigit(text, index, end)
    while (digit !== -1) {
      if (index - start === 4) return false
      group = group * 16 + digit
      digit = hexDigit(text, ++index, end)
    }
    if (index === start) return false
    if (index < end && text.charCodeAt(index) === DOT) {
      const value = count <= 6 ? readIPv4(text, start, end) : -1
      if (value === -1) return false
      groups[count++] = value >>> 16
      groups[count++] = value & 0xffff
      break
    }
    groups[count++] = group
    if (index === end) break
    if (text.charCodeAt(index) !== COLON) return false
    index++
    if (index < end && text.charCodeAt(index) === COLON) {
      if (gap !== -1) return false
      gap = count
      index++
    } else if (index === end) {
      return false
    }
  }
  // A double colon stands for at least one group.
  if (gap === -1 ? count !== 8 : count > 7) return false
  if (gap !== -1) {
    groups.copyWithin(8 - (count - gap), gap, count)
    groups.fill(0, gap, 8 - (count - gap))
  }
  for (let word = 0; word < 4; word++) words[word] = groups[word * 2]! * 0x10000 + groups[word * 2 + 1]!
  return true
}

const COLON = 0x3a
const DOT = 0x2e

/** Value of the hexadecimal digit at `index`, or -1. */
function hexDigit(text: string, index: number, end: number): number {
  if (index >= end) return -1
  const code = text.charCodeAt(index)
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const lower = code | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}
