import { channels, type Exchange, type RateLimitDecisionMessage } from '@hardening/core'
import type { DenyEntry } from './deny-cache.js'
import type { Selection } from './selection.js'
import type { Verdict } from './verdict.js'

type Outcome = RateLimitDecisionMessage['outcome']

/** Tells the channel `hardening:ratelimit:decision` of decisions. Ask {@link Decisions.isHeard} first. */
export class Decisions {
  readonly #limiter: string

  constructor(limiter: string) {
    this.#limiter = limiter
  }

  get isHeard(): boolean {
    return channels.rateLimitDecision.hasSubscribers
  }

  tell(exchange: Exchange | undefined, outcome: Outcome, policy: string, degraded: boolean): void {
    const limiter = this.#limiter
    channels.rateLimitDecision.publish(
      exchange === undefined
        ? { limiter, policy, outcome, degraded }
        : { exchange, limiter, policy, outcome, degraded },
    )
  }

  /** Tells of the refusals before Express that nothing has told of yet, all at once. */
  tellRest(entry: DenyEntry): void {
    const { unpublished: count, isBlocked, policies } = entry
    entry.unpublished = 0
    if (count === 0 || !this.isHeard) return
    const outcome = isBlocked ? 'blocked' : 'limited'
    const policy = policies[0] ?? ''
    channels.rateLimitDecision.publish({ limiter: this.#limiter, policy, outcome, degraded: entry.isOwn, count })
  }

  /** Tells of a request that passed, and of the dry runs that it would not have. */
  tellPassed(exchange: Exchange, { quotas }: Selection, verdict: Verdict): void {
    let least = Infinity
    let tightest = ''
    for (let at = 0; at < quotas.length; at++) {
      const { name, limit, isEnforced } = quotas[at] as Selection['quotas'][number]
      if (!isEnforced) {
        if ((verdict.waitMs[at] as number) > 0) this.tell(exchange, 'would_block', name, verdict.degraded)
        continue
      }
      const share = (verdict.remaining[at] as number) / limit
      if (share >= least) continue
      least = share
      tightest = name
    }
    if (tightest !== '') this.tell(exchange, 'allowed', tightest, verdict.degraded)
  }
}
