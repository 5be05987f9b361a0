/** What a check has found. */
export type CheckStatus = 'pass' | 'warn' | 'fail'

/** The answer of a check; nothing at all stands for `pass`. */
export interface CheckResult {
  readonly status: CheckStatus
  /** Why it is not `pass`. Seen only by those who may see details. */
  readonly output?: string
  /** What was measured, for the details. */
  readonly observedValue?: number | string | boolean
  /** Its unit: `ms`, `bytes`, `percent`. */
  readonly observedUnit?: string
}

/** Something that the application depends on, and how to find out whether it is well. */
export interface HealthCheck {
  /** Name in reports and metrics; without `:` (draft-inadarei-api-health-check-06 section 4). */
  readonly name: string
  /** Finds out. Throwing or rejecting is `fail`. The signal fires when the check's time is over. */
  check(signal: AbortSignal): CheckResult | void | Promise<CheckResult | void>
  /**
   * Whether the application cannot do its work without it: `fail` of a critical check makes it not ready (503), that of
   * another only a warning.
   *
   * @defaultValue `true`
   */
  readonly critical?: boolean
  /** Time it has, milliseconds. @defaultValue the registry's, 2,000 */
  readonly timeoutMs?: number
  /** What kind of thing it is: `datastore`, `system`, `component`. @defaultValue `'component'` */
  readonly type?: 'datastore' | 'system' | 'component'
}
