import { ConfigError } from '@hardening/core'

/** When to come back: seconds, or a date. */
export type RetryAfter = number | Date

/** `Retry-After` in whole seconds (RFC 9110 section 10.2.3), rounded up so that nobody comes back too early. */
export function retryAfterSeconds(owner: string, value: RetryAfter): number {
  const seconds = value instanceof Date ? (value.getTime() - Date.now()) / 1000 : value
  if (!Number.isFinite(seconds)) throw new ConfigError(owner, 'retryAfter', 'seconds or a date', value)
  return Math.max(0, Math.ceil(seconds))
}

/** The header for it; none where nothing is known. */
export function retryAfterHeader(seconds: number | undefined): Readonly<Record<string, string>> | undefined {
  return seconds === undefined ? undefined : { 'Retry-After': String(seconds) }
}
