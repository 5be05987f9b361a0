import { channels, createRedactor, type Clock } from '@hardening/core'
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

/** What the checks of a registry have in common. */
export interface RunnerSettings {
  readonly timeoutMs: number
  readonly cacheMs: number
  readonly hysteresis: Hysteresis
  readonly clock: Clock
}

/** A call of a check that has not answered yet. */
interface Call {
  readonly answer: Promise<CheckResult>
  readonly controller: AbortController
  readonly since: number
}

// A call that hangs is joined by later probes for so many time-outs before another one is made beside it: a check that
// takes a connection from a pool must not empty the pool, and one whose answer was lost must not fail for ever.
const PATIENCE = 10
const STATUSES: readonly unknown[] = ['pass', 'warn', 'fail']

/** Runs one check: once for all who ask at the same time, in its time, and without being fooled by a single slip. */
export class CheckRunner {
  readonly #check: HealthCheck
  readonly #timeoutMs: number
  readonly #settings: RunnerSettings
  readonly #clock: Clock
  #running: Promise<CheckState> | undefined
  #call: Call | undefined
  #last: CheckState | undefined
  #freshUntil = Number.NEGATIVE_INFINITY
  #streak = 0
  #streakGood = true

  constructor(check: HealthCheck, settings: RunnerSettings) {
    this.#check = check
    this.#timeoutMs = check.timeoutMs ?? settings.timeoutMs
    this.#settings = settings
    this.#clock = settings.clock
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
    const state: CheckState = {
      ...this.#settle(found),
      name: this.#check.name,
      critical: this.#check.critical ?? true,
      type: this.#check.type ?? 'component',
      durationMs: this.#clock.monotonic() - start,
      at: this.#clock.now(),
    }
    this.#tell(state)
    this.#last = state
    this.#freshUntil = this.#clock.monotonic() + this.#settings.cacheMs
    return state
  }

  /** The check's answer, or `fail` when its time is over: whoever asks never waits for a check that hangs. */
  async #inTime(): Promise<CheckResult> {
    const { answer, controller } = this.#ask()
    let timer: unknown
    const late = new Promise<CheckResult>((resolve) => {
      timer = this.#clock.setTimeout(() => {
        controller.abort(new Error(`The check ${this.#check.name} took longer than ${this.#timeoutMs} ms`))
        resolve({ status: 'fail', output: `timeout after ${this.#timeoutMs} ms` })
      }, this.#timeoutMs)
    })
    try {
      return await Promise.race([answer, late])
    } finally {
      this.#clock.clearTimeout(timer)
    }
  }

  #ask(): Call {
    const now = this.#clock.monotonic()
    if (this.#call !== undefined && now - this.#call.since < this.#timeoutMs * PATIENCE) return this.#call
    const controller = new AbortController()
    const call: Call = { controller, since: now, answer: this.#answer(controller.signal) }
    this.#call = call
    void call.answer.finally(() => {
      if (this.#call === call) this.#call = undefined
    })
    return call
  }

  async #answer(signal: AbortSignal): Promise<CheckResult> {
    try {
      return readResult(await this.#check.check(signal))
    } catch (error) {
      return { status: 'fail', output: hideSecrets(error instanceof Error ? messageOf(error) : String(error)) }
    }
  }

  /** Holds on to the last state until enough answers in a row say otherwise. */
  #settle(found: CheckResult): CheckResult {
    const good = found.status !== 'fail'
    this.#streak = good === this.#streakGood ? this.#streak + 1 : 1
    this.#streakGood = good
    if (this.#last === undefined || good === (this.#last.status !== 'fail')) return found
    const { failures, successes } = this.#settings.hysteresis
    return this.#streak >= (good ? successes : failures) ? found : resultOf(this.#last)
  }

  #tell(state: CheckState): void {
    const from: CheckStatus | 'unknown' = this.#last?.status ?? 'unknown'
    if (from === state.status || !channels.healthChange.hasSubscribers) return
    channels.healthChange.publish({ check: state.name, from, to: state.status, critical: state.critical })
  }
}

/** A result as far as it can be understood; nothing stands for `pass`, and what is no result for `fail`. */
function readResult(result: unknown): CheckResult {
  if (result === undefined) return { status: 'pass' }
  if (typeof result !== 'object' || result === null || !STATUSES.includes((result as CheckResult).status)) {
    return { status: 'fail', output: "the check gave no result such as { status: 'pass' }" }
  }
  return resultOf(result as CheckResult)
}

function resultOf({ status, output, observedValue, observedUnit }: CheckResult): CheckResult {
  return {
    status,
    ...(output !== undefined && { output: hideSecrets(output) }),
    ...(observedValue !== undefined && { observedValue }),
    ...(observedUnit !== undefined && { observedUnit }),
  }
}

/** Errors of several attempts (`AggregateError` of a connection) have no message of their own. */
function messageOf(error: Error): string {
  const { code } = error as { code?: unknown }
  return error.message || (typeof code === 'string' ? code : error.name)
}

// Drivers quote connection strings and credentials in their errors.
const { redactText: hideSecrets } = createRedactor({ limits: { stringLength: 500 } })
