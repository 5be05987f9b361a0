import { functionOption, numberOption } from '@hardening/core'
import type { HealthCheck } from '../check.js'
import { judge } from './threshold.js'

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

/**
 * Whether a queue is worked off.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 */
export function queueCheck(options: QueueCheckOptions): HealthCheck {
  const { depth, warnAt, failAt = Number.MAX_VALUE, name = 'queue', critical = false } = options
  functionOption('queueCheck', 'depth', depth)
  numberOption('queueCheck', 'warnAt', warnAt, { min: 0 })
  numberOption('queueCheck', 'failAt', failAt, { min: warnAt })
  return {
    name,
    critical,
    async check() {
      const waiting = await depth()
      return { status: judge(waiting, { warnAt, failAt }), observedValue: waiting, observedUnit: 'waiting' }
    },
  }
}
