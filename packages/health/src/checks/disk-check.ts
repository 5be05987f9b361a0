import { statfs } from 'node:fs/promises'
import type { HealthCheck } from '../check.js'
import { judgeShare, shares } from './threshold.js'

/** Options of {@link diskCheck}. */
export interface DiskCheckOptions {
  /** A folder on the disk. @defaultValue the folder of the process */
  path?: string
  /** Share in use at which to warn. @defaultValue 0.85 */
  warnAt?: number
  /** Share in use at which to fail. @defaultValue 0.95 */
  failAt?: number
  /** @defaultValue `false` */
  critical?: boolean
  /** Name in reports. @defaultValue `'disk'` */
  name?: string
}

/**
 * How full a disk is.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 */
export function diskCheck(options: DiskCheckOptions = {}): HealthCheck {
  const { path = process.cwd(), warnAt = 0.85, failAt = 0.95, critical = false, name = 'disk' } = options
  const thresholds = shares('diskCheck', { warnAt, failAt })
  return {
    name,
    critical,
    type: 'system',
    async check() {
      const { blocks, bavail } = await statfs(path)
      return judgeShare(blocks === 0 ? 0 : 1 - bavail / blocks, thresholds)
    },
  }
}
