import type { Registry } from 'prom-client'
import {
  durationOption,
  integerOption,
  numberOption,
  rejectUnknownOptions,
  systemClock,
  type Clock,
  type Duration,
} from '@hardening/core'
import { prefixOption, registryOption } from '../options.js'
import type { LlmPrice } from './llm.js'

/** Options of {@link trackers}. */
export interface TrackersOptions {
  /** Where the metrics are registered. */
  registry: Registry
  /** Start of the metrics' names. @defaultValue none */
  prefix?: string
  /** The span that `summary()` looks back over. @defaultValue `'5m'` */
  window?: Duration
  /** From when on an operation is slow, by its kind. @defaultValue `{ http: '1s', query: '200ms', function: '1s', llm: '30s', default: '1s' }` */
  slow?: Readonly<Record<string, Duration>>
  /** Names of each kind that are told apart; further ones share `other`. @defaultValue 100 */
  maxNames?: number
  /** How many of the slowest operations a summary lists. @defaultValue 10 */
  slowest?: number
  /** Dollars per million tokens, by model. @defaultValue none: no cost */
  prices?: Readonly<Record<string, LlmPrice>>
  /** Where time comes from. @defaultValue the system's */
  clock?: Clock
}

/** {@link TrackersOptions} that hold. */
export interface ResolvedTrackers {
  readonly registry: Registry
  readonly prefix: string
  readonly windowMs: number
  readonly maxNames: number
  readonly slowest: number
  readonly prices: Readonly<Record<string, LlmPrice>>
  readonly clock: Clock
  thresholdOf(kind: string): number
}

const known = ['registry', 'prefix', 'window', 'slow', 'maxNames', 'slowest', 'prices', 'clock']
const defaultThresholds: Readonly<Record<string, Duration>> = {
  http: '1s',
  query: '200ms',
  function: '1s',
  llm: '30s',
  default: '1s',
}

/** @throws ConfigError */
export function resolveTrackers(options: TrackersOptions): ResolvedTrackers {
  rejectUnknownOptions('trackers', options, known)
  const { registry, prefix = '', window = '5m', slow = {}, maxNames = 100, slowest = 10 } = options
  const { prices = {}, clock = systemClock } = options
  const thresholds = new Map<string, number>()
  for (const [kind, duration] of Object.entries({ ...defaultThresholds, ...slow })) {
    thresholds.set(kind, durationOption('trackers', `slow.${kind}`, duration, { min: 1 }))
  }
  for (const [model, price] of Object.entries(prices)) {
    numberOption('trackers', `prices.${model}.prompt`, price?.prompt, { min: 0 })
    numberOption('trackers', `prices.${model}.completion`, price?.completion, { min: 0 })
  }
  return {
    registry: registryOption('trackers', registry),
    prefix: prefixOption('trackers', prefix),
    windowMs: durationOption('trackers', 'window', window, { min: 1_000, max: 86_400_000 }),
    maxNames: integerOption('trackers', 'maxNames', maxNames, { min: 1, max: 10_000 }),
    slowest: integerOption('trackers', 'slowest', slowest, { max: 1_000 }),
    prices,
    clock,
    thresholdOf: (kind) => thresholds.get(kind) ?? (thresholds.get('default') as number),
  }
}
