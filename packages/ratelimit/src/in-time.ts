import type { Clock } from '@hardening/core'
import { RateLimitStoreError } from './errors.js'

/** What a promise gives, if it does within so many milliseconds. @throws RateLimitStoreError where it does not */
export function inTime<T>(promise: PromiseLike<T>, ms: number, clock: Clock): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimeout(() => reject(new RateLimitStoreError('The store did not answer in time')), ms)
    promise.then(
      (value) => {
        clock.clearTimeout(timer)
        resolve(value)
      },
      (error: unknown) => {
        clock.clearTimeout(timer)
        reject(error)
      },
    )
  })
}
