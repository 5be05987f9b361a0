import type { SchemaIssue, SchemaResult, StandardSchema } from '../validate/standard-schema.js'

/** What a validator answers: the value in its normal form, or what is wrong with it. */
export type Check<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false
      /** Stable name of what is wrong: `too_short`, `private_address` ... */
      readonly code: string
      /** What is wrong, to be read after the name of the field. Repeats no value. */
      readonly message: string
      /** The member at fault, where the value has several. */
      readonly field?: string
    }

export function fine<T>(value: T): Check<T> {
  return { ok: true, value }
}

export function wrong(
  code: string,
  message: string,
  field?: string,
): { readonly ok: false; readonly code: string; readonly message: string; readonly field?: string } {
  return field === undefined ? { ok: false, code, message } : { ok: false, code, message, field }
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
  const answer = (result: Check<T>): SchemaResult<T> => {
    if (result.ok) return { value: result.value }
    const { message, code, field } = result
    // The code is no part of the standard, which lets issues carry more.
    const issue: SchemaIssue & { readonly code: string } = {
      message,
      code,
      ...(field === undefined ? {} : { path: [field] }),
    }
    return { issues: [issue] }
  }
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
