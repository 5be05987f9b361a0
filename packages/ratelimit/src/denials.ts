import type { Clock } from '@hardening/core'
import { DenyCache, type DenyEntry } from './deny-cache.js'
import type { PenaltyRules } from './penalty.js'
import type { Policy } from './policy.js'
import type { Claim } from './quota.js'
import type { Selection } from './selection.js'
import type { KeyRef, RateLimitStore } from './store.js'
import type { Verdict } from './verdict.js'

/** How often the store is told of refusals and asked for changes, while there are keys that are refused here. */
const syncEveryMs = 500

/**
 * Keys that are refused without asking the store, and what keeps that in step with the store: refusals given here are
 * counted there, and a key that another instance has freed is free here within a second.
 */
export class Denials {
  readonly #cache: DenyCache
  readonly #store: RateLimitStore
  readonly #penalty: PenaltyRules | undefined
  readonly #clock: Clock
  readonly #onGone: (entry: DenyEntry) => void
  #timer: unknown
  #isSyncing = false
  #isClosed = false

  constructor(
    groups: number,
    max: number,
    store: RateLimitStore,
    penalty: PenaltyRules | undefined,
    clock: Clock,
    onGone: (entry: DenyEntry) => void,
  ) {
    this.#cache = new DenyCache(groups, max)
    this.#store = store
    this.#penalty = penalty
    this.#clock = clock
    this.#onGone = onGone
  }

  get size(): number {
    return this.#cache.size
  }

  /** The entry by which a key is refused now. */
  find(group: number, key: string): DenyEntry | undefined {
    if (this.#cache.size === 0) return undefined
    const entry = this.#cache.get(group, key)
    if (entry === undefined) return undefined
    const isOver = entry.until <= this.#clock.monotonic() || (entry.isOwn && this.#store.available !== false)
    if (!isOver) return entry
    this.#drop(entry)
    return undefined
  }

  /** Counts a refusal that was given by an entry. */
  hit(entry: DenyEntry): void {
    if (this.#penalty === undefined || entry.isBlocked) return
    entry.strikes++
    if (this.#store.changes === undefined || entry.strikes >= this.#penalty.after) this.#report(entry)
  }

  /** Keeps what a refusal says about later requests of the same key. */
  learn(selection: Selection, claims: readonly Claim[], verdict: Verdict, isDirect: boolean): void {
    if (verdict.blockedMs > 0) {
      const { group, key } = claims[verdict.blockedClaim] as Claim
      this.#put(group, key, verdict.blockedMs, true, refusedNames(selection, verdict), isDirect, verdict.degraded)
      return
    }
    let at = 0
    // Each refusal makes the next wait longer: the store has to hear of every one.
    if (selection.quotas.some(({ countsRefused }) => countsRefused)) return
    selection.parts.forEach((part, index) => {
      let longest = 0
      const names: string[] = []
      for (const policy of part.policies) {
        const wait = verdict.waitMs[at++] as number
        if (wait === 0 || !isForAll(policy)) continue
        names.push(policy.name)
        longest = Math.max(longest, wait)
      }
      if (longest > 0) {
        this.#put(part.group, (claims[index] as Claim).key, longest, false, names, isDirect, verdict.degraded)
      }
    })
  }

  block(ref: KeyRef, ms: number): void {
    this.#put(ref.group, ref.key, ms, true, [], true, false)
  }

  forget(ref: KeyRef): void {
    this.#cache.delete(ref.group, ref.key)
  }

  close(): void {
    this.#isClosed = true
    this.#clock.clearTimeout(this.#timer)
  }

  #put(
    group: number,
    key: string,
    ms: number,
    isBlocked: boolean,
    policies: readonly string[],
    isDirect: boolean,
    isOwn: boolean,
  ): void {
    const now = this.#clock.monotonic()
    this.#cache.put(
      { group, key, until: now + ms, isBlocked, policies, isDirect, isOwn, strikes: 0, unpublished: 0 },
      now,
    )
    this.#schedule()
  }

  #schedule(): void {
    if (this.#store.changes === undefined || this.#timer !== undefined || this.#isClosed) return
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined
      this.#sync()
    }, syncEveryMs)
  }

  #sync(): void {
    const now = this.#clock.monotonic()
    for (const entry of this.#cache.entries()) {
      if (entry.until <= now) this.#drop(entry)
      else this.#report(entry)
    }
    if (this.#cache.size === 0) return
    this.#schedule()
    if (this.#isSyncing || this.#store.available === false) return
    this.#isSyncing = true
    // A store that fails says so in its own way; the entries end by themselves.
    Promise.resolve(this.#store.changes?.(this.#cache.entries()))
      .then(
        (freed = []) => freed.forEach((ref) => this.forget(ref)),
        () => undefined,
      )
      .finally(() => {
        this.#isSyncing = false
      })
  }

  #drop(entry: DenyEntry): void {
    this.#cache.delete(entry.group, entry.key)
    this.#onGone(entry)
    this.#report(entry)
  }

  #report(entry: DenyEntry): void {
    const { strikes, group, key } = entry
    if (strikes === 0) return
    entry.strikes = 0
    const apply = (blockedMs: number): void => {
      if (blockedMs > 0) this.#put(group, key, blockedMs, true, entry.policies, entry.isDirect, false)
    }
    if (this.#store.available === false) return
    const blockedMs = this.#store.strike({ group, key }, strikes)
    if (typeof blockedMs === 'number') apply(blockedMs)
    else blockedMs.then(apply, () => undefined)
  }
}

/** Names of the policies that refuse. */
export function refusedNames({ quotas }: Selection, { waitMs }: Verdict): string[] {
  return quotas.flatMap(({ name, isEnforced }, at) => (isEnforced && (waitMs[at] as number) > 0 ? [name] : []))
}

/** Whether what this policy refuses once it refuses for every request of the key, until its time is over. */
function isForAll({ quota, paths, methods, quotaOf, cost, costOf, finalCost }: Policy): boolean {
  const isSame = quotaOf === undefined && costOf === undefined && finalCost === undefined
  return quota.isEnforced && isSame && cost > 0 && paths === undefined && methods === undefined
}
