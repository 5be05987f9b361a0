import {
  booleanOption,
  durationOption,
  integerOption,
  rejectUnknownOptions,
  stringOption,
  systemClock,
  type Clock,
  type Duration,
} from '@hardening/core'
import type { Discard } from './call/invoke.js'
import type { Part } from './call/part.js'
import type { Run } from './call/run.js'
import { Scope } from './call/scope.js'
import { hedgeLost } from './errors.js'
import { LayeredPolicy, type Policy } from './policy.js'
import type { RetryBudget } from './retry/retry-budget.js'
import { newStats, type CallStats } from './stats.js'

/** When a second attempt is sent beside a slow first one. */
export interface HedgeRules {
  /** How long the first one may take alone. @defaultValue 500 ms */
  after?: Duration
  /** Attempts beside the first, 1 to 10, each `after` the one before. @defaultValue 1 */
  extra?: number
}

/** Options of {@link hedge}. */
export interface HedgeOptions extends HedgeRules {
  /** Whether doing it twice does no harm. Where not, nothing is hedged. @defaultValue `false` */
  idempotent?: boolean
  /** Bounds the extra attempts of all calls together. @defaultValue no bound */
  budget?: RetryBudget
  /** Name of what is asked. @defaultValue `'call'` */
  service?: string
  /** Where time comes from. @defaultValue the system's */
  clock?: Clock
}

/**
 * Sends a second attempt where the first is slow, takes the answer that comes first, and ends the others. For reads.
 *
 * @example
 * const quick = hedge({ idempotent: true, after: 200 })
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 */
export function hedge(options: HedgeOptions = {}): Policy {
  rejectUnknownOptions('hedge', options, [...hedgeRuleNames, 'idempotent', 'budget', 'service', 'clock'])
  const { idempotent = false, budget, service = 'call', clock = systemClock } = options
  booleanOption('hedge', 'idempotent', idempotent)
  stringOption('hedge', 'service', service)
  const stats = newStats()
  const part = hedgePart({ ...resolveHedge('hedge', '', options), idempotent, budget, clock, stats })
  return new LayeredPolicy({ service, clock, stats, ...part })
}

/** The names of {@link HedgeRules}. */
export const hedgeRuleNames: readonly (keyof HedgeRules)[] = ['after', 'extra']

/** Fills and checks rules. @throws ConfigError */
export function resolveHedge(factory: string, at: string, rules: HedgeRules): { afterMs: number; extra: number } {
  const { after = 500, extra = 1 } = rules
  return {
    afterMs: durationOption(factory, `${at}after`, after, { min: 1 }),
    extra: integerOption(factory, `${at}extra`, extra, { min: 1, max: 10 }),
  }
}

/** What {@link hedgePart} needs. */
export interface HedgePartOptions {
  readonly afterMs: number
  readonly extra: number
  readonly idempotent: boolean
  readonly budget: RetryBudget | undefined
  readonly clock: Clock
  readonly stats: CallStats
  readonly discard?: Discard | undefined
}

/** The layer of {@link hedge}. */
export function hedgePart(options: HedgePartOptions): Part {
  return {
    layer: (inner) => (scope) => {
      if (scope.call.isOnce || !(scope.call.idempotent ?? options.idempotent)) return inner(scope)
      return new Promise((resolve, reject) => new Contest(options, inner, scope, resolve, reject).begin())
    },
  }
}

/** Attempts side by side. The scopes of those that lose end as a caller's abort would, so no breaker counts them. */
class Contest {
  readonly #options: HedgePartOptions
  readonly #inner: Run
  readonly #outer: Scope
  readonly #resolve: (value: unknown) => void
  readonly #reject: (error: Error) => void
  readonly #running = new Set<Scope>()
  #timer: unknown = undefined
  #started = 0
  #isOver = false

  constructor(
    options: HedgePartOptions,
    inner: Run,
    outer: Scope,
    resolve: (value: unknown) => void,
    reject: (error: Error) => void,
  ) {
    this.#options = options
    this.#inner = inner
    this.#outer = outer
    this.#resolve = resolve
    this.#reject = reject
  }

  begin(): void {
    const { extra, clock, afterMs, budget, stats } = this.#options
    const scope = new Scope(this.#outer.call, this.#outer)
    const number = this.#started++
    this.#running.add(scope)
    this.#inner(scope).then(
      (value) => this.#end(scope, () => this.#win(value, number), value),
      (error: unknown) => this.#end(scope, () => this.#lose(error as Error)),
    )
    if (this.#started > extra || this.#isOver) return
    this.#timer = clock.setTimeout(() => {
      if (this.#outer.isCancelled || (budget !== undefined && !budget.spend())) return
      stats.hedges++
      this.begin()
    }, afterMs)
  }

  #end(scope: Scope, conclude: () => void, value?: unknown): void {
    this.#running.delete(scope)
    scope.leave()
    if (!this.#isOver) conclude()
    else if (value !== undefined) this.#options.discard?.(value)
  }

  #win(value: unknown, number: number): void {
    if (number > 0) this.#options.stats.hedgesWon++
    this.#settle()
    this.#resolve(value)
    for (const loser of this.#running) loser.cancel(hedgeLost())
  }

  /** The others may still answer; where none is left, waiting for the next one would only hide the failure. */
  #lose(error: Error): void {
    if (this.#running.size > 0) return
    this.#settle()
    this.#reject(error)
  }

  #settle(): void {
    this.#isOver = true
    this.#options.clock.clearTimeout(this.#timer)
  }
}
