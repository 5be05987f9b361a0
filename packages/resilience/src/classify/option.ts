import { ConfigError, type Clock } from '@hardening/core'
import { classifier, classifierNames, firstOf, type ClassifierName } from './classifiers.js'
import { property, type Classifier, type Judgement, type CompleteClassifier } from './judgement.js'

/**
 * How errors are told apart: a name, or a function that says what it knows and leaves the rest (`undefined`) to
 * `'standard'`, or a classifier to which the same applies.
 */
export type ClassifyOption = ClassifierName | ((error: unknown) => Judgement | undefined) | Classifier

/** The classifier that an option means. @throws ConfigError */
export function classifyOption(factory: string, option: string, value: unknown, clock: Clock): CompleteClassifier {
  if (typeof value === 'string' && (classifierNames as readonly string[]).includes(value)) {
    return classifier(value as ClassifierName, clock)
  }
  const own: unknown = typeof value === 'function' ? { error: value } : value
  if (typeof property(own, 'error') === 'function') {
    return firstOf(own as Classifier, { error: classifier('standard', clock).error })
  }
  const names = classifierNames.map((name) => `'${name}'`).join(', ')
  throw new ConfigError(factory, option, `one of ${names}, a function or a classifier`, value)
}
