import { ConditionState } from './condition-state.js'
import type { Reading } from './reading.js'
import type { ResolvedRule } from './rule.js'

/** Where an alert is: it has never fired or is over, may fire soon, fires, has fired and is over. */
export type AlertPhase = 'inactive' | 'pending' | 'firing' | 'resolved'

/** A rule and where it is. */
export class AlertState {
  readonly rule: ResolvedRule
  readonly #conditions: readonly ConditionState[]
  phase: AlertPhase = 'inactive'
  /** Value of the first condition, at the last evaluation. */
  value: number | undefined = undefined
  /** Wall-clock milliseconds at which it began to hold, and was over. */
  startedAt: number | undefined = undefined
  endedAt: number | undefined = undefined
  #heldSince = 0
  #heldLast = 0
  #isTold = false
  #toldLast: number | undefined = undefined

  constructor(rule: ResolvedRule) {
    this.rule = rule
    this.#conditions = rule.conditions.map((condition) => new ConditionState(condition))
  }

  /** Moves on; returns what is to be told. */
  update(reading: Reading, now: number, wallClock: number): 'firing' | 'resolved' | undefined {
    const values = this.#conditions.map((condition) => condition.update(reading, now))
    this.value = values[0]
    const holds = this.#conditions.every((condition, at) => condition.holds(values[at]))
    if (holds) return this.#hold(now, wallClock)
    if (this.phase === 'pending') this.phase = 'inactive'
    if (this.phase !== 'firing' || now - this.#heldLast < this.rule.keepFiringMs) return undefined
    this.phase = 'resolved'
    this.endedAt = wallClock
    if (!this.#isTold) return undefined
    this.#isTold = false
    return 'resolved'
  }

  #hold(now: number, wallClock: number): 'firing' | undefined {
    this.#heldLast = now
    if (this.phase === 'inactive' || this.phase === 'resolved') {
      this.phase = 'pending'
      this.#heldSince = now
      this.startedAt = wallClock
      this.endedAt = undefined
    }
    if (this.phase === 'pending' && now - this.#heldSince >= this.rule.forMs) this.phase = 'firing'
    if (this.phase !== 'firing' || this.#isTold) return undefined
    if (this.#toldLast !== undefined && now - this.#toldLast < this.rule.cooldownMs) return undefined
    this.#isTold = true
    this.#toldLast = now
    return 'firing'
  }
}
