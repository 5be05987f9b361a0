import type { Clock } from '@hardening/core'
import type { Discard } from '../call/invoke.js'
import type { Part } from '../call/part.js'
import type { CancelListener, Scope } from '../call/scope.js'
import type { Judgement, CompleteClassifier } from '../classify/judgement.js'
import { PolicyClosedError } from '../errors.js'
import type { CallStats } from '../stats.js'
import type { ResolvedRetryRules } from './retry.js'

/** What {@link retryPart} needs. */
export interface RetryPartOptions extends ResolvedRetryRules {
  readonly service: string
  readonly idempotent: boolean
  readonly classifier: CompleteClassifier
  readonly clock: Clock
  readonly stats: CallStats
  readonly discard?: Discard | undefined
}

/** The layer of `retry`. */
export function retryPart(options: RetryPartOptions): Part {
  const { retries, delays, budget, maxRetryAfterMs, classifier, clock, stats, service, discard, onRetry } = options
  const sleeping = new Set<CancelListener>()

  /** Milliseconds until the next attempt; -1 to give up. */
  function delayAfter(judgement: Judgement, backoffMs: number, scope: Scope): number {
    const isAllowed = judgement.noEffect === true || (scope.call.idempotent ?? options.idempotent)
    if (!judgement.retry || !isAllowed || scope.isCancelled || scope.call.isOnce) return -1
    const asked = judgement.retryAfterMs ?? 0
    const delay = Math.max(backoffMs, asked)
    if (asked > maxRetryAfterMs || clock.monotonic() + delay >= scope.deadline) return -1
    if (budget !== undefined && !budget.spend()) {
      stats.budgetRefusals++
      return -1
    }
    return delay
  }

  function tell(retry: number, delayMs: number, error: unknown): void {
    stats.retries++
    try {
      onRetry?.({ service, retry, delayMs, error })
    } catch {
      // A listener's fault is not the call's.
    }
  }

  function sleep(scope: Scope, ms: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const sleeper: CancelListener = {
        cancelled(reason) {
          end()
          reject(reason)
        },
      }
      const timer = clock.setTimeout(() => {
        end()
        resolve()
      }, Math.ceil(ms))
      // Somebody waits for this: a program that has nothing else to do must not end meanwhile.
      ;(timer as { ref?: () => unknown } | undefined)?.ref?.()
      const end = (): void => {
        clock.clearTimeout(timer)
        sleeping.delete(sleeper)
        scope.unlisten(sleeper)
      }
      sleeping.add(sleeper)
      scope.listen(sleeper)
    })
  }

  return {
    layer: (inner) =>
      async function retrying(scope) {
        if (scope.call.first === undefined) budget?.earn()
        let next = undefined as ReturnType<typeof delays.next> | undefined
        for (let retry = 1; ; retry++) {
          scope.attempt = retry
          scope.startedAt = -1
          let delay: number
          try {
            const value = await inner(scope)
            const judgement = classifier.result(value)
            if (judgement === undefined || retry > retries) return value
            next = (next ?? delays).next(undefined)
            delay = delayAfter(judgement, next.duration, scope)
            if (delay < 0) return value
            discard?.(value)
            tell(retry, delay, undefined)
          } catch (error) {
            if (retry > retries) throw error
            next = (next ?? delays).next(undefined)
            delay = delayAfter(classifier.error(error), next.duration, scope)
            if (delay < 0) throw error
            tell(retry, delay, error)
          }
          if (delay > 0) await sleep(scope, delay)
        }
      },
    close() {
      for (const sleeper of sleeping) sleeper.cancelled(new PolicyClosedError(service))
    },
  }
}
