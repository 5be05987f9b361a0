import { statfs } from 'node:fs/promises'
import { numberOption } from '@hardening/core'
import type { HealthCheck } from '../check.js'

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
}

/** How full a disk is. */
export function diskCheck(options: DiskCheckOptions = {}): HealthCheck {
  const { path = process.cwd(), warnAt = 0.85, failAt = 0.95, critical = false } = options
  numberOption('diskCheck', 'warnAt', warnAt, { min: 0, max: 1 })
  numberOption('diskCheck', 'failAt', failAt, { min: warnAt, max: 1 })
  return {
    name: 'disk',
    critical,
    type: 'system',
    async check() {
      const { blocks, bavail } = await statfs(path)
      const share = 1 - bavail / blocks
      const status = share >= failAt ? 'fail' : share >= warnAt ? 'warn' : 'pass'
      return { status, observedValue: Math.round(share * 1000) / 10, observedUnit: 'percent' }
    },
  }
}
