import { functionOption, rejectUnknownOptions, stringOption, systemClock, type Clock } from '@hardening/core'
import type { Part } from './call/part.js'
import { classifyOption, type ClassifyOption } from './classify/option.js'
import type { CompleteClassifier } from './classify/judgement.js'
import { CallTimeoutError } from './errors.js'
import { LayeredPolicy, type Policy } from './policy.js'
import { newStats, type CallStats } from './stats.js'

/** What stands in for an answer: a value, or a function that makes one of the error. */
export type FallbackSource<Value> = Value | ((error: unknown) => Value | PromiseLike<Value>)

/** Options of {@link fallback}. */
export interface FallbackOptions {
  /** For which errors. @defaultValue failures of the service and refusals of this package; never a caller's abort */
  when?: (error: unknown) => boolean
  /** Which errors are failures, for the default of `when`. @defaultValue `'standard'` */
  classify?: ClassifyOption
  /** Name of what is asked. @defaultValue `'call'` */
  service?: string
  /** Where time comes from. @defaultValue the system's */
  clock?: Clock
}

/**
 * Answers in place of a service that fails: an older value, an empty list. What the caller did wrong still throws.
 *
 * @example
 * const rates = fallback(() => lastKnownRates, { service: 'rates' })
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 */
export function fallback<Value>(source: FallbackSource<Value>, options: FallbackOptions = {}): Policy<Value> {
  rejectUnknownOptions('fallback', options, ['when', 'classify', 'service', 'clock'])
  const { when, classify = 'standard', service = 'call', clock = systemClock } = options
  if (when !== undefined) functionOption('fallback', 'when', when)
  stringOption('fallback', 'service', service)
  const classifier = classifyOption('fallback', 'classify', classify, clock)
  const stats = newStats()
  return new LayeredPolicy<Value>({ service, clock, stats, ...fallbackPart({ source, when, classifier, stats }) })
}

/** What {@link fallbackPart} needs. */
export interface FallbackPartOptions {
  readonly source: unknown
  readonly when: ((error: unknown) => boolean) | undefined
  readonly classifier: CompleteClassifier
  readonly stats: CallStats
}

/** The layer of {@link fallback}. */
export function fallbackPart({ source, when, classifier, stats }: FallbackPartOptions): Part {
  const applies = when ?? ((error: unknown) => isRefusal(error) || classifier.error(error).failure)
  return {
    layer: (inner) =>
      async function fallingBack(scope) {
        try {
          return await inner(scope)
        } catch (error) {
          const isAbandoned = scope.isCancelled && !(scope.reason instanceof CallTimeoutError)
          if (isAbandoned || !applies(error)) throw error
          stats.fallbacks++
          return typeof source === 'function' ? (source as (error: unknown) => unknown)(error) : source
        }
      },
  }
}

function isRefusal(error: unknown): boolean {
  const code = (error as { code?: unknown } | null | undefined)?.code
  return typeof code === 'string' && code.startsWith('ERR_RESILIENCE_')
}
