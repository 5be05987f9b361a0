import type { StandardSchema } from '../validate/standard-schema.js'

/** What a validator answers: the value in its normal form, or what is wrong with it. */
export type Check<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false
      /** Stable name of what is wrong: `too_short`, `private_address` ... */
      readonly code: string
      /** What is wrong, to be read after the name of the field. Repeats no value. */
      readonly message: string
    }

export function fine<T>(value: T): Check<T> {
  return { ok: true, value }
}

export function wrong(code: string, message: string): { ok: false; code: string; message: string } {
  return { ok: false, code, message }
}

/**
 * A validator as a schema for {@link validate}, or wherever a Standard Schema is taken.
 *
 * @example
 * ```ts
 * validate({ query: v.object({ url: schemaOf((value) => checkUrl(value, { privateAddresses: 'refuse' })) }) })
 * ```
 */
export function schemaOf<T>(check: (value: unknown) => Check<T> | Promise<Check<T>>): StandardSchema<unknown, T> {
  const answer = (result: Check<T>): { value: T } | { issues: { message: string }[] } =>
    result.ok
      ? { value: result.value }
      : { issues: [{ message: result.message, code: result.code } as { message: string }] }
  return {
    '~standard': {
      version: 1,
      vendor: '@hardening/validation',
      validate: (value) => {
        const result = check(value)
        return 'then' in result ? result.then(answer) : answer(result)
      },
    },
  }
}
