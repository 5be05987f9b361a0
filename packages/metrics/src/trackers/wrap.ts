/** Any function. */
export type AnyFunction = (...args: never[]) => unknown

/**
 * Measures a function: `monitor('price')(fn)`, or as a decorator of a method, of the standard's form or TypeScript's
 * older one.
 */
export interface Monitor {
  <F extends AnyFunction>(run: F, context?: ClassMethodDecoratorContext): F
  (target: object, key: string | symbol, descriptor: PropertyDescriptor): void
}

/** Called once with the time of a call, when it has returned, or its promise has settled. */
export type Finish = (start: number, failed: boolean) => void

/** A function like `run` that tells when it was called and how it ended. */
export function wrap<F extends AnyFunction>(run: F, now: () => number, finish: Finish): F {
  function monitored(this: unknown, ...args: never[]): unknown {
    const start = now()
    let result: unknown
    try {
      result = run.apply(this, args)
    } catch (error) {
      finish(start, true)
      throw error
    }
    return settle(result, start, finish)
  }
  for (const property of ['name', 'length'] as const) {
    Object.defineProperty(monitored, property, { value: run[property], configurable: true })
  }
  return monitored as unknown as F
}

function settle(result: unknown, start: number, finish: Finish): unknown {
  const succeed = (): void => finish(start, false)
  const fail = (): void => finish(start, true)
  if (result instanceof Promise) {
    // The caller gets the promise itself: one that nobody handles is still reported as such.
    result.then(succeed, fail)
    return result
  }
  if (typeof (result as PromiseLike<unknown> | null)?.then !== 'function') {
    succeed()
    return result
  }
  // Query builders run at every `then`: this must stay the only one.
  return Promise.resolve(result as PromiseLike<unknown>).then(
    (value) => {
      succeed()
      return value
    },
    (error: unknown) => {
      fail()
      throw error
    },
  )
}

/** The three forms of {@link Monitor} in one function. */
export function monitorOf(wrapOne: <F extends AnyFunction>(run: F) => F): Monitor {
  function monitor(target: unknown, _context?: unknown, descriptor?: PropertyDescriptor): unknown {
    if (typeof descriptor?.value === 'function') {
      descriptor.value = wrapOne(descriptor.value as AnyFunction)
      return undefined
    }
    return wrapOne(target as AnyFunction)
  }
  return monitor as Monitor
}
