import type { Clock } from '@hardening/core'
import { RateLimitStoreError } from './errors.js'

/** What a promise gives, if it does within so many milliseconds. @throws RateLimitStoreError where it does not */
export function inTime<T>(promise: PromiseLike<T>, ms: number, clock: Clock): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimeout(() => reject(new RateLimitStoreError('The store did not answer in time')), ms)
    const settle = (): void => clock.clearTimeout(timer)
    promise.then(settle, settle)
    promise.then(resolve, reject)
  })
}
