import {
  booleanOption,
  ConfigError,
  durationOption,
  functionOption,
  integerOption,
  rejectUnknownOptions,
  stringOption,
  systemClock,
  type Clock,
  type Duration,
} from '@hardening/core'
import { classifyOption, type ClassifyOption } from '../classify/option.js'
import { property } from '../classify/judgement.js'
import { LayeredPolicy, type Policy } from '../policy.js'
import { newStats } from '../stats.js'
import { backoffOption, type Backoff, type DelayFactory } from './backoff.js'
import { retryBudget, type RetryBudget, type RetryBudgetOptions } from './retry-budget.js'
import { retryPart } from './retry-part.js'

/** What a listener is told of a retry. */
export interface RetryEvent {
  readonly service: string
  /** 1 for the first retry. */
  readonly retry: number
  /** Milliseconds until it. */
  readonly delayMs: number
  /** What the attempt before threw; `undefined` where its result was a failure. */
  readonly error: unknown
}

/** How failed attempts are tried again. */
export interface RetryRules {
  /** Attempts beyond the first, 0 to 100. @defaultValue 3 */
  retries?: number
  /** How long to wait before them. @defaultValue `'exponential'`: 100 ms to 30 s with decorrelated jitter */
  backoff?: Backoff
  /** Bounds the retries of all calls together; `false` for no bound. @defaultValue a fifth of the calls and 10 a second */
  budget?: RetryBudget | RetryBudgetOptions | false
  /** Longest `Retry-After` that is waited for; a longer one ends the call. @defaultValue `'30s'` */
  maxRetryAfter?: Duration
  /** Is told before each retry waits. What it throws is ignored. */
  onRetry?: (event: RetryEvent) => void
}

/** Options of {@link retry}. */
export interface RetryOptions extends RetryRules {
  /**
   * Whether doing it twice does no harm. Where not, only failures that surely had no effect are tried again.
   *
   * @defaultValue `false`
   */
  idempotent?: boolean
  /** Which errors are tried again. @defaultValue `'standard'` */
  classify?: ClassifyOption
  /** Name of what is asked. @defaultValue `'call'` */
  service?: string
  /** Where time comes from. @defaultValue the system's */
  clock?: Clock
  /** Where chance comes from: 0 to 1. @defaultValue `Math.random` */
  random?: () => number
}

/**
 * Tries again what may go well the next time. What must not be done twice is tried again only after failures that surely
 * had no effect: `idempotent` says that it may be. Ends at once when its signal fires, also while it waits; does not begin
 * a wait that would outlast the call's deadline.
 *
 * @example
 * const patient = retry({ idempotent: true, retries: 5, backoff: { kind: 'exponential', initial: '200ms' } })
 * const rates = await patient.execute(({ signal }) => loadRates({ signal }))
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 */
export function retry(options: RetryOptions = {}): Policy {
  const factory = 'retry'
  rejectUnknownOptions(factory, options, [...retryRuleNames, 'idempotent', 'classify', 'service', 'clock', 'random'])
  const {
    idempotent = false,
    classify = 'standard',
    service = 'call',
    clock = systemClock,
    random = Math.random,
  } = options
  booleanOption(factory, 'idempotent', idempotent)
  stringOption(factory, 'service', service)
  functionOption(factory, 'random', random)
  const stats = newStats()
  const part = retryPart({
    ...resolveRetry(factory, '', options, clock, random),
    idempotent,
    classifier: classifyOption(factory, 'classify', classify, clock),
    service,
    clock,
    stats,
  })
  return new LayeredPolicy({ service, clock, stats, ...part })
}

/** The names of {@link RetryRules}. */
export const retryRuleNames: readonly (keyof RetryRules)[] = [
  'retries',
  'backoff',
  'budget',
  'maxRetryAfter',
  'onRetry',
]

/** Rules without gaps. */
export interface ResolvedRetryRules {
  readonly retries: number
  readonly delays: DelayFactory
  readonly budget: RetryBudget | undefined
  readonly maxRetryAfterMs: number
  readonly onRetry: ((event: RetryEvent) => void) | undefined
}

/** Fills and checks rules. @throws ConfigError */
export function resolveRetry(
  factory: string,
  at: string,
  rules: RetryRules,
  clock: Clock,
  random: () => number,
): ResolvedRetryRules {
  const { retries = 3, backoff = 'exponential', budget = {}, maxRetryAfter = '30s', onRetry } = rules
  if (onRetry !== undefined) functionOption(factory, `${at}onRetry`, onRetry)
  return {
    retries: integerOption(factory, `${at}retries`, retries, { max: 100 }),
    delays: backoffOption(factory, `${at}backoff`, backoff, random),
    budget: budgetOption(factory, `${at}budget`, budget, clock),
    maxRetryAfterMs: durationOption(factory, `${at}maxRetryAfter`, maxRetryAfter),
    onRetry,
  }
}

function budgetOption(
  factory: string,
  option: string,
  value: RetryBudget | RetryBudgetOptions | false,
  clock: Clock,
): RetryBudget | undefined {
  if (value === false) return undefined
  if (typeof property(value, 'earn') === 'function' && typeof property(value, 'spend') === 'function') {
    return value as RetryBudget
  }
  if (typeof value !== 'object' || value === null) {
    throw new ConfigError(factory, option, 'a budget, its options or false', value)
  }
  return retryBudget({ clock, ...(value as RetryBudgetOptions) })
}
