import type { Quota } from '../quota.js'

/** What the headers tell of one policy. */
export interface PolicyStanding {
  readonly policy: Pick<Quota, 'name' | 'limit' | 'windowMs'>
  /** Whole units left. */
  readonly remaining: number
  /** Seconds until the window ends. */
  readonly reset: number
}

/** Header names and values to send. */
export type HeaderList = readonly (readonly [name: string, value: string])[]

/**
 * Writes the headers of a response.
 *
 * @param standings - every enforced policy that counted the request
 * @param now - wall-clock milliseconds
 */
export type RateLimitHeaderWriter = (standings: readonly PolicyStanding[], now: number) => HeaderList

/** The forms that exist. */
export type RateLimitHeaderFormat = 'draft-11' | 'draft-8' | 'draft-7' | 'draft-6' | 'legacy'

/** Text as an sf-string (RFC 9651 section 3.3.3); names of policies hold nothing else. */
export function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}

/** Whole seconds of a window; at least 1, since the forms know nothing smaller. */
export function windowSeconds(windowMs: number): number {
  return Math.max(1, Math.ceil(windowMs / 1000))
}

/** The policy that the forms with room for one tell of: the one with the least left, of its limit. */
export function tightest(standings: readonly PolicyStanding[]): PolicyStanding {
  let least = standings[0] as PolicyStanding
  for (const standing of standings) {
    const share = standing.remaining / standing.policy.limit
    const leastShare = least.remaining / least.policy.limit
    if (share < leastShare || (share === leastShare && standing.reset > least.reset)) least = standing
  }
  return least
}
