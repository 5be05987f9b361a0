import { channels, type Clock } from '@hardening/core'
import type { CheckResult, CheckStatus, HealthCheck } from './check.js'

/** What is known of one check. */
export interface CheckState extends CheckResult {
  readonly name: string
  readonly critical: boolean
  readonly type: NonNullable<HealthCheck['type']>
  readonly durationMs: number
  /** Wall-clock milliseconds at which it was found. */
  readonly at: number
}

/** How often a check has to say the same before its state changes. */
export interface Hysteresis {
  readonly failures: number
  readonly successes: number
}

/** Runs one check: once for all who ask at the same time, in its time, and without being fooled by a single slip. */
export class CheckRunner {
  readonly check: HealthCheck
  readonly #timeoutMs: number
  readonly #cacheMs: number
  readonly #hysteresis: Hysteresis
  readonly #clock: Clock
  #running: Promise<CheckState> | undefined
  #last: CheckState | undefined
  #freshUntil = Number.NEGATIVE_INFINITY
  #streak = 0
  #streakGood = true

  constructor(check: HealthCheck, timeoutMs: number, cacheMs: number, hysteresis: Hysteresis, clock: Clock) {
    this.check = check
    this.#timeoutMs = check.timeoutMs ?? timeoutMs
    this.#cacheMs = cacheMs
    this.#hysteresis = hysteresis
    this.#clock = clock
  }

  get last(): CheckState | undefined {
    return this.#last
  }

  run(): Promise<CheckState> {
    if (this.#last !== undefined && this.#clock.monotonic() < this.#freshUntil) return Promise.resolve(this.#last)
    return (this.#running ??= this.#find().finally(() => {
      this.#running = undefined
    }))
  }

  async #find(): Promise<CheckState> {
    const start = this.#clock.monotonic()
    const found = await this.#inTime()
    const settled = this.#settle(found)
    const state: CheckState = {
      ...settled,
      name: this.check.name,
      critical: this.check.critical ?? true,
      type: this.check.type ?? 'component',
      durationMs: this.#clock.monotonic() - start,
      at: this.#clock.now(),
    }
    this.#tell(state)
    this.#last = state
    this.#freshUntil = this.#clock.monotonic() + this.#cacheMs
    return state
  }

  /** The check's answer, or `fail` when its time is over: whoever asks never waits for a check that hangs. */
  async #inTime(): Promise<CheckResult> {
    const controller = new AbortController()
    let timer: unknown
    const late = new Promise<CheckResult>((resolve) => {
      timer = this.#clock.setTimeout(() => {
        controller.abort(new Error(`The check ${this.check.name} took longer than ${this.#timeoutMs} ms`))
        resolve({ status: 'fail', output: `timeout after ${this.#timeoutMs} ms` })
      }, this.#timeoutMs)
    })
    const answer = (async () => (await this.check.check(controller.signal)) ?? { status: 'pass' as const })()
    try {
      return await Promise.race([answer, late])
    } catch (error) {
      return { status: 'fail', output: error instanceof Error ? error.message : String(error) }
    } finally {
      this.#clock.clearTimeout(timer)
      answer.catch(ignore)
    }
  }

  /** Holds on to the last state until enough answers in a row say otherwise. */
  #settle(found: CheckResult): CheckResult {
    const good = found.status !== 'fail'
    this.#streak = good === this.#streakGood ? this.#streak + 1 : 1
    this.#streakGood = good
    if (this.#last === undefined) return found
    const wasGood = this.#last.status !== 'fail'
    if (good === wasGood) return found
    const needed = good ? this.#hysteresis.successes : this.#hysteresis.failures
    if (this.#streak >= needed) return found
    const { status, output, observedValue, observedUnit } = this.#last
    return {
      status,
      ...(output !== undefined && { output }),
      ...(observedValue !== undefined && { observedValue }),
      ...(observedUnit !== undefined && { observedUnit }),
    }
  }

  #tell(state: CheckState): void {
    const from: CheckStatus | 'unknown' = this.#last?.status ?? 'unknown'
    if (from === state.status || !channels.healthChange.hasSubscribers) return
    channels.healthChange.publish({ check: state.name, from, to: state.status, critical: state.critical })
  }
}

// A check that fails after its time was over has been answered for already.
function ignore(): void {}
