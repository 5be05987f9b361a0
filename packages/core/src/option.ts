import { ConfigError } from './errors.js'

/**
 * Refuses options that the factory does not know, so that a typing error is not a protection that is silently off.
 *
 * @throws ConfigError naming every unknown option.
 */
export function rejectUnknownOptions(factory: string, options: unknown, known: readonly string[], at = ''): void {
  if (options === undefined) return
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new ConfigError(factory, at || 'options', 'an object', options)
  }
  const unknown = Object.keys(options).filter((name) => !known.includes(name))
  if (unknown.length === 0) return
  const expected = `left out: it is not an option (known: ${known.join(', ')})`
  throw new ConfigError(
    factory,
    unknown.map((name) => ({
      option: at ? `${at}.${name}` : name,
      expected,
      got: (options as Record<string, unknown>)[name],
    })),
  )
}

/** The option as an integer from `min` to `max`. @throws ConfigError */
export function integerOption(
  factory: string,
  option: string,
  value: unknown,
  { min = 0, max = Number.MAX_SAFE_INTEGER }: { min?: number; max?: number } = {},
): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max) return value
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`
  throw new ConfigError(factory, option, `an integer ${range}`, value)
}

/** The option as a finite number from `min` to `max`. @throws ConfigError */
export function numberOption(
  factory: string,
  option: string,
  value: unknown,
  { min = -Number.MAX_VALUE, max = Number.MAX_VALUE }: { min?: number; max?: number } = {},
): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= min && value <= max) return value
  throw new ConfigError(factory, option, `a number from ${min} to ${max}`, value)
}

/** The option as a boolean. @throws ConfigError */
export function booleanOption(factory: string, option: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value
  throw new ConfigError(factory, option, 'true or false', value)
}

/** The option as a string that is not empty. @throws ConfigError */
export function stringOption(factory: string, option: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value
  throw new ConfigError(factory, option, 'a string that is not empty', value)
}

/** The option as a function. @throws ConfigError */
export function functionOption<F extends (...args: never[]) => unknown>(
  factory: string,
  option: string,
  value: F | undefined,
): F {
  if (typeof value === 'function') return value
  throw new ConfigError(factory, option, 'a function', value)
}

/** The option as one of `choices`. @throws ConfigError */
export function choiceOption<const T extends string>(
  factory: string,
  option: string,
  value: unknown,
  choices: readonly T[],
): T {
  if (choices.includes(value as T)) return value as T
  throw new ConfigError(factory, option, `one of ${choices.map((choice) => `'${choice}'`).join(', ')}`, value)
}
