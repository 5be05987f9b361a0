import type { BreakerMode, BreakerState } from './circuit.js'

/** A breaker as reports show it: what `health({ breakers })` and `breakersCheck` of `@hardening/health` read. */
export interface BreakerView {
  /** Name of what it guards. */
  readonly name: string
  readonly state: BreakerState
  readonly mode: BreakerMode
  /** Milliseconds until a new attempt makes sense; 0 where calls pass. */
  readonly retryAfterMs: number
}

/** What an operator may do with a breaker. */
export interface BreakerControl extends BreakerView {
  /** Refuses all calls until {@link BreakerControl.setMode} or {@link BreakerControl.reset}. */
  isolate(): void
  /** Opens it now, as if too much had failed. */
  trip(): void
  /** Closes it now, forgets what was counted, and goes back to `auto`. */
  reset(): void
  /** What it may do from now on. */
  setMode(mode: BreakerMode): void
}
