import { readFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import type { HealthCheck } from '../check.js'
import { judgeShare, shares } from './threshold.js'

/** Options of {@link memoryCheck}. */
export interface MemoryCheckOptions {
  /** Share of the memory at which to warn. @defaultValue 0.85 */
  warnAt?: number
  /** Share of the memory at which to fail. @defaultValue 0.95 */
  failAt?: number
  /** @defaultValue `false`: an instance that is short of memory still answers */
  critical?: boolean
  /** Bytes that the process uses. @defaultValue its resident set */
  used?: () => number
  /** Bytes that it may use. @defaultValue the limit of its cgroup, else the memory of the machine */
  limit?: () => number
}

/**
 * How much of its memory the process uses, where its container (cgroup v2, then v1) or the machine sets the limit.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 */
export function memoryCheck(options: MemoryCheckOptions = {}): HealthCheck {
  const { critical = false, used = () => process.memoryUsage.rss(), limit = memoryLimit } = options
  const { warnAt = 0.85, failAt = 0.95 } = options
  const thresholds = shares('memoryCheck', { warnAt, failAt })
  return {
    name: 'memory',
    critical,
    type: 'system',
    check: () => judgeShare(used() / limit(), thresholds),
  }
}

/** Bytes that the process may use: the limit of its cgroup where that is lower than the memory of the machine. */
export function memoryLimit(read: (file: string) => string = (file) => readFileSync(file, 'utf8')): number {
  for (const file of ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes']) {
    try {
      const bytes = Number(read(file).trim())
      if (bytes > 0 && bytes < totalmem()) return bytes
    } catch {
      // Not in a container, or of the other version.
    }
  }
  return totalmem()
}
