import { ConfigError } from '@hardening/core'
import type { HealthCheck } from '../check.js'

/** What to ask, and how the check is called. */
export interface HttpCheckOptions {
  /** What is asked for with GET. Not shown in reports. */
  url: string
  /** Name in reports. @defaultValue the host of the URL */
  name?: string
  /** @defaultValue `false`: another service's trouble is not this one's */
  critical?: boolean
  /** Statuses that are well. @defaultValue 200 to 399 */
  healthy?: (status: number) => boolean
}

/**
 * Whether another service answers. Redirects are not followed.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 */
export function httpCheck(options: HttpCheckOptions): HealthCheck {
  const { url, critical = false, healthy = (status: number) => status >= 200 && status < 400 } = options
  const host = hostOf(url)
  return {
    name: options.name ?? host,
    critical,
    async check(signal) {
      const { status, body } = await fetch(url, { signal, redirect: 'manual' })
      await body?.cancel()
      return healthy(status) ? { status: 'pass' } : { status: 'fail', output: `answered ${status}` }
    },
  }
}

/** The host without the colons and brackets of an IPv6 address, which no name of a check may have. */
function hostOf(url: string): string {
  if (URL.canParse(url)) {
    const { protocol, hostname } = new URL(url)
    if (protocol === 'http:' || protocol === 'https:') return hostname.replace(/[[\]]/g, '').replaceAll(':', '-')
  }
  // Not shown: a URL may have a password in it.
  throw new ConfigError('httpCheck', 'url', 'an http or https URL', 'another value (hidden)')
}
