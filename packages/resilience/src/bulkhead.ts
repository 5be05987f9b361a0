import {
  durationOption,
  integerOption,
  rejectUnknownOptions,
  stringOption,
  systemClock,
  type Clock,
  type Duration,
} from '@hardening/core'
import type { Part } from './call/part.js'
import type { CancelListener, Scope } from './call/scope.js'
import { BulkheadFullError, PolicyClosedError } from './errors.js'
import { LayeredPolicy, type Policy } from './policy.js'
import { newStats, type CallStats } from './stats.js'

/** How many calls go on side by side. */
export interface BulkheadLimits {
  /** Calls under way at most. @defaultValue 50 */
  limit?: number
  /** Calls that may wait for their turn. @defaultValue 0 */
  queue?: number
  /** Longest wait in the queue. @defaultValue `'1s'` */
  maxWait?: Duration
}

/** Options of {@link bulkhead}. */
export interface BulkheadOptions extends BulkheadLimits {
  /** Name of what is guarded, in errors. @defaultValue `'call'` */
  service?: string
  /** Where time comes from. @defaultValue the system's */
  clock?: Clock
}

/** A policy that tells how full it is. */
export interface Bulkhead extends Policy {
  /** Calls under way. */
  readonly running: number
  /** Calls that wait for their turn. */
  readonly queued: number
}

/**
 * Lets so many calls be under way at once and refuses the others with `ERR_RESILIENCE_BULKHEAD` (503), so that one slow
 * service cannot take all there is. What waits is served in its order; what is given up while it waits is never started.
 *
 * @example
 * const few = bulkhead({ limit: 10, queue: 20, service: 'reports' })
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 */
export function bulkhead(options: BulkheadOptions = {}): Bulkhead {
  const factory = 'bulkhead'
  rejectUnknownOptions(factory, options, [...bulkheadLimitNames, 'service', 'clock'])
  const { service = 'call', clock = systemClock } = options
  stringOption(factory, 'service', service)
  const stats = newStats()
  const gate = new Gate(service, resolveLimits(factory, '', options), clock, stats)
  const policy = new LayeredPolicy({ service, clock, stats, ...gatePart(gate) })
  return Object.defineProperties(policy as unknown as Bulkhead, {
    running: { get: () => gate.running },
    queued: { get: () => gate.queued },
  })
}

/** The names of {@link BulkheadLimits}. */
export const bulkheadLimitNames: readonly (keyof BulkheadLimits)[] = ['limit', 'queue', 'maxWait']

/** Limits without gaps. */
export interface ResolvedBulkheadLimits {
  readonly limit: number
  readonly queue: number
  readonly maxWaitMs: number
}

/** Fills and checks limits. @throws ConfigError */
export function resolveLimits(factory: string, at: string, limits: BulkheadLimits): ResolvedBulkheadLimits {
  const { limit = 50, queue = 0, maxWait = '1s' } = limits
  return {
    limit: integerOption(factory, `${at}limit`, limit, { min: 1 }),
    queue: integerOption(factory, `${at}queue`, queue, { max: 1_000_000 }),
    maxWaitMs: durationOption(factory, `${at}maxWait`, maxWait, { min: 1 }),
  }
}

/** The layer of a {@link Gate}. */
function gatePart(gate: Gate): Part {
  return {
    layer: (inner) =>
      async function gated(scope) {
        if (!gate.enter()) await gate.wait(scope)
        try {
          return await inner(scope)
        } finally {
          gate.leave()
        }
      },
    close: () => gate.close(),
  }
}

/** Counts who is inside, and lets those in who wait. */
export class Gate {
  running = 0
  readonly #service: string
  readonly #limits: ResolvedBulkheadLimits
  readonly #clock: Clock
  readonly #stats: CallStats
  /** In order of arrival; taken out at once when given up. */
  readonly #queue = new Set<Waiter>()

  constructor(service: string, limits: ResolvedBulkheadLimits, clock: Clock, stats: CallStats) {
    this.#service = service
    this.#limits = limits
    this.#clock = clock
    this.#stats = stats
  }

  get queued(): number {
    return this.#queue.size
  }

  /** Takes a place, if one is free. */
  enter(): boolean {
    if (this.running >= this.#limits.limit) return false
    this.running++
    return true
  }

  /** Resolves with a place taken. */
  wait(scope: Scope): Promise<void> {
    if (this.#queue.size >= this.#limits.queue) return Promise.reject(this.#refusal())
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        enter() {
          end()
          resolve()
        },
        cancelled(reason) {
          end()
          reject(reason)
        },
      }
      const timer = this.#clock.setTimeout(() => waiter.cancelled(this.#refusal()), this.#limits.maxWaitMs)
      const end = (): void => {
        this.#clock.clearTimeout(timer)
        this.#queue.delete(waiter)
        scope.unlisten(waiter)
      }
      this.#queue.add(waiter)
      scope.listen(waiter)
    })
  }

  /** Gives the place to whoever waits longest, else back. */
  leave(): void {
    for (const waiter of this.#queue) {
      waiter.enter()
      return
    }
    this.running--
  }

  close(): void {
    for (const waiter of this.#queue) waiter.cancelled(new PolicyClosedError(this.#service))
  }

  #refusal(): BulkheadFullError {
    this.#stats.rejected++
    return new BulkheadFullError(this.#service)
  }
}

interface Waiter extends CancelListener {
  enter(): void
}
