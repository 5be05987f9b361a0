import { blockOf } from './cidr.js'
import { formatIPv4, formatWords } from './format.js'
import { parseAddress } from './parse.js'

/** Options of {@link addressKey}. */
export interface AddressKeyOptions {
  /**
   * How many bits of an IPv6 address count, because a subscriber has not one address but a whole network (RFC 6177: a
   * /56 or a /48); `false` counts every address for itself.
   *
   * @defaultValue `56`
   */
  ipv6Subnet?: number | false
}

/**
 * The key under which an address is counted, by the rules of express-rate-limit 8: an IPv4 address itself, an IPv4
 * address that is written as IPv6 as that IPv4 address, an IPv6 address as its network: `2001:db8:0:100::/56`. All
 * spellings of an address have one key. What is no address is its own key.
 */
export function addressKey(address: string, options: AddressKeyOptions = {}): string {
  if (!address.includes(':')) return address
  const parsed = parseAddress(address)
  if (parsed === undefined) return address
  if (parsed.family === 4) return formatIPv4(parsed.words[0]!)
  if (isCompatible(address, parsed.words)) return formatIPv4(parsed.words[3]!)

  const { ipv6Subnet = 56 } = options
  if (!ipv6Subnet) return formatWords(6, parsed.words)
  return `${formatWords(6, blockOf(parsed.words, ipv6Subnet).first)}/${ipv6Subnet}`
}

/** Whether this is `::192.0.2.1`. Written without dots it could as well be `::1`, which embeds nothing. */
function isCompatible(address: string, words: Uint32Array): boolean {
  if (words[0] !== 0 || words[1] !== 0 || words[2] !== 0) return false
  const dot = address.indexOf('.')
  const percent = address.indexOf('%')
  return dot !== -1 && (percent === -1 || dot < percent)
}
