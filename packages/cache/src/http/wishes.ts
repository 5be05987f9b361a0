import type { IncomingHttpHeaders } from 'node:http'
import { parseDirectives, secondsOf } from './directives.js'
import type { Freshness } from './policy.js'

/** What a request asks of a cache (RFC 9111 section 5.2.1). */
export interface RequestWishes {
  readonly noCache: boolean
  readonly maxAge: number
  readonly minFresh: number
  readonly maxStale: number
  readonly staleIfError: number
  readonly onlyIfCached: boolean
  readonly noStore: boolean
}

const noWishes: RequestWishes = {
  noCache: false,
  maxAge: Infinity,
  minFresh: 0,
  maxStale: 0,
  staleIfError: 0,
  onlyIfCached: false,
  noStore: false,
}

export function wishesOf(headers: IncomingHttpHeaders): RequestWishes {
  const header = headers['cache-control']
  // Pragma counts where there is no Cache-Control (RFC 9111 section 5.4).
  if (header === undefined) {
    return headers.pragma !== undefined && /\bno-cache\b/i.test(headers.pragma)
      ? { ...noWishes, noCache: true }
      : noWishes
  }
  const directives = parseDirectives(header)
  return {
    noCache: directives.has('no-cache'),
    maxAge: secondsOf(directives, 'max-age') ?? Infinity,
    minFresh: secondsOf(directives, 'min-fresh') ?? 0,
    maxStale: directives.get('max-stale') === true ? Infinity : (secondsOf(directives, 'max-stale') ?? 0),
    staleIfError: secondsOf(directives, 'stale-if-error') ?? 0,
    onlyIfCached: directives.has('only-if-cached'),
    noStore: directives.has('no-store'),
  }
}

export type Verdict = 'fresh' | 'stale' | 'validate'

/** Whether a stored response may be used for a request now (RFC 9111 section 4). */
export function verdictOn(freshness: Freshness, age: number, wishes: RequestWishes): Verdict {
  if (freshness.alwaysValidate || wishes.noCache || age > wishes.maxAge) return 'validate'
  const left = freshness.lifetime - age
  if (left > 0 && left >= wishes.minFresh) return 'fresh'
  if (left > 0 || freshness.neverStale) return 'validate'
  if (wishes.minFresh > 0) return 'validate'
  if (-left < freshness.swr) return 'stale'
  return -left < wishes.maxStale ? 'fresh' : 'validate'
}
