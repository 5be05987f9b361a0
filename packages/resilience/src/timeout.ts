import {
  durationOption,
  rejectUnknownOptions,
  stringOption,
  systemClock,
  type Clock,
  type Duration,
} from '@hardening/core'
import { Scope } from './call/scope.js'
import type { Part } from './call/part.js'
import { TimerRow } from './call/timer-row.js'
import { CallTimeoutError, type TimeoutScope } from './errors.js'
import { LayeredPolicy, type Policy } from './policy.js'
import { newStats, type CallStats } from './stats.js'

/** Options of {@link timeout}. */
export interface TimeoutOptions {
  /** How long a call may take, at least 1 ms. @defaultValue `'10s'` */
  after?: Duration
  /** Name of what is asked, in errors. @defaultValue `'call'` */
  service?: string
  /** Where time comes from. @defaultValue the system's */
  clock?: Clock
}

/**
 * Ends a call whose time is over: its caller gets `ERR_RESILIENCE_TIMEOUT` (504) at once, its signal fires, and what it
 * still answers is thrown away and counted as `late`. Each call has its own signal.
 *
 * @example
 * const quick = timeout({ after: '2s', service: 'search' })
 * const hits = await quick.execute(({ signal }) => search(term, { signal }))
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 */
export function timeout(options: TimeoutOptions = {}): Policy {
  rejectUnknownOptions('timeout', options, ['after', 'service', 'clock'])
  const { after = '10s', service = 'call', clock = systemClock } = options
  const ms = durationOption('timeout', 'after', after, { min: 1 })
  stringOption('timeout', 'service', service)
  const stats = newStats()
  return new LayeredPolicy({ service, clock, stats, ...timeoutPart({ service, ms, kind: 'total', clock, stats }) })
}

/** What {@link timeoutPart} needs. */
export interface TimeoutPartOptions {
  readonly service: string
  readonly ms: number
  readonly kind: TimeoutScope
  readonly clock: Clock
  readonly stats: CallStats
}

/** The layer of {@link timeout}. */
export function timeoutPart({ service, ms, kind, clock, stats }: TimeoutPartOptions): Part {
  const expire = (scope: Scope): void => {
    stats.timeouts++
    scope.cancel(new CallTimeoutError(service, ms, kind))
  }
  const row = new TimerRow(clock, ms, expire)
  return {
    layer: (inner) =>
      async function limited(outer) {
        const scope = new Scope(outer.call, outer)
        const now = clock.monotonic()
        const { beganAt } = outer.call
        const end = (beganAt < 0 ? now : beganAt) + ms
        if (end < scope.deadline) scope.deadline = end
        // The breaker outside reads how long the attempt took; waiting in a queue is not the service's slowness.
        scope.startedAt = outer.startedAt = now
        let timer: unknown
        // A call that is under way already would stand in the row out of its order.
        if (beganAt < 0) row.add(scope, now)
        else timer = clock.setTimeout(() => expire(scope), Math.max(0, Math.ceil(end - now)))
        try {
          return await inner(scope)
        } finally {
          if (beganAt < 0) row.remove(scope)
          else clock.clearTimeout(timer)
          scope.leave()
        }
      },
    close: () => row.close(),
  }
}
