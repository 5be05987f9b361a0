import { BlockList, isIPv4, isIPv6 } from 'node:net'

const localRanges = new BlockList()
// Loopback, private (RFC 1918), link-local and shared (RFC 6598) addresses.
localRanges.addSubnet('127.0.0.0', 8)
localRanges.addSubnet('10.0.0.0', 8)
localRanges.addSubnet('172.16.0.0', 12)
localRanges.addSubnet('192.168.0.0', 16)
localRanges.addSubnet('169.254.0.0', 16)
localRanges.addSubnet('100.64.0.0', 10)
localRanges.addAddress('::1', 'ipv6')
localRanges.addSubnet('fc00::', 7, 'ipv6')
localRanges.addSubnet('fe80::', 10, 'ipv6')

const localSuffix = /(?:^|\.)(?:localhost|local|internal|home\.arpa|lan|test)$/

/** Whether a host name, as {@link parseHost} gives it, is one of this machine or of a private network. */
export function isLocalName(name: string): boolean {
  if (isIPv4(name)) return localRanges.check(name, 'ipv4')
  if (name.startsWith('[')) {
    const address = name.slice(1, -1)
    return isIPv6(address) && localRanges.check(address, 'ipv6')
  }
  return !name.includes('.') || localSuffix.test(name)
}
