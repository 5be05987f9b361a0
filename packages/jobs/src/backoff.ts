import { choiceOption, durationOption, numberOption, rejectUnknownOptions, type Duration } from '@hardening/core'

/** How long to wait before a failed job is tried again. */
export interface BackoffOptions {
  /** `exponential` doubles the delay with each attempt, `linear` adds it once more, `fixed` keeps it. @defaultValue `'exponential'` */
  type?: 'exponential' | 'linear' | 'fixed'
  /** Delay after the first failure. @defaultValue `'1s'` */
  delay?: Duration
  /** Delay at most. @defaultValue `'1h'` */
  max?: Duration
  /** Share of the delay that is left to chance, from 0 to 1, so that what failed together is not tried together. @defaultValue 0.5 */
  jitter?: number
}

/** {@link BackoffOptions}, checked. */
export interface Backoff {
  readonly type: 'exponential' | 'linear' | 'fixed'
  readonly delayMs: number
  readonly maxMs: number
  readonly jitter: number
}

/** @throws ConfigError `ERR_CONFIG_INVALID` */
export function resolveBackoff(factory: string, option: string, options: BackoffOptions = {}): Backoff {
  rejectUnknownOptions(factory, options, ['type', 'delay', 'max', 'jitter'], option)
  const { type = 'exponential', delay = '1s', max = '1h', jitter = 0.5 } = options
  const delayMs = durationOption(factory, `${option}.delay`, delay)
  return {
    type: choiceOption(factory, `${option}.type`, type, ['exponential', 'linear', 'fixed']),
    delayMs,
    maxMs: durationOption(factory, `${option}.max`, max, { min: delayMs }),
    jitter: numberOption(factory, `${option}.jitter`, jitter, { min: 0, max: 1 }),
  }
}

/** Milliseconds to wait after the failure of attempt `attempt` (from 1): the full delay less what chance takes of it. */
export function backoffDelay({ type, delayMs, maxMs, jitter }: Backoff, attempt: number, random: () => number): number {
  const factor = type === 'fixed' ? 1 : type === 'linear' ? attempt : 2 ** (attempt - 1)
  return Math.round(Math.min(maxMs, delayMs * factor) * (1 - jitter * random()))
}
