import { currentContext, systemClock, type Clock } from '@hardening/core'
import type { Attempt, CallOptions, Operation } from './call/attempt.js'
import { invoke, type Discard } from './call/invoke.js'
import type { Layer, Run } from './call/run.js'
import { Scope, type CallRecord } from './call/scope.js'
import { CallTimeoutError, PolicyClosedError } from './errors.js'
import { newStats, type CallStats } from './stats.js'

/** A function that takes what the wrapped one takes and goes through the policy. */
export type Wrapped<This, Arguments extends unknown[], Result> = (this: This, ...args: Arguments) => Promise<Result>

/** Something that stands around calls. `Fallback` is what it may answer with instead. */
export interface Policy<Fallback = never> {
  /** Name of what it guards, in errors and statistics. */
  readonly service: string
  /** Calls `operation` under the policy. Rejects with what the operation threw, or one of `ERR_RESILIENCE_*`. */
  execute<Result>(operation: Operation<Result>, options?: CallOptions): Promise<Result | Fallback>
  /** The function under the policy: called with the arguments of the call, then the {@link Attempt}. */
  wrap<This, Arguments extends unknown[], Result>(
    operation: (this: This, ...args: [...Arguments, Attempt]) => Result | PromiseLike<Result>,
    options?: CallOptions,
  ): Wrapped<This, Arguments, Result | Fallback>
  /** What it has done since it was made; a copy. */
  stats(): CallStats
  /** Ends what waits in it and its timers; further calls are refused with `ERR_RESILIENCE_CLOSED`. */
  close(): void
}

/** What a policy is made of. */
export interface PolicyParts {
  readonly service: string
  readonly layer: Layer
  readonly clock?: Clock
  readonly stats?: CallStats
  readonly discard?: Discard | undefined
  readonly close?: () => void
  /** Makes the first attempt without the layers, which only what fails needs. */
  readonly first?: (call: CallRecord, parent: Scope | undefined, resume: Run) => Promise<unknown>
}

/** A policy as the house itself uses it. */
export class LayeredPolicy<Fallback = never> implements Policy<Fallback> {
  readonly service: string
  /** What `compose` takes of it. */
  readonly layer: Layer
  readonly #run: Run
  readonly #clock: Clock
  readonly #stats: CallStats
  readonly #close: (() => void) | undefined
  readonly #first: PolicyParts['first']
  #isClosed = false

  constructor({ service, layer, clock = systemClock, stats = newStats(), discard, close, first }: PolicyParts) {
    this.service = service
    this.layer = layer
    this.#clock = clock
    this.#stats = stats
    this.#close = close
    this.#first = first
    this.#run = layer(invoke(stats, discard))
  }

  execute<Result>(operation: Operation<Result>, options?: CallOptions): Promise<Result | Fallback> {
    this.#stats.calls++
    if (this.#isClosed) return Promise.reject(new PolicyClosedError(this.service))
    const call: CallRecord = {
      operation,
      clock: this.#clock,
      idempotent: options?.idempotent,
      isOnce: options?.once === true,
      first: undefined,
      beganAt: -1,
    }
    const context = currentContext()
    const signal = options?.signal ?? context?.signal
    const remainingMs = options?.remainingMs
    const deadline = remainingMs === undefined ? context?.deadline : this.#clock.monotonic() + remainingMs
    const running =
      signal === undefined && deadline === undefined
        ? this.#begin(call, undefined)
        : this.#within(call, signal, deadline ?? Infinity)
    return running as Promise<Result | Fallback>
  }

  #begin(call: CallRecord, parent: Scope | undefined): Promise<unknown> {
    if (this.#first !== undefined) return this.#first(call, parent, this.#run)
    return this.#run(parent ?? new Scope(call, undefined))
  }

  async #within(call: CallRecord, signal: AbortSignal | undefined, deadline: number): Promise<unknown> {
    if (signal?.aborted === true) throw signal.reason
    const scope = new Scope(call, undefined)
    scope.deadline = deadline
    const remaining = scope.remainingMs
    const expire = (): void => {
      this.#stats.timeouts++
      scope.cancel(new CallTimeoutError(this.service, remaining, 'deadline'))
    }
    if (remaining <= 0) {
      expire()
      throw scope.reason
    }
    const timer = remaining === Infinity ? undefined : this.#clock.setTimeout(expire, Math.ceil(remaining))
    const abort = (): void => scope.cancel(signal?.reason)
    signal?.addEventListener('abort', abort)
    try {
      return await this.#begin(call, scope)
    } finally {
      if (timer !== undefined) this.#clock.clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    }
  }

  wrap<This, Arguments extends unknown[], Result>(
    operation: (this: This, ...args: [...Arguments, Attempt]) => Result | PromiseLike<Result>,
    options?: CallOptions,
  ): Wrapped<This, Arguments, Result | Fallback> {
    const execute = this.execute.bind(this)
    return function wrapped(...args) {
      return execute((attempt) => operation.call(this, ...args, attempt), options)
    }
  }

  stats(): CallStats {
    return { ...this.#stats }
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#close?.()
  }
}
