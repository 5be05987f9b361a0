import type { Clock } from '@hardening/core'
import type { Part } from '../call/part.js'
import type { Scope } from '../call/scope.js'
import type { CompleteClassifier } from '../classify/judgement.js'
import { CallTimeoutError } from '../errors.js'
import type { CallStats } from '../stats.js'
import { refused, type Circuit } from './circuit.js'

/** The layer of a breaker. */
export function breakerPart(
  circuit: Circuit,
  { classifier, clock, stats }: { classifier: CompleteClassifier; clock: Clock; stats: CallStats },
): Part {
  function conclude(scope: Scope, ticket: number, failed: boolean): void {
    if (failed) stats.failures++
    else stats.successes++
    const now = clock.monotonic()
    circuit.record(ticket, failed, now - scope.startedAt, now)
  }

  return {
    layer: (inner) =>
      async function guarded(scope) {
        const ticket = circuit.enter()
        if (ticket === refused) {
          stats.refused++
          throw circuit.refusal()
        }
        scope.startedAt = -1
        try {
          const value = await inner(scope)
          const judgement = classifier.result(value)
          conclude(scope, ticket, judgement !== undefined && judgement.failure)
          return value
        } catch (error) {
          const judgement = isCallersAbort(scope) ? undefined : classifier.error(error)
          if (judgement === undefined || judgement.ignore === true) circuit.release(ticket)
          else conclude(scope, ticket, judgement.failure)
          throw error
        }
      },
  }
}

/** Whoever called has gone, whatever the function made of it; a time-out of ours is the service's slowness. */
export function isCallersAbort(scope: Scope): boolean {
  return scope.isCancelled && !(scope.reason instanceof CallTimeoutError && scope.reason.scope !== 'deadline')
}
