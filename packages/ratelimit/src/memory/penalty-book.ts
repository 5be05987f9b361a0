import { cleanPenalty, penaltyLifetime, strike, type Penalty, type PenaltyRules } from '../penalty.js'

/**
 * What is held against keys, apart from their counts: few keys ever get here, since each has to be refused first, and a
 * flood of keys that are not refused does not touch it. Bounded all the same; blocked keys go last.
 */
export class PenaltyBook {
  readonly #penalties = new Map<string, Penalty>()
  readonly #rules: PenaltyRules | undefined
  readonly #max: number

  constructor(rules: PenaltyRules | undefined, max: number) {
    this.#rules = rules
    this.#max = max
  }

  get size(): number {
    return this.#penalties.size
  }

  get(key: string): Penalty | undefined {
    return this.#penalties.get(key)
  }

  /** Milliseconds for which a key is still blocked. */
  blockedMs(key: string, now: number): number {
    const penalty = this.#penalties.get(key)
    return penalty === undefined ? 0 : Math.max(0, penalty.blockedUntil - now)
  }

  /** Counts refusals; gives what is now held against the key. */
  strike(key: string, now: number, count: number): Penalty | undefined {
    if (this.#rules === undefined) return this.#penalties.get(key)
    const penalty = this.#open(key, now)
    strike(penalty, this.#rules, now, count)
    return penalty
  }

  block(key: string, now: number, ms: number): void {
    this.#open(key, now).blockedUntil = now + ms
  }

  forget(key: string): void {
    this.#penalties.delete(key)
  }

  #open(key: string, now: number): Penalty {
    let penalty = this.#penalties.get(key)
    if (penalty === undefined) {
      if (this.#penalties.size >= this.#max) this.#evict(now)
      penalty = cleanPenalty(now)
      this.#penalties.set(key, penalty)
    }
    return penalty
  }

  /** Looks at the oldest few: one that no longer matters goes, else the one whose block ends first. */
  #evict(now: number): void {
    let looked = 0
    let victim: string | undefined
    let least = Infinity
    for (const [key, penalty] of this.#penalties) {
      const matters = penalty.struckAt + penaltyLifetime(penalty, this.#rules, penalty.struckAt)
      const worth = Math.max(penalty.blockedUntil, matters < now ? 0 : penalty.blockedUntil)
      if (worth < least) {
        least = worth
        victim = key
      }
      if (++looked === 16) break
    }
    if (victim === undefined) return
    this.#penalties.delete(victim)
    // The others of these few go to the end, so that the next look is at different ones.
    for (const [key, penalty] of this.#penalties) {
      if (--looked <= 0) break
      this.#penalties.delete(key)
      this.#penalties.set(key, penalty)
    }
  }
}
