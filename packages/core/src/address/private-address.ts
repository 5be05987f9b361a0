import { createAddressSet, type AddressSet } from './address-set.js'
import { formatIPv4 } from './format.js'
import { parseAddress } from './parse.js'

// What IANA's registries of special-purpose addresses (RFC 6890) do not give for use all over the internet.
const SPECIAL_IPV4: AddressSet = /* @__PURE__ */ constantSet([
  '0.0.0.0/8', // this network (RFC 791 section 3.2)
  '10.0.0.0/8', // private (RFC 1918)
  '100.64.0.0/10', // shared by the customers of a provider (RFC 6598)
  '127.0.0.0/8', // loopback (RFC 1122 section 3.2.1.3)
  '168.63.129.16', // services of a cloud for its own virtual machines; a public number that is never routed
  '169.254.0.0/16', // link-local (RFC 3927); metadata of most clouds
  '172.16.0.0/12', // private (RFC 1918)
  '192.0.0.0/24', // protocol assignments (RFC 6890 section 2.1)
  '192.0.2.0/24', // documentation (RFC 5737)
  '192.88.99.0/24', // 6to4 relays, given up (RFC 7526)
  '192.168.0.0/16', // private (RFC 1918)
  '198.18.0.0/15', // benchmarks (RFC 2544)
  '198.51.100.0/24', // documentation (RFC 5737)
  '203.0.113.0/24', // documentation (RFC 5737)
  '224.0.0.0/4', // multicast (RFC 5771)
  '240.0.0.0/4', // reserved (RFC 1112 section 4), limited broadcast (RFC 919)
])

// Only this third of the space is handed out (RFC 4291 section 2.4). Outside it lie unspecified, loopback, discard
// (RFC 6666), unique local (RFC 4193), link-local, site-local (RFC 3879), multicast, IPv4-compatible and
// IPv4-translated addresses, NAT64 of one's own (RFC 8215), and all that is still reserved.
const GLOBAL_IPV6: AddressSet = /* @__PURE__ */ constantSet(['2000::/3'])

const SPECIAL_IPV6: AddressSet = /* @__PURE__ */ constantSet([
  '2001::/23', // protocol assignments (RFC 2928) with Teredo (RFC 4380), benchmarks (RFC 5180), ORCHID (RFC 7343)
  '2001:db8::/32', // documentation (RFC 3849)
  '3ffe::/16', // 6bone, given back (RFC 3701)
  '3fff::/20', // documentation (RFC 9637)
])

const NAT64: AddressSet = /* @__PURE__ */ constantSet(['64:ff9b::/96'])
const SIX_TO_FOUR: AddressSet = /* @__PURE__ */ constantSet(['2002::/16'])
const LOOPBACK: AddressSet = /* @__PURE__ */ constantSet(['127.0.0.0/8', '::1'])

/**
 * Whether a server that fetches what users name must keep away from `address`: loopback, private, shared, link-local,
 * unique local, unspecified, multicast, documentation, benchmark and reserved addresses (RFC 6890 and the registries
 * that it began). Of NAT64 (RFC 6052) and 6to4 addresses (RFC 3056) the IPv4 address inside decides; Teredo, which
 * hides a client behind a relay, is refused as a whole.
 *
 * @returns `true` also for text that is no address, so that no spelling slips through.
 */
export function isPrivateAddress(address: string): boolean {
  const parsed = parseAddress(address)
  if (parsed === undefined) return true
  if (parsed.family === 4) return SPECIAL_IPV4.has(address)
  const { words } = parsed
  if (NAT64.has(address)) return SPECIAL_IPV4.has(formatIPv4(words[3]!))
  if (SIX_TO_FOUR.has(address)) {
    return SPECIAL_IPV4.has(formatIPv4(((words[0]! << 16) | (words[1]! >>> 16)) >>> 0))
  }
  return !GLOBAL_IPV6.has(address) || SPECIAL_IPV6.has(address)
}

/** Whether `address` is this machine itself (RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3). */
export function isLoopbackAddress(address: string): boolean {
  return LOOPBACK.has(address)
}

function constantSet(list: readonly string[]): AddressSet {
  return createAddressSet(list) as AddressSet
}
