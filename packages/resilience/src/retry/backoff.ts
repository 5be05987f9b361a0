import {
  ConfigError,
  choiceOption,
  durationOption,
  numberOption,
  rejectUnknownOptions,
  type Duration,
} from '@hardening/core'
import {
  ConstantBackoff,
  DelegateBackoff,
  ExponentialBackoff,
  IterableBackoff,
  noJitterGenerator,
  type IBackoff,
  type IBackoffFactory,
} from 'cockatiel'

/** How delays are spread, so that those who failed together do not come back together. */
export type Jitter = 'decorrelated' | 'full' | 'half' | 'none'

/** How long to wait before a retry. */
export interface BackoffOptions {
  /** How the delay grows. @defaultValue `'exponential'` */
  kind?: 'immediate' | 'constant' | 'linear' | 'exponential'
  /** First delay; for `linear` also the step. @defaultValue 100 ms */
  initial?: Duration
  /** Longest delay. @defaultValue `'30s'` */
  max?: Duration
  /** Factor from one delay to the next, for `exponential`, 1 to 10. @defaultValue 2 */
  factor?: number
  /** How delays are spread; `decorrelated` is for `exponential` alone. @defaultValue `'decorrelated'`, else `'none'` */
  jitter?: Jitter
}

/** How long to wait: a kind, its options, a list of delays whose last one repeats, or a function of the retry's number. */
export type Backoff =
  NonNullable<BackoffOptions['kind']> | BackoffOptions | readonly Duration[] | ((retry: number) => number)

/** Gives the delays of one call, one after the other. */
export type Delays = IBackoff<undefined>

/** Makes {@link Delays}: an engine of cockatiel with chance given from outside. */
export type DelayFactory = IBackoffFactory<undefined>

/** The delays that an option means. @throws ConfigError */
export function backoffOption(factory: string, option: string, value: Backoff, random: () => number): DelayFactory {
  if (typeof value === 'function') return new DelegateBackoff((_, state: number = 1) => step(value(state), state))
  if (isList(value)) return new IterableBackoff(listOption(factory, option, value))
  const options: BackoffOptions = typeof value === 'string' ? { kind: value } : value
  rejectUnknownOptions(factory, options, ['kind', 'initial', 'max', 'factor', 'jitter'], option)
  const { kind = 'exponential', initial = 100, max = '30s', factor = 2 } = options
  const { jitter = kind === 'exponential' ? 'decorrelated' : 'none' } = options
  choiceOption(factory, `${option}.kind`, kind, ['immediate', 'constant', 'linear', 'exponential'])
  const initialMs = durationOption(factory, `${option}.initial`, initial)
  const maxMs = durationOption(factory, `${option}.max`, max, { min: initialMs })
  numberOption(factory, `${option}.factor`, factor, { min: 1, max: 10 })
  const jitters = ['decorrelated', 'full', 'half', 'none'] as const
  choiceOption(factory, `${option}.jitter`, jitter, kind === 'exponential' ? jitters : jitters.slice(1))
  const spread = spreaders[jitter]
  switch (kind) {
    case 'immediate':
      return new ConstantBackoff(0)
    case 'constant':
      if (jitter === 'none') return new ConstantBackoff(initialMs)
      return new DelegateBackoff(() => spread(initialMs, random))
    case 'linear':
      return new DelegateBackoff((_, state: number = 1) =>
        step(spread(Math.min(maxMs, initialMs * state), random), state),
      )
    case 'exponential':
      return new ExponentialBackoff<number>({
        initialDelay: initialMs,
        maxDelay: maxMs,
        exponent: factor,
        generator: jitter === 'decorrelated' ? decorrelated(random) : exponential(spread, random),
      })
  }
}

/** Delays that double from `initial` to `max`: for the open time of breakers. */
export function doubling(initialMs: number, maxMs: number): DelayFactory {
  return new ExponentialBackoff<number>({
    initialDelay: initialMs,
    maxDelay: maxMs,
    generator: noJitterGenerator,
  })
}

type Spread = (delay: number, random: () => number) => number

const spreaders: Readonly<Record<Jitter, Spread>> = {
  none: (delay) => delay,
  full: (delay, random) => delay * random(),
  half: (delay, random) => delay / 2 + (delay / 2) * random(),
  decorrelated: (delay) => delay,
}

interface Bounds {
  readonly initialDelay: number
  readonly maxDelay: number
  readonly exponent: number
}

function exponential(spread: Spread, random: () => number) {
  return (state: number | undefined, { initialDelay, maxDelay, exponent }: Bounds): [number, number] => {
    const retry = state ?? 0
    return [spread(Math.min(maxDelay, initialDelay * exponent ** retry), random), retry + 1]
  }
}

/** Between the first delay and `factor` + 1 times the last one: AWS Architecture Blog, "Exponential Backoff And Jitter". */
function decorrelated(random: () => number) {
  return (state: number | undefined, { initialDelay, maxDelay, exponent }: Bounds): [number, number] => {
    const last = state ?? initialDelay
    const delay = Math.min(maxDelay, initialDelay + random() * (last * (exponent + 1) - initialDelay))
    return [delay, delay]
  }
}

function step(delay: number, state: number): { delay: number; state: number } {
  return { delay: Number.isFinite(delay) && delay > 0 ? delay : 0, state: state + 1 }
}

function isList(value: Backoff): value is readonly Duration[] {
  return Array.isArray(value)
}

function listOption(factory: string, option: string, list: readonly Duration[]): number[] {
  if (list.length === 0) throw new ConfigError(factory, option, 'a list of at least one duration', list)
  return list.map((one, at) => durationOption(factory, `${option}[${at}]`, one))
}
