import type { Clock } from '@hardening/core'
import { isCallersAbort } from '../breaker/breaker-part.js'
import { refused, type Circuit } from '../breaker/circuit.js'
import type { Gate } from '../bulkhead.js'
import type { CompleteClassifier } from '../classify/judgement.js'
import type { RetryBudget } from '../retry/retry-budget.js'
import type { CallStats } from '../stats.js'
import { isThenable, type Discard } from './invoke.js'
import type { Run } from './run.js'
import { Scope, type CallRecord, type Outcome } from './scope.js'
import type { TimerRow } from './timer-row.js'

/** What flights of one service share. */
export interface FlightParts {
  readonly circuit: Circuit
  readonly gate: Gate | undefined
  readonly row: TimerRow | undefined
  readonly classifier: CompleteClassifier
  readonly clock: Clock
  readonly stats: CallStats
  readonly discard: Discard | undefined
  readonly budget: RetryBudget | undefined
  /** Length of the whole call, `Infinity` for no bound. */
  readonly totalMs: number
  /** Whether anything stands in for what was refused. */
  readonly hasFallback: boolean
}

/**
 * One attempt behind breaker, bulkhead and time-out, as the layers of these would make it, but in one object and with one
 * promise: nearly every call goes well at once, and this is all that it needs.
 */
export class Flight extends Scope {
  readonly parts: FlightParts
  /** Where a first attempt goes on that did not go well; `undefined` for attempts that a layer waits for. */
  resume: Run | undefined = undefined
  #ticket = 0
  #resolve: ((value: unknown) => void) | undefined = undefined
  #reject: ((error: unknown) => void) | undefined = undefined

  constructor(parts: FlightParts, call: CallRecord, parent: Scope | undefined) {
    super(call, parent)
    this.parts = parts
  }

  begin(): Promise<unknown> {
    const { circuit, gate, stats, hasFallback } = this.parts
    const ticket = circuit.enter()
    if (ticket === refused) {
      stats.refused++
      this.leave()
      const refusal = circuit.refusal()
      return hasFallback ? this.#handOn({ error: refusal }) : Promise.reject(refusal)
    }
    this.#ticket = ticket
    if (gate !== undefined && !gate.enter()) return this.#wait(gate)
    return this.#launch()
  }

  /** The time-out, the caller, or an answer that came first elsewhere. */
  override cancel(reason: unknown): void {
    if (this.isCancelled) return
    this.#fail(reason, () => super.cancel(reason))
  }

  #launch(): Promise<unknown> {
    const { row, clock, stats, totalMs } = this.parts
    const now = clock.monotonic()
    this.startedAt = now
    if (this.call.beganAt < 0 && now + totalMs < this.deadline) this.deadline = now + totalMs
    row?.add(this, now)
    stats.attempts++
    let result: unknown
    try {
      result = this.call.operation(this)
    } catch (error) {
      return this.#settleWith({ error })
    }
    if (!isThenable(result)) return this.#settleWith({ value: result })
    const promise = new Promise<unknown>(takeFunctions)
    this.#resolve = taken.resolve
    this.#reject = taken.reject
    if (this.isCancelled) this.#fail(this.reason, undefined)
    result.then(
      (value) => this.#succeed(value),
      (error: unknown) => this.#fail(error, undefined),
    )
    return promise
  }

  async #wait(gate: Gate): Promise<unknown> {
    if (this.resume !== undefined) {
      // The time of the whole runs while it waits.
      const now = this.parts.clock.monotonic()
      this.call.beganAt = now
      this.deadline = Math.min(this.deadline, now + this.parts.totalMs)
    }
    try {
      await gate.wait(this)
    } catch (error) {
      this.parts.circuit.release(this.#ticket)
      this.leave()
      return this.#handOn({ error })
    }
    return this.#launch()
  }

  #succeed(value: unknown): void {
    const resolve = this.#resolve
    if (resolve === undefined) {
      this.#throwAway(value)
      return
    }
    this.#resolve = undefined
    this.#reject = undefined
    const judgement = this.#concludeValue(value)
    resolve(judgement && this.resume !== undefined ? this.#handOn({ value }) : value)
  }

  #fail(error: unknown, before: (() => void) | undefined): void {
    const resolve = this.#resolve
    const reject = this.#reject
    this.#resolve = undefined
    this.#reject = undefined
    before?.()
    if (reject === undefined) return
    this.#concludeError(error)
    if (this.resume === undefined) reject(error)
    else resolve?.(this.#handOn({ error }))
  }

  /** The function has answered or thrown without waiting. */
  #settleWith(outcome: Outcome): Promise<unknown> {
    if ('error' in outcome) {
      this.#concludeError(outcome.error)
      return this.#handOn(outcome)
    }
    const isFailure = this.#concludeValue(outcome.value)
    return isFailure ? this.#handOn(outcome) : Promise.resolve(outcome.value)
  }

  /** To the layers that only now are needed: retries, fallback, the time-out of the whole. */
  #handOn(outcome: Outcome): Promise<unknown> {
    const { resume, call, parent } = this
    if (resume !== undefined) {
      call.first = outcome
      if (call.beganAt < 0) call.beganAt = this.startedAt
      return resume(parent ?? new Scope(call, undefined))
    }
    return 'error' in outcome ? Promise.reject(outcome.error) : Promise.resolve(outcome.value)
  }

  #concludeValue(value: unknown): boolean {
    const judgement = this.parts.classifier.result(value)
    this.#conclude(judgement !== undefined && judgement.failure)
    return judgement !== undefined
  }

  #concludeError(error: unknown): void {
    const judgement = isCallersAbort(this) ? undefined : this.parts.classifier.error(error)
    if (judgement !== undefined && judgement.ignore !== true) {
      this.#conclude(judgement.failure)
      return
    }
    this.parts.circuit.release(this.#ticket)
    this.#end()
  }

  #conclude(failed: boolean): void {
    const { circuit, clock, stats } = this.parts
    if (failed) stats.failures++
    else stats.successes++
    const now = clock.monotonic()
    circuit.record(this.#ticket, failed, now - this.startedAt, now)
    this.#end()
  }

  #end(): void {
    this.parts.row?.remove(this)
    this.parts.gate?.leave()
    this.leave()
  }

  #throwAway(value: unknown): void {
    this.parts.stats.late++
    try {
      this.parts.discard?.(value)
    } catch {
      // Nobody waits for it, so there is nobody to tell.
    }
  }
}

/** Takes the functions of a promise without a closure for each. */
const taken: { resolve: (value: unknown) => void; reject: (error: unknown) => void } = {
  resolve: () => undefined,
  reject: () => undefined,
}

function takeFunctions(resolve: (value: unknown) => void, reject: (error: unknown) => void): void {
  taken.resolve = resolve
  taken.reject = reject
}
