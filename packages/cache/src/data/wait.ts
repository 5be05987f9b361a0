import type { Clock } from '@hardening/core'

/** What ends the waiting for a promise before it settles. */
export interface WaitLimits {
  readonly hardMs: number
  /** Milliseconds after which `soft` is answered with; 0 for never. */
  readonly softMs: number
  readonly signal: AbortSignal | undefined
  soft(): void
  hard(): Error
}

export const wentSoft: unique symbol = Symbol('soft')

/** Waits for `promise` no longer than the limits say. Gives {@link wentSoft} at the soft one, rejects at the hard one. */
export function waitFor<T>(promise: Promise<T>, limits: WaitLimits, clock: Clock): Promise<T | typeof wentSoft> {
  const { hardMs, softMs, signal } = limits
  return new Promise((resolve, reject) => {
    let softTimer: unknown
    const done = (): void => {
      clock.clearTimeout(hardTimer)
      if (softTimer !== undefined) clock.clearTimeout(softTimer)
      signal?.removeEventListener('abort', onAbort)
    }
    const onAbort = (): void => {
      done()
      reject(signal?.reason as Error)
    }
    const hardTimer = clock.setTimeout(
      () => {
        done()
        reject(limits.hard())
      },
      Math.min(hardMs, 2_147_483_647),
    )
    if (softMs > 0 && softMs < hardMs) {
      softTimer = clock.setTimeout(() => {
        done()
        limits.soft()
        resolve(wentSoft)
      }, softMs)
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    promise.finally(done).then(resolve, reject)
  })
}

export function sleep(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimeout(() => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    }, ms)
    const onAbort = (): void => {
      clock.clearTimeout(timer)
      reject(signal.reason as Error)
    }
    signal.addEventListener('abort', onAbort, { once: true })
  })
}
