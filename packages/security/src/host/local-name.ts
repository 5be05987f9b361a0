import { isPrivateAddress, parseAddress } from '@hardening/core'

const localSuffix = /(?:^|\.)(?:localhost|local|internal|home\.arpa|lan|test)$/

/** Whether a host name, as `parseHost` gives it, is one of this machine or of a private network. */
export function isLocalName(name: string): boolean {
  const address = name.startsWith('[') ? name.slice(1, -1) : name
  if (parseAddress(address) !== undefined) return isPrivateAddress(address)
  return !name.includes('.') || localSuffix.test(name)
}
