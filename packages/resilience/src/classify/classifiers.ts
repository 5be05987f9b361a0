import { isHardeningError, systemClock, type Clock } from '@hardening/core'
import { httpErrors } from './http.js'
import {
  ignored,
  permanent,
  property,
  transient,
  type Classifier,
  type Judgement,
  type CompleteClassifier,
} from './judgement.js'
import { llmErrors } from './llm.js'
import { networkErrors } from './network.js'
import { postgresErrors } from './postgres.js'
import { redisErrors } from './redis.js'

/** Errors of this package and of the platform, which mean the same whatever is called. */
const ownErrors: Classifier = {
  error(error) {
    if (isHardeningError(error)) {
      if (error.code === 'ERR_RESILIENCE_TIMEOUT') return transient
      if (error.code.startsWith('ERR_RESILIENCE_') || error.code === 'ERR_CONFIG_INVALID') return ignored
    }
    const name = property(error, 'name')
    if (name === 'AbortError') return ignored
    return name === 'TimeoutError' ? transient : undefined
  },
}

/** Mistakes in the program: trying again finds the same mistake, and the service has no part in it. */
const mistakes: Classifier = {
  error: (error) =>
    error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError ? ignored : undefined,
}

/**
 * The first classifier that knows an error decides. What none knows is counted as a failure and tried again where that
 * does no harm.
 */
export function firstOf(...given: readonly Classifier[]): CompleteClassifier {
  const list = [ownErrors, ...given, mistakes]
  const withResults = given.filter((one) => one.result !== undefined)
  return {
    error(error): Judgement {
      for (const one of list) {
        const found = one.error(error)
        if (found !== undefined) return found
      }
      return transient
    },
    result(value) {
      for (const one of withResults) {
        const found = one.result?.(value)
        if (found !== undefined) return found
      }
      return undefined
    },
  }
}

/** Which errors are tried again, and which tell against the service. */
export type ClassifierName = 'standard' | 'http' | 'postgres' | 'redis' | 'llm' | 'never' | 'always'

/** The classifiers by name. */
export const classifierNames: readonly ClassifierName[] = [
  'standard',
  'http',
  'postgres',
  'redis',
  'llm',
  'never',
  'always',
]

/** A classifier by its name. */
export function classifier(name: ClassifierName, clock: Clock = systemClock): CompleteClassifier {
  switch (name) {
    case 'standard':
      return { ...firstOf(networkErrors, withoutResults(httpErrors(clock)), postgresErrors, redisErrors) }
    case 'http':
      return firstOf(networkErrors, httpErrors(clock))
    case 'postgres':
      return firstOf(networkErrors, postgresErrors)
    case 'redis':
      return firstOf(networkErrors, redisErrors)
    case 'llm':
      return firstOf(networkErrors, llmErrors(clock))
    case 'never':
      return firstOf({ error: () => permanent })
    case 'always':
      return firstOf({ error: () => transient })
  }
}

/** Any object may have a `status`; only where answers of HTTP are expected is it one. */
function withoutResults({ error }: Classifier): Classifier {
  return { error }
}
