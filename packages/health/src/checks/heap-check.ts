import { getHeapStatistics } from 'node:v8'
import type { HealthCheck } from '../check.js'
import { judgeShare, shares } from './threshold.js'

/** Options of {@link heapCheck}. */
export interface HeapCheckOptions {
  /** Share of the heap at which to warn. @defaultValue 0.85 */
  warnAt?: number
  /** Share of the heap at which to fail. @defaultValue 0.95 */
  failAt?: number
  /** @defaultValue `false` */
  critical?: boolean
  /** Bytes in use, and bytes at which V8 ends the process. @defaultValue those of `v8.getHeapStatistics()` */
  measure?: () => { readonly used: number; readonly limit: number }
}

/**
 * How near the heap is to the limit of V8 (`--max-old-space-size`), at which the process dies.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 */
export function heapCheck(options: HeapCheckOptions = {}): HealthCheck {
  const { warnAt = 0.85, failAt = 0.95, critical = false, measure = measureHeap } = options
  const thresholds = shares('heapCheck', { warnAt, failAt })
  return {
    name: 'heap',
    critical,
    type: 'system',
    check() {
      const { used, limit } = measure()
      return judgeShare(used / limit, thresholds)
    },
  }
}

function measureHeap(): { used: number; limit: number } {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics()
  return { used, limit }
}
