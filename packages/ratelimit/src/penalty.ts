/** When a key that goes on is blocked. */
export interface PenaltyRules {
  /** How many refusals. */
  readonly after: number
  /** Longest pause between two refusals that still belong together, in milliseconds. */
  readonly withinMs: number
  /** How long the first, second ... block lasts, in milliseconds; the last one repeats. */
  readonly forMs: readonly number[]
  /** Good conduct after which the next block is one step shorter, in milliseconds. */
  readonly decayMs: number
}

/** What is held against a key. */
export interface Penalty {
  /** Refusals since the last block. */
  strikes: number
  /** How many blocks there have been, less what has decayed. */
  level: number
  /** When the last refusal was. */
  struckAt: number
  /** When the block ends; in the past where there is none. */
  blockedUntil: number
}

/** Nothing held against a key. */
export function cleanPenalty(now: number): Penalty {
  return { strikes: 0, level: 0, struckAt: now, blockedUntil: 0 }
}

/** Counts refusals, and blocks where there were too many. The Redis script does the same. */
export function strike(penalty: Penalty, rules: PenaltyRules, now: number, count: number): void {
  if (penalty.blockedUntil > now) return
  const idle = now - Math.max(penalty.struckAt, penalty.blockedUntil)
  if (idle > rules.withinMs) penalty.strikes = 0
  if (idle >= rules.decayMs) penalty.level = Math.max(0, penalty.level - Math.floor(idle / rules.decayMs))
  penalty.struckAt = now
  penalty.strikes += count
  if (penalty.strikes < rules.after) return
  const step = Math.min(penalty.level, rules.forMs.length - 1)
  penalty.blockedUntil = now + (rules.forMs[step] as number)
  penalty.level = Math.min(rules.forMs.length, penalty.level + 1)
  penalty.strikes = 0
}

/** Milliseconds for which a penalty matters after `now`. */
export function penaltyLifetime(penalty: Penalty, rules: PenaltyRules | undefined, now: number): number {
  const blocked = Math.max(0, penalty.blockedUntil - now)
  return rules === undefined ? blocked : blocked + Math.max(rules.withinMs, rules.decayMs * (penalty.level + 1))
}
