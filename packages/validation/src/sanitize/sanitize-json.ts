import { booleanOption, integerOption, rejectUnknownOptions } from '@hardening/core'
import { InputLimitError } from '../errors.js'
import { reachesPrototype } from '../validate/shape.js'

/** What {@link sanitizeJson} may be given. */
export interface SanitizeJsonOptions {
  /** Levels of nesting. @defaultValue 32 */
  maxDepth?: number
  /** Keys and items in all. @defaultValue 10,000 */
  maxKeys?: number
  /** Characters of a string. @defaultValue 1,000,000 */
  maxStringLength?: number
  /** Whether keys that begin with `$` go as well, which MongoDB takes for operators. @defaultValue `false` */
  dropOperators?: boolean
}

/** What is done to each string of a copy: gets the string and the keys that lead to it. */
export type StringCleaner = (text: string, path: readonly string[]) => string

const optionNames: readonly (keyof SanitizeJsonOptions)[] = ['maxDepth', 'maxKeys', 'maxStringLength', 'dropOperators']

/**
 * A deep copy of JSON data that is only data: keys that lead to a prototype are gone, and so is what JSON does not know
 * (functions, symbols, `undefined`; numbers that are not finite become `null`). The input is not changed.
 *
 * @throws InputLimitError `ERR_VALIDATION_INPUT_LIMIT` beyond the bounds, which also ends cycles.
 */
export function sanitizeJson<T>(value: T, options: SanitizeJsonOptions = {}): T {
  rejectUnknownOptions('sanitizeJson', options, optionNames)
  return new JsonCopy('sanitizeJson', options, undefined).copy(value, []) as T
}

/** One copy being made. */
export class JsonCopy {
  readonly #maxDepth: number
  readonly #maxKeys: number
  readonly #maxStringLength: number
  readonly #dropOperators: boolean
  readonly #clean: StringCleaner | undefined
  #keys = 0

  constructor(factory: string, options: SanitizeJsonOptions, clean: StringCleaner | undefined) {
    const { maxDepth = 32, maxKeys = 10_000, maxStringLength = 1_000_000, dropOperators = false } = options
    this.#maxDepth = integerOption(factory, 'maxDepth', maxDepth, { min: 1, max: 1_000 })
    this.#maxKeys = integerOption(factory, 'maxKeys', maxKeys, { min: 1 })
    this.#maxStringLength = integerOption(factory, 'maxStringLength', maxStringLength, { min: 1 })
    this.#dropOperators = booleanOption(factory, 'dropOperators', dropOperators)
    this.#clean = clean
  }

  copy(value: unknown, path: string[]): unknown {
    switch (typeof value) {
      case 'string':
        return this.#text(value, path)
      case 'number':
        return Number.isFinite(value) ? value : null
      case 'boolean':
        return value
      case 'bigint':
        return String(value)
      case 'object':
        return value === null ? null : this.#object(value, path)
      default:
        return undefined
    }
  }

  #text(text: string, path: readonly string[]): string {
    if (text.length > this.#maxStringLength) {
      throw new InputLimitError(`A text is longer than ${this.#maxStringLength} characters.`)
    }
    return this.#clean === undefined ? text : this.#clean(text, path)
  }

  #object(value: object, path: string[]): unknown {
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
    if (path.length >= this.#maxDepth) {
      throw new InputLimitError(`The data is nested more than ${this.#maxDepth} levels deep.`)
    }
    const keys = Object.keys(value)
    this.#keys += keys.length
    if (this.#keys > this.#maxKeys) throw new InputLimitError(`The data has more than ${this.#maxKeys} keys and items.`)
    if (Array.isArray(value)) {
      return value.map((item, at) => this.#inside(item, String(at), path) ?? null)
    }
    const copy: Record<string, unknown> = {}
    for (const key of keys) {
      const inner = (value as Record<string, unknown>)[key]
      if (reachesPrototype(key, inner) || (this.#dropOperators && key.startsWith('$'))) continue
      const kept = this.#inside(inner, key, path)
      if (kept !== undefined) copy[key] = kept
    }
    return copy
  }

  #inside(value: unknown, key: string, path: string[]): unknown {
    path.push(key)
    const copy = this.copy(value, path)
    path.pop()
    return copy
  }
}
