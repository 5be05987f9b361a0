import { addressKey, parseAddress, type Exchange } from '@hardening/core'
import type { Warnings } from '../warnings.js'

/** Key of the requests that have no address at all. */
const noAddress = 'unknown'

/** Keys remembered, so that an IPv6 address is worked out once and not at each request. */
const mostRemembered = 2048

/** Gives the key of the client's address. */
export class ClientAddress {
  readonly #options: { ipv6Subnet: number | false }
  readonly #warnings: Warnings
  readonly #known = new Map<string, string>()
  #isProxyChecked = false

  constructor(ipv6Subnet: number | false, warnings: Warnings) {
    this.#options = { ipv6Subnet }
    this.#warnings = warnings
  }

  /** The key of a request. */
  of(exchange: Exchange): string {
    const { ip, req } = exchange
    if (exchange.trustsProxy) {
      if (!this.#isProxyChecked) {
        this.#isProxyChecked = true
        if (req.app?.settings?.['trust proxy'] === true) this.#warnings.give('HARDENING_RATELIMIT_TRUST_PROXY')
      }
    } else if (
      exchange.headers['x-forwarded-for'] !== undefined &&
      req.app !== undefined &&
      !this.#warnings.has('HARDENING_RATELIMIT_FORWARDED_FOR')
    ) {
      this.#warnings.give('HARDENING_RATELIMIT_FORWARDED_FOR')
    }
    const key = ip === undefined ? undefined : this.keyOf(ip)
    if (key !== undefined) return key
    // What a proxy passed on is no address: then the one that surely is one, that of the connection.
    const peer = req.socket.remoteAddress
    const peerKey = peer === undefined ? undefined : this.keyOf(peer)
    if (peerKey !== undefined) return peerKey
    this.#warnings.give('HARDENING_RATELIMIT_NO_ADDRESS')
    return noAddress
  }

  /** The key of an address in whatever spelling; `undefined` where it is none. */
  keyOf(address: string): string | undefined {
    const known = this.#known.get(address)
    if (known !== undefined) return known
    const bare = withoutPort(address)
    if (parseAddress(bare) === undefined) return undefined
    const key = addressKey(bare, this.#options)
    if (this.#known.size >= mostRemembered) this.#known.clear()
    this.#known.set(address, key)
    return key
  }
}

/** Some proxies pass the port on too; a new port for each connection would be a new limit for each. */
export function withoutPort(address: string): string {
  if (address.length > 120) return ''
  const match = /^(?:\[([0-9a-fA-F:.%\w]+)\]|(\d{1,3}(?:\.\d{1,3}){3}))(?::\d{1,5})?$/.exec(address)
  return match === null ? address : (match[1] ?? match[2] ?? address)
}
