import { parseAddress } from './parse.js'

/**
 * The one spelling of an address (RFC 5952): lower case, no leading zeros, the longest row of zeros as `::`. An IPv6
 * address that maps an IPv4 address comes out as the IPv4 address; a zone is left out, for it means something on one
 * machine only.
 *
 * @returns `undefined` where `text` is no address.
 */
export function normalizeAddress(text: string): string | undefined {
  const address = parseAddress(text)
  return address && formatWords(address.family, address.words)
}

/** Text of the bits of an address. */
export function formatWords(family: 4 | 6, words: Uint32Array): string {
  return family === 4 ? formatIPv4(words[0]!) : formatIPv6(words)
}

/** Text of an IPv4 address given as a number. */
export function formatIPv4(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 0xff}.${(value >>> 8) & 0xff}.${value & 0xff}`
}

function formatIPv6(words: Uint32Array): string {
  let longest = 1
  let gap = -1
  let row = 0
  for (let index = 0; index < 8; index++) {
    row = groupAt(words, index) === 0 ? row + 1 : 0
    if (row > longest) {
      longest = row
      gap = index + 1 - row
    }
  }
  let text = ''
  for (let index = 0; index < 8; index++) {
    if (index === gap) {
      text += '::'
      index += longest - 1
      continue
    }
    if (text !== '' && !text.endsWith(':')) text += ':'
    text += groupAt(words, index).toString(16)
  }
  return text
}

function groupAt(words: Uint32Array, index: number): number {
  return (words[index >> 1]! >>> (index % 2 === 0 ? 16 : 0)) & 0xffff
}
