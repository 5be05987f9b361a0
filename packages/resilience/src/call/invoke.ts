import type { CallStats } from '../stats.js'
import type { CancelListener, Scope } from './scope.js'
import type { Run } from './run.js'

/** Frees what a value holds that nobody will take: the body of a response. */
export type Discard = (value: unknown) => void

/** The innermost part: calls the function, and settles at once when the scope ends, whatever the function does. */
export function invoke(stats: CallStats, discard: Discard | undefined): Run {
  return (scope) => {
    if (scope.isCancelled) return Promise.reject(scope.reason)
    if (scope.startedAt < 0) scope.startedAt = scope.call.clock.monotonic()
    stats.attempts++
    try {
      const result = scope.call.operation(scope)
      return isThenable(result) ? new Race(scope, stats, discard).against(result) : Promise.resolve(result)
    } catch (error) {
      return Promise.reject(error)
    }
  }
}

/** Whether something has to be waited for. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    typeof (value as { then?: unknown }).then === 'function'
  )
}

class Race implements CancelListener {
  readonly #scope: Scope
  readonly #stats: CallStats
  readonly #discard: Discard | undefined
  #resolve: ((value: unknown) => void) | undefined = undefined
  #reject: ((reason: unknown) => void) | undefined = undefined

  constructor(scope: Scope, stats: CallStats, discard: Discard | undefined) {
    this.#scope = scope
    this.#stats = stats
    this.#discard = discard
  }

  against(result: PromiseLike<unknown>): Promise<unknown> {
    const promise = new Promise<unknown>((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    // The function itself may have ended its scope, or waited for nothing.
    this.#scope.listen(this)
    result.then(
      (value) => this.#succeed(value),
      (error: unknown) => this.#fail(error),
    )
    return promise
  }

  #succeed(value: unknown): void {
    const resolve = this.#resolve
    if (resolve === undefined) {
      this.#stats.late++
      this.#throwAway(value)
      return
    }
    this.#scope.unlisten(this)
    resolve(value)
  }

  #fail(error: unknown): void {
    this.#scope.unlisten(this)
    this.#reject?.(error)
  }

  cancelled(reason: unknown): void {
    const reject = this.#reject
    this.#resolve = undefined
    this.#reject = undefined
    reject?.(reason)
  }

  #throwAway(value: unknown): void {
    try {
      this.#discard?.(value)
    } catch {
      // Nobody waits for it, so there is nobody to tell.
    }
  }
}
