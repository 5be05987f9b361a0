import { describeValue, parseDuration, parseSize } from '@hardening/core'

/** One setting: where it comes from, how its text is read, and what the documents say of it. */
export interface Setting<Value> {
  /** Name of the environment variable. */
  readonly name: string
  /** What it is for, in one sentence. */
  readonly about: string
  /** Value where the variable is unset or empty; `undefined` is a value where the type allows it. */
  readonly fallback: Value
  /** What is accepted, to be read after "must be". */
  readonly expected: string
  /** Whether the value is never shown, and may be read from the file that `<NAME>_FILE` names. */
  readonly secret: boolean
  /** The value of a text; `undefined` where it is none. */
  read(text: string): Value | undefined
}

type About<Value> = Pick<Setting<Value>, 'name' | 'about' | 'fallback'>

const make = <Value>(
  about: About<Value>,
  expected: string,
  read: (text: string) => Value | undefined,
): Setting<Value> => ({
  ...about,
  expected,
  secret: false,
  read,
})

export const text = <V extends string | undefined>(about: About<V>): Setting<V> =>
  make(about, 'a text', (value) => value as V)

/** A text that is never shown. */
export const secret = <V extends string | undefined>(about: About<V>, least = 1): Setting<V> => ({
  ...make(about, least > 1 ? `a secret of at least ${least} characters` : 'a secret', (value) =>
    value.length >= least ? (value as V) : undefined,
  ),
  secret: true,
})

/** A URL, which may hold a password and so is treated as a secret. */
export const url = <V extends string | undefined>(about: About<V>, ...schemes: string[]): Setting<V> => ({
  ...make(about, `a URL of ${schemes.map((scheme) => `${scheme}//`).join(' or ')}`, (value) => {
    try {
      return schemes.includes(new URL(value).protocol) ? (value as V) : undefined
    } catch {
      return undefined
    }
  }),
  secret: true,
})

export const integer = (about: About<number>, min: number, max: number = Number.MAX_SAFE_INTEGER): Setting<number> =>
  make(
    about,
    max === Number.MAX_SAFE_INTEGER ? `an integer of at least ${min}` : `an integer from ${min} to ${max}`,
    (value) => {
      const number = /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN
      return number >= min && number <= max ? number : undefined
    },
  )

export const ratio = (about: About<number>): Setting<number> =>
  make(about, 'a number from 0 to 1', (value) => {
    const number = /^\d(?:\.\d{1,9})?$/.test(value) ? Number(value) : Number.NaN
    return number <= 1 ? number : undefined
  })

export const flag = (about: About<boolean>): Setting<boolean> =>
  make(about, "'true' or 'false'", (value) => ({ true: true, false: false, 1: true, 0: false })[value.toLowerCase()])

export const choice = <V extends string>(about: About<V>, ...choices: V[]): Setting<V> =>
  make(about, `one of ${choices.map(describeValue).join(', ')}`, (value) => choices.find((one) => one === value))

/** Milliseconds, written as `30s` or `1m`. */
export const duration = (about: About<number>): Setting<number> =>
  make(about, 'a duration such as 30s or 5m', (value) => parseDuration(/^\d+$/.test(value) ? Number(value) : value))

/** Bytes, written as `1mb`. */
export const size = (about: About<number>): Setting<number> =>
  make(about, 'a size such as 512kb or 1mb', (value) => parseSize(/^\d+$/.test(value) ? Number(value) : value))

/** Texts with commas between them. */
export const list = (about: About<readonly string[]>): Setting<readonly string[]> =>
  make(about, 'a list with commas', (value) =>
    value
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  )

/** What Express's `trust proxy` may safely be: a number of proxies, or their addresses. Never `true`. */
export const proxies = (
  about: About<false | number | readonly string[]>,
): Setting<false | number | readonly string[]> =>
  make(
    about,
    "'false', a number of proxies, or their addresses with commas; 'true' would believe every client",
    (value) => {
      if (value === 'false' || value === '0') return false
      if (/^\d{1,2}$/.test(value)) return Number(value)
      return value === 'true' ? undefined : value.split(',').map((item) => item.trim())
    },
  )
