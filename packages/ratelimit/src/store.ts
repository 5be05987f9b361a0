import type { PenaltyRules } from './penalty.js'
import type { Claim, Quota } from './quota.js'
import type { Verdict } from './verdict.js'

/** One key of a limiter. */
export interface KeyRef {
  /** Place among the limiter's kinds of key. */
  readonly group: number
  readonly key: string
}

/** What is known of a key. */
export interface KeyStatus {
  /** Milliseconds for which it is still blocked; 0 where it is not. */
  readonly blockedMs: number
  /** Refusals since the last block. */
  readonly strikes: number
  /** How many steps of the escalation it has behind it. */
  readonly level: number
  /** Each window. */
  readonly windows: readonly { readonly name: string; readonly remaining: number; readonly resetMs: number }[]
}

/** What every store is told of its limiter, once, before it is used. */
export interface StoreSetup {
  /** Name of the limiter. */
  readonly name: string
  /** The kinds of key, each with all the quotas that are counted under it. */
  readonly groups: readonly { readonly name: string; readonly quotas: readonly Quota[] }[]
  /** When keys that go on are blocked; `undefined` where they are not. */
  readonly penalty: PenaltyRules | undefined
}

/**
 * Where counts are kept. All claims of one call belong to one request: either every quota has room and all are counted,
 * or nothing is. A method that needs to wait returns a promise; one that does not returns nothing, so that limits in
 * memory cost no promise.
 */
export interface RateLimitStore {
  /** Called once by the limiter. */
  init?(setup: StoreSetup): void
  /** Whether asking makes sense now; `false` sends the limiter to its failure mode at once. @defaultValue `true` */
  readonly available?: boolean
  /** Takes from every quota of every claim and fills `verdict`. A rejection is a failure of the store. */
  take(claims: readonly Claim[], verdict: Verdict): void | Promise<void>
  /** Corrects what a request took at the moment `at` (of {@link Verdict.at}): costs may be negative. */
  adjust(claim: Claim, at: number): void | Promise<void>
  /** Counts refusals that were given without asking the store; gives for how many milliseconds the key is blocked now. */
  strike(ref: KeyRef, count: number): number | Promise<number>
  /** What is known of a key; counts nothing. */
  inspect(ref: KeyRef, quotas: readonly Quota[]): KeyStatus | Promise<KeyStatus>
  /** Blocks a key, whatever it has left. */
  block(ref: KeyRef, ms: number): void | Promise<void>
  /** Ends a block and forgets what led to it. */
  unblock(ref: KeyRef): void | Promise<void>
  /** Forgets everything about a key. */
  reset(ref: KeyRef): void | Promise<void>
  /**
   * Those of the keys that were unblocked or reset since the last call, by whichever process. A store that several
   * processes share has this, so that a key freed by one is free in all.
   */
  changes?(keys: Iterable<KeyRef>): readonly KeyRef[] | Promise<readonly KeyRef[]>
  /** Ends what the store has started. Clients that were given stay open. */
  close?(): void
}
