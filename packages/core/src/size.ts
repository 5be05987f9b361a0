import { ConfigError } from './errors.js'

/** A size: bytes, or a number with a unit of 1,024: `'512b'`, `'64kb'`, `'1mb'`, `'2gb'`. */
export type Size = number | `${number}${'b' | 'kb' | 'mb' | 'gb'}`

const unitBytes: Readonly<Record<string, number>> = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 }

/** The bytes of a size; `undefined` where it is none. */
export function parseSize(value: unknown): number | undefined {
  if (typeof value === 'string') {
    const match = /^(\d{1,12}(?:\.\d{1,6})?)(b|kb|mb|gb)$/.exec(value.toLowerCase())
    if (match === null) return undefined
    return Math.floor(Number(match[1]) * (unitBytes[match[2] as string] as number))
  }
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}

/**
 * The bytes of the option `option`.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID` where it is no size or less than `min`.
 */
export function sizeOption(factory: string, option: string, value: unknown, min = 0): number {
  const bytes = parseSize(value)
  if (bytes !== undefined && bytes >= min) return bytes
  throw new ConfigError(factory, option, `a size such as '1mb' or bytes, at least ${min}`, value)
}
