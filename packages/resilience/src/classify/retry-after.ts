import { property } from './judgement.js'

/** A date of HTTP (RFC 9110 section 5.6.7): the form that is sent today. */
const httpDate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/

/**
 * Milliseconds that a `Retry-After` field asks to wait (RFC 9110 section 10.2.3): seconds, or a date. `undefined` where it
 * is neither; a date that is over is 0.
 */
export function parseRetryAfter(value: unknown, now: number): number | undefined {
  if (typeof value !== 'string') return undefined
  const text = value.trim()
  if (/^\d{1,10}$/.test(text)) return Number(text) * 1000
  if (!httpDate.test(text)) return undefined
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}

/** A field of the headers that an error or result carries: a `Headers`, or an object with names in small letters. */
export function headerOf(headers: unknown, name: string): string | undefined {
  const get = property(headers, 'get')
  const value =
    typeof get === 'function'
      ? (get as (this: unknown, name: string) => unknown).call(headers, name)
      : (property(headers, name) ?? property(headers, titleCase(name)))
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined
}

function titleCase(name: string): string {
  return name.replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase())
}
