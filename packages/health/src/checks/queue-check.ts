import type { HealthCheck } from '../check.js'

/** How long a queue may get. */
export interface QueueCheckOptions {
  /** Tells how many are waiting. */
  depth: () => number | Promise<number>
  /** Depth at which to warn. */
  warnAt: number
  /** Depth at which to fail. @defaultValue never */
  failAt?: number
  /** @defaultValue `'queue'` */
  name?: string
  /** @defaultValue `false` */
  critical?: boolean
}

/** Whether a queue is worked off. */
export function queueCheck({
  depth,
  warnAt,
  failAt = Infinity,
  name = 'queue',
  critical = false,
}: QueueCheckOptions): HealthCheck {
  return {
    name,
    critical,
    async check() {
      const waiting = await depth()
      const status = waiting >= failAt ? 'fail' : waiting >= warnAt ? 'warn' : 'pass'
      return { status, observedValue: waiting, observedUnit: 'waiting' }
    },
  }
}
