/** What is kept of one window of one key: three numbers, whose meaning is the algorithm's. */
export interface WindowState {
  /** A moment in milliseconds of the store's clock. */
  start: number
  /** Counted since `start`. */
  current: number
  /** Counted in the window before. */
  previous: number
}

/** What an algorithm has to know of a policy. */
export interface WindowRule {
  /** Units in a window. */
  readonly limit: number
  /** Length of the window in milliseconds. */
  readonly windowMs: number
  /** Most units at once; the token bucket's alone. */
  readonly burst: number
}

/**
 * How a window counts. Pure: time is given, nothing is kept but the state. The Lua script of the Redis store does the
 * same sums in the same order, so that both stores come to the same decisions.
 */
export interface Algorithm {
  /** How the script names it. */
  readonly code: 0 | 1 | 2
  /** Begins anew. */
  open(state: WindowState, now: number): void
  /** Lets time pass, before anything else is asked. A clock that has gone back keeps what was counted. */
  advance(state: WindowState, rule: WindowRule, now: number): void
  /** Milliseconds until `cost` fits; 0 where it fits now. The cost is at most the limit (or the burst). */
  wait(state: WindowState, rule: WindowRule, now: number, cost: number): number
  /** Counts `cost`, whether it fits or not. */
  consume(state: WindowState, rule: WindowRule, now: number, cost: number): void
  /** Gives back `cost` that was counted at the moment `at`. */
  refund(state: WindowState, rule: WindowRule, now: number, cost: number, at: number): void
  /** Whole units that would fit now. */
  remaining(state: WindowState, rule: WindowRule, now: number): number
  /** Milliseconds until the window ends, or the bucket is full. */
  reset(state: WindowState, rule: WindowRule, now: number): number
  /** Milliseconds after which the state no longer matters, counted from the last use. */
  lifetime(rule: WindowRule): number
}

/** Most that a counter holds: what fits into 32 bits. */
export const mostCounted = 4_294_967_295
