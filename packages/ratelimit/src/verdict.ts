import type { Quota } from './quota.js'

/** What a store has found for one request, quota by quota, in the order in which they were claimed. */
export class Verdict {
  allowed = true
  /** Milliseconds for which a claimed key is still blocked; 0 where none is. */
  blockedMs = 0
  /** Which of the claims the block is of. */
  blockedClaim = -1
  /** The store's time at which was counted. */
  at = 0
  /** Whether the decision is this process's own, since the store was out of reach. */
  degraded = false
  /** Whole units left. */
  readonly remaining: number[] = []
  /** Milliseconds until the window ends. */
  readonly resetMs: number[] = []
  /** Milliseconds until the cost fits; 0 where it did. */
  readonly waitMs: number[] = []

  /** Makes it ready for the next request. */
  clear(): void {
    this.allowed = true
    this.blockedMs = 0
    this.blockedClaim = -1
    this.degraded = false
  }

  /** The longest wait of the quotas that refuse. */
  longestWait(quotas: readonly Quota[]): number {
    let longest = 0
    for (let at = 0; at < quotas.length; at++) {
      const wait = this.waitMs[at] as number
      if (wait > longest && (quotas[at] as Quota).isEnforced) longest = wait
    }
    return longest
  }
}
