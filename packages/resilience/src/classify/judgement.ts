/** What an error, or a result that is one, means. */
export interface Judgement {
  /** Whether another attempt may go well. */
  readonly retry: boolean
  /** Whether it tells against the service: a breaker counts it. */
  readonly failure: boolean
  /** Whether it surely had no effect, so that even what must not be done twice may be tried again. */
  readonly noEffect?: boolean
  /** Whether it says nothing about the service at all, neither good nor bad. */
  readonly ignore?: boolean
  /** Milliseconds that the service asks to wait: `Retry-After`. */
  readonly retryAfterMs?: number
}

/** Tells what errors and results mean. */
export interface Classifier {
  /** What an error means; `undefined` where this classifier does not know it. */
  error(error: unknown): Judgement | undefined
  /** What a result means, where results can be failures, such as a `Response` of status 503; `undefined` is success. */
  result?(value: unknown): Judgement | undefined
}

/** A {@link Classifier} that knows every error. */
export interface CompleteClassifier extends Classifier {
  error(error: unknown): Judgement
  result(value: unknown): Judgement | undefined
}

/** Neither tried again nor counted, as no fault of the service: nobody knows how it is. */
export const ignored: Judgement = Object.freeze({ retry: false, failure: false, ignore: true })
/** The caller's fault, in an answer: the service is well. */
export const harmless: Judgement = Object.freeze({ retry: false, failure: false })
/** Counted, and worth another attempt. */
export const transient: Judgement = Object.freeze({ retry: true, failure: true })
/** Counted; another attempt would end the same way. */
export const permanent: Judgement = Object.freeze({ retry: false, failure: true })
/** Worth another attempt, and no sign that the service is ill. */
export const conflict: Judgement = Object.freeze({ retry: true, failure: false, noEffect: true })
/** As {@link transient}, and the service has surely done nothing. */
export const unreached: Judgement = Object.freeze({ retry: true, failure: true, noEffect: true })

/** A property of whatever it is; `undefined` where there is none or it cannot be read. */
export function property(value: unknown, name: string): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined
  try {
    return (value as Record<string, unknown>)[name]
  } catch {
    return undefined
  }
}

/** An error and what it says caused it, at most so deep. */
export function* withCauses(error: unknown, depth = 5): Generator {
  for (let at = error, left = depth; at !== undefined && at !== null && left > 0; left--) {
    yield at
    at = property(at, 'cause')
  }
}
