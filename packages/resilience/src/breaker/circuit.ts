import { channels, type Clock } from '@hardening/core'
import { CircuitOpenError } from '../errors.js'
import type { Delays, DelayFactory } from '../retry/backoff.js'
import type { BreakerRule, RuleState } from './rules.js'

/** Where a breaker stands. */
export type BreakerState = 'closed' | 'open' | 'half-open' | 'isolated'

/**
 * What a breaker may do: `auto` opens and closes by its rules; `observing` tells what it would do, and lets all pass;
 * `disabled` counts nothing and lets all pass; `isolated` refuses all until it is set otherwise.
 */
export type BreakerMode = 'auto' | 'observing' | 'disabled' | 'isolated'

/** A change of state. */
export interface BreakerChange {
  readonly breaker: string
  readonly from: BreakerState
  readonly to: BreakerState
}

/** What a {@link Circuit} is made of. */
export interface CircuitParts {
  readonly name: string
  readonly rules: readonly BreakerRule[]
  readonly openDelays: DelayFactory
  readonly probes: number
  readonly probeTimeoutMs: number
  readonly clock: Clock
  readonly onChange: ((change: BreakerChange) => void) | undefined
}

/** How long those wait who find all probes taken: a probe's end decides, and nobody knows when that is. */
const probeWaitMs = 1000

/** In place of a ticket. */
export const refused = -2

/**
 * The states of a breaker and the ways between them. A call takes a ticket when it comes and gives it back when it ends;
 * the ticket is the number of the state's generation, so that what began before a change says nothing after it.
 */
export class Circuit {
  readonly name: string
  readonly #parts: CircuitParts
  readonly #rules: readonly RuleState[]
  #state: BreakerState = 'closed'
  #mode: BreakerMode = 'auto'
  #generation = 0
  #opening: Delays | undefined = undefined
  #openUntil = 0
  #changedAt: number
  #probesLeft = 0
  #probesDone = 0
  #probedAt = 0

  constructor(parts: CircuitParts) {
    this.name = parts.name
    this.#parts = parts
    this.#rules = parts.rules.map((rule) => rule.create(parts.clock))
    this.#changedAt = parts.clock.monotonic()
  }

  get state(): BreakerState {
    return this.#mode === 'isolated' ? 'isolated' : this.#state
  }

  get mode(): BreakerMode {
    return this.#mode
  }

  /** Monotonic milliseconds of the last change. */
  get changedAt(): number {
    return this.#changedAt
  }

  get retryAfterMs(): number {
    switch (this.state) {
      case 'closed':
        return 0
      case 'open':
        return Math.max(0, this.#openUntil - this.#parts.clock.monotonic())
      case 'half-open':
        return this.#probesLeft > 0 ? 0 : probeWaitMs
      case 'isolated':
        return this.#parts.openDelays.next(undefined).duration
    }
  }

  /** A ticket; {@link refused} where the call must not be made: see {@link Circuit.refusal}. */
  enter(): number {
    if (this.#state === 'closed' && this.#mode === 'auto') return this.#generation
    return this.#enterChanged()
  }

  #enterChanged(): number {
    if (this.#mode === 'disabled') return -1
    if (this.#mode === 'isolated') return refused
    if (this.#state === 'closed') return this.#generation
    const now = this.#parts.clock.monotonic()
    if (this.#state === 'half-open' && this.#probesLeft === 0 && now - this.#probedAt >= this.#parts.probeTimeoutMs) {
      // A probe that hangs without a time-out of its own has failed.
      this.#open()
    }
    if (this.#state === 'open' && now >= this.#openUntil) {
      this.#probesLeft = this.#parts.probes
      this.#probesDone = 0
      this.#change('half-open')
    }
    if (this.#state === 'half-open' && this.#probesLeft > 0) {
      this.#probesLeft--
      this.#probedAt = now
      return this.#generation
    }
    return this.#mode === 'observing' ? -1 : refused
  }

  /** A call has ended and says something about the service. */
  record(ticket: number, failed: boolean, durationMs: number, now: number): void {
    if (ticket !== this.#generation) return
    if (this.#state === 'closed') {
      let mustOpen = false
      for (const rule of this.#rules) if (rule.record(failed, durationMs, now)) mustOpen = true
      if (mustOpen) this.#open()
      return
    }
    if (this.#state !== 'half-open') return
    if (failed || this.#parts.rules.some((rule) => rule.isSlow?.(durationMs) === true)) this.#open()
    else if (++this.#probesDone >= this.#parts.probes) this.#close()
  }

  /** A call has ended and says nothing about the service. */
  release(ticket: number): void {
    if (ticket === this.#generation && this.#state === 'half-open') this.#probesLeft++
  }

  setMode(mode: BreakerMode): void {
    const from = this.state
    this.#mode = mode
    if (mode === 'disabled') this.#settle('closed')
    this.#generation++
    this.#tell(from)
  }

  trip(): void {
    if (this.#state !== 'open') this.#open()
  }

  reset(): void {
    if (this.#state !== 'closed') this.#close()
    else for (const rule of this.#rules) rule.reset()
  }

  #open(): void {
    this.#opening = (this.#opening ?? this.#parts.openDelays).next(undefined)
    this.#openUntil = this.#parts.clock.monotonic() + this.#opening.duration
    this.#change('open')
  }

  #close(): void {
    this.#change('closed')
  }

  #change(to: BreakerState): void {
    const from = this.state
    this.#settle(to)
    this.#tell(from)
  }

  #settle(to: BreakerState): void {
    this.#state = to
    this.#generation++
    if (to !== 'closed') return
    this.#opening = undefined
    for (const rule of this.#rules) rule.reset()
  }

  #tell(from: BreakerState): void {
    const to = this.state
    if (from === to) return
    this.#changedAt = this.#parts.clock.monotonic()
    const change = { breaker: this.name, from, to }
    if (channels.breakerState.hasSubscribers) channels.breakerState.publish(change)
    try {
      this.#parts.onChange?.(change)
    } catch {
      // A listener's fault is not the call's.
    }
  }

  refusal(): CircuitOpenError {
    return new CircuitOpenError(this.name, this.retryAfterMs)
  }
}
