import type { HealthCheck } from '../check.js'

/** What to ask, and how the check is called. */
export interface HttpCheckOptions {
  url: string
  /** @defaultValue the host of the URL */
  name?: string
  /** @defaultValue `false`: another service's trouble is not this one's */
  critical?: boolean
  /** Statuses that are well. @defaultValue 200 to 399 */
  healthy?: (status: number) => boolean
}

/** Whether another service answers. */
export function httpCheck(options: HttpCheckOptions): HealthCheck {
  const { url, critical = false, healthy = (status: number) => status >= 200 && status < 400 } = options
  const { hostname } = new URL(url)
  return {
    name: options.name ?? hostname,
    critical,
    async check(signal) {
      const response = await fetch(url, { signal, redirect: 'manual', method: 'GET' })
      await response.body?.cancel()
      return { status: healthy(response.status) ? 'pass' : 'fail', observedValue: response.status }
    },
  }
}
