/** What a policy has done since it was made. */
export interface CallStats {
  /** Calls that came. */
  calls: number
  /** How often the function was called: first attempts, retries and hedges. */
  attempts: number
  /** Attempts that went well. */
  successes: number
  /** Attempts that failed by the service's fault. */
  failures: number
  /** Attempts beyond the first of a call. */
  retries: number
  /** Retries that the budget refused. */
  budgetRefusals: number
  /** Attempts and calls whose time ran out. */
  timeouts: number
  /** Results that came after their time was out and were thrown away. */
  late: number
  /** Calls that the open breaker refused. */
  refused: number
  /** Calls that the bulkhead refused. */
  rejected: number
  /** Second attempts beside a slow first one. */
  hedges: number
  /** Calls that such a second attempt answered. */
  hedgesWon: number
  /** Calls that the fallback answered. */
  fallbacks: number
}

/** Counters at nought. */
export function newStats(): CallStats {
  return {
    calls: 0,
    attempts: 0,
    successes: 0,
    failures: 0,
    retries: 0,
    budgetRefusals: 0,
    timeouts: 0,
    late: 0,
    refused: 0,
    rejected: 0,
    hedges: 0,
    hedgesWon: 0,
    fallbacks: 0,
  }
}
