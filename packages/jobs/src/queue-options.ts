import {
  ConfigError,
  durationOption,
  functionOption,
  integerOption,
  rejectUnknownOptions,
  sizeOption,
  type Duration,
  type Size,
} from '@hardening/core'
import { resolveBackoff, type Backoff, type BackoffOptions } from './backoff.js'
import type { JobSchema } from './data.js'

/** How many finished jobs are kept, and for how long. */
export interface KeepOptions {
  /** How many at most. */
  count?: number
  /** How long at most. */
  age?: Duration
}

/** Options of a queue: `jobs.define(name, options, handler)`. */
export interface QueueOptions<Data = unknown> {
  /** How often a job is tried in all. @defaultValue 3 */
  attempts?: number
  /** How long to wait before it is tried again. @defaultValue exponential from 1 s to 1 h, half of it by chance */
  backoff?: BackoffOptions
  /** How many run side by side in this process. @defaultValue 5 */
  concurrency?: number
  /** How long an attempt may take; then its signal fires and it has failed. @defaultValue `'5m'` */
  timeout?: Duration
  /** How many jobs may be started in a span of time, over all processes. @defaultValue no limit */
  rate?: { limit: number; per: Duration }
  /** Checks the data when a job is enqueued: any Standard Schema (Zod, Valibot, ArkType). */
  schema?: JobSchema<Data>
  /** Whether an error is worth another attempt. @defaultValue every error but `UnrecoverableJobError` */
  isRetryable?: (error: unknown) => boolean
  /** The idempotency key of a job whose `enqueue` names none. */
  idempotencyKey?: (data: Data) => string
  /** How long an idempotency key holds; never shorter than its job is kept. @defaultValue `'1d'` */
  idempotencyTtl?: Duration
  /** Bytes of a job's data, and of its result, as JSON. @defaultValue `'256kb'` */
  maxDataSize?: Size
  /** Jobs that wait, are delayed or run; more are refused. Of the embedded driver. @defaultValue 100,000 */
  maxQueued?: number
  /** Completed jobs to keep. @defaultValue 1,000, for 1 h */
  keepCompleted?: KeepOptions
  /** Dead letters to keep. @defaultValue 1,000, for 7 d */
  keepDead?: KeepOptions
}

/** Options of `enqueue`. */
export interface EnqueueOptions {
  /** How long to wait before it may run. @defaultValue 0 */
  delay?: Duration
  /** From -10 to 10: higher runs first; the same runs in order of arrival. @defaultValue 0 */
  priority?: number
  /** While it holds, no second job with this key is made. Stored as a hash. @defaultValue the queue's */
  idempotencyKey?: string
  /** How often it is tried in all. @defaultValue the queue's */
  attempts?: number
}

/** {@link QueueOptions}, checked. */
export interface QueueSettings {
  readonly name: string
  readonly attempts: number
  readonly backoff: Backoff
  readonly concurrency: number
  readonly timeoutMs: number
  readonly rate: { readonly limit: number; readonly perMs: number } | undefined
  readonly schema: JobSchema | undefined
  readonly isRetryable: (error: unknown) => boolean
  readonly idempotencyKey: ((data: unknown) => string) | undefined
  readonly idempotencyTtlMs: number
  readonly maxDataBytes: number
  readonly maxQueued: number
  readonly keepCompleted: { readonly count: number; readonly ageMs: number }
  readonly keepDead: { readonly count: number; readonly ageMs: number }
}

export const priorities = { min: -10, max: 10 } as const

const factory = 'define'
const queueOptionNames = [
  'attempts',
  'backoff',
  'concurrency',
  'timeout',
  'rate',
  'schema',
  'isRetryable',
  'idempotencyKey',
  'idempotencyTtl',
  'maxDataSize',
  'maxQueued',
  'keepCompleted',
  'keepDead',
] as const

/** @throws ConfigError `ERR_CONFIG_INVALID` */
export function resolveQueueOptions<Data>(name: unknown, options: QueueOptions<Data>): QueueSettings {
  if (typeof name !== 'string' || !/^[A-Za-z0-9_.-]{1,64}$/.test(name)) {
    throw new ConfigError(factory, 'name', '1 to 64 letters, digits, `.`, `_` and `-`', name)
  }
  rejectUnknownOptions(factory, options, queueOptionNames)
  const { attempts = 3, concurrency = 5, timeout = '5m', schema, isRetryable = always, idempotencyKey } = options
  const { idempotencyTtl = '1d', maxDataSize = '256kb', maxQueued = 100_000 } = options
  if (schema !== undefined && typeof schema['~standard']?.validate !== 'function') {
    throw new ConfigError(factory, 'schema', 'a Standard Schema (Zod, Valibot, ArkType)', schema)
  }
  return {
    name,
    attempts: attemptsOption(attempts),
    backoff: resolveBackoff(factory, 'backoff', options.backoff),
    concurrency: integerOption(factory, 'concurrency', concurrency, { min: 1, max: 10_000 }),
    timeoutMs: durationOption(factory, 'timeout', timeout, { min: 1 }),
    rate: rateOption(options.rate),
    schema,
    isRetryable: functionOption(factory, 'isRetryable', isRetryable),
    idempotencyKey:
      idempotencyKey === undefined
        ? undefined
        : (functionOption(factory, 'idempotencyKey', idempotencyKey) as (data: unknown) => string),
    idempotencyTtlMs: durationOption(factory, 'idempotencyTtl', idempotencyTtl, { min: 1000, max: 366 * 86_400_000 }),
    maxDataBytes: sizeOption(factory, 'maxDataSize', maxDataSize, 1),
    maxQueued: integerOption(factory, 'maxQueued', maxQueued, { min: 1, max: 10_000_000 }),
    keepCompleted: keepOption('keepCompleted', options.keepCompleted, '1h'),
    keepDead: keepOption('keepDead', options.keepDead, '7d'),
  }
}

function always(): boolean {
  return true
}

/** @throws ConfigError `ERR_CONFIG_INVALID` */
function attemptsOption(attempts: unknown, of: string = factory): number {
  return integerOption(of, 'attempts', attempts, { min: 1, max: 1000 })
}

function rateOption(rate: QueueOptions['rate']): QueueSettings['rate'] {
  if (rate === undefined) return undefined
  rejectUnknownOptions(factory, rate, ['limit', 'per'], 'rate')
  return {
    limit: integerOption(factory, 'rate.limit', rate.limit, { min: 1 }),
    perMs: durationOption(factory, 'rate.per', rate.per, { min: 1 }),
  }
}

function keepOption(option: string, keep: KeepOptions = {}, defaultAge: Duration): { count: number; ageMs: number } {
  rejectUnknownOptions(factory, keep, ['count', 'age'], option)
  const { count = 1000, age = defaultAge } = keep
  return {
    count: integerOption(factory, `${option}.count`, count, { max: 1_000_000 }),
    ageMs: durationOption(factory, `${option}.age`, age, { min: 1000, max: 366 * 86_400_000 }),
  }
}

/** {@link EnqueueOptions}, checked. @throws ConfigError `ERR_CONFIG_INVALID` */
export function resolveEnqueueOptions(
  options: EnqueueOptions,
  settings: QueueSettings,
): { delayMs: number; priority: number; maxAttempts: number } {
  rejectUnknownOptions('enqueue', options, ['delay', 'priority', 'idempotencyKey', 'attempts'])
  const { delay = 0, priority = 0, attempts } = options
  return {
    delayMs: durationOption('enqueue', 'delay', delay, { max: 366 * 86_400_000 }),
    priority: integerOption('enqueue', 'priority', priority, priorities),
    maxAttempts: attempts === undefined ? settings.attempts : attemptsOption(attempts, 'enqueue'),
  }
}
