import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks'
import { durationOption, type Duration } from '@hardening/core'
import type { HealthCheck } from '../check.js'
import { judge } from './threshold.js'

/** Options of {@link eventLoopCheck}. */
export interface EventLoopCheckOptions {
  /** Delay (99th percentile since the last look) at which to warn. @defaultValue 200 ms */
  warnAt?: Duration
  /** Delay at which to fail. @defaultValue `'1s'` */
  failAt?: Duration
  /** @defaultValue `false` */
  critical?: boolean
  /** Milliseconds of delay since the last look. @defaultValue measured by `perf_hooks` */
  delay?: () => number
}

/**
 * How late timers run because something holds the event loop. Does not keep the process alive.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 */
export function eventLoopCheck(options: EventLoopCheckOptions = {}): HealthCheck {
  const { critical = false, delay = measuredDelay() } = options
  const warnMs = durationOption('eventLoopCheck', 'warnAt', options.warnAt ?? 200)
  const failMs = durationOption('eventLoopCheck', 'failAt', options.failAt ?? '1s', { min: warnMs })
  return {
    name: 'event-loop',
    critical,
    type: 'system',
    check() {
      const ms = delay()
      return {
        status: judge(ms, { warnAt: warnMs, failAt: failMs }),
        observedValue: Math.round(ms * 10) / 10,
        observedUnit: 'ms',
      }
    },
  }
}

function measuredDelay(): () => number {
  const resolution = 20
  const histogram: IntervalHistogram = monitorEventLoopDelay({ resolution })
  histogram.enable()
  return () => {
    // The histogram measures the whole interval between its samples, of which the resolution is no delay.
    const ms = Math.max(0, histogram.percentile(99) / 1e6 - resolution)
    histogram.reset()
    return Number.isFinite(ms) ? ms : 0
  }
}
