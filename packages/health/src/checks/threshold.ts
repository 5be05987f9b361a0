import { numberOption } from '@hardening/core'
import type { CheckResult, CheckStatus } from '../check.js'

/** Values at which a measurement is a worry, and a failure. */
export interface Thresholds {
  readonly warnAt: number
  readonly failAt: number
}

/** @throws ConfigError where they are no shares from 0 to 1, or the wrong way round. */
export function shares(factory: string, { warnAt, failAt }: Thresholds): Thresholds {
  numberOption(factory, 'warnAt', warnAt, { min: 0, max: 1 })
  numberOption(factory, 'failAt', failAt, { min: warnAt, max: 1 })
  return { warnAt, failAt }
}

/** What a measurement means. What cannot be measured (no number) is `fail`: nobody knows that it is well. */
export function judge(value: number, { warnAt, failAt }: Thresholds): CheckStatus {
  if (!(value < failAt)) return 'fail'
  return value >= warnAt ? 'warn' : 'pass'
}

/** A share of something as a check's result, in percent. */
export function judgeShare(share: number, thresholds: Thresholds): CheckResult {
  return {
    status: judge(share, thresholds),
    observedValue: Math.round(share * 1000) / 10,
    observedUnit: 'percent',
  }
}
