/**
 * A schema of any library that follows Standard Schema 1 (standardschema.dev): Zod from 3.24, Valibot from 1, ArkType
 * from 2, or an object written by hand. Written down here so that no library is needed for the type.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    /** Version of the standard. */
    readonly version: 1
    /** The library it comes from. */
    readonly vendor: string
    /** Checks a value; a promise where the schema waits for something. */
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    /** Holds types only; never set. */
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

/** What a schema answers: the value as it reads it, or what is wrong with it. */
export type SchemaResult<Output> =
  { readonly value: Output; readonly issues?: undefined } | { readonly issues: ReadonlyArray<SchemaIssue> }

/** One thing that a schema finds wrong. */
export interface SchemaIssue {
  readonly message: string
  /** Where: keys from the outside in, each bare or in an object. */
  readonly path?: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined
}

/** The type of what a schema gives back. */
export type SchemaOutput<Schema extends StandardSchema> = NonNullable<Schema['~standard']['types']>['output']

/** The type of what a schema takes. */
export type SchemaInput<Schema extends StandardSchema> = NonNullable<Schema['~standard']['types']>['input']

/** Whether `value` is a schema that follows the standard. ArkType's are functions. */
export function isStandardSchema(value: unknown): value is StandardSchema {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false
  const standard = (value as Partial<StandardSchema>)['~standard']
  return typeof standard === 'object' && standard?.version === 1 && typeof standard.validate === 'function'
}
