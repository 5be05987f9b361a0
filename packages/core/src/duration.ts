import { ConfigError } from './errors.js'

/** A length of time: milliseconds, or a number with a unit: `'150ms'`, `'30s'`, `'1m'`, `'2h'`, `'7d'`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** The milliseconds of a duration; `undefined` where it is none, negative or too large to count exactly. */
export function parseDuration(value: unknown): number | undefined {
  if (typeof value === 'string') {
    const match = /^(\d{1,15}(?:\.\d{1,9})?)(ms|[smhd])$/.exec(value)
    if (match === null) return undefined
    return bounded(Number(match[1]) * (unitMs[match[2] as string] as number))
  }
  return typeof value === 'number' ? bounded(value) : undefined
}

function bounded(ms: number): number | undefined {
  return ms >= 0 && ms <= Number.MAX_SAFE_INTEGER ? ms : undefined
}

/** What {@link durationOption} accepts beside being a duration at all. */
export interface DurationBounds {
  /** Least milliseconds. @defaultValue 0 */
  min?: number
  /** Most milliseconds. @defaultValue 2,147,483,647, the longest timer of Node */
  max?: number
}

/**
 * The milliseconds of the option `option`.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID` where it is no duration or out of bounds.
 */
export function durationOption(
  factory: string,
  option: string,
  value: unknown,
  { min = 0, max = 2_147_483_647 }: DurationBounds = {},
): number {
  const ms = parseDuration(value)
  if (ms !== undefined && ms >= min && ms <= max) return ms
  const range = `from ${min} ms to ${max} ms`
  throw new ConfigError(factory, option, `a duration such as '30s' or milliseconds, ${range}`, value)
}
