import { JobDataError, type JobDataIssue } from './errors.js'

/** Standard Schema 1, as far as it is used here: Zod, Valibot, ArkType and others are one. */
export interface JobSchema<Data = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<Data> | Promise<SchemaResult<Data>>
    readonly types?: { readonly input: unknown; readonly output: Data } | undefined
  }
}

type SchemaResult<Data> =
  { readonly value: Data; readonly issues?: undefined } | { readonly issues: readonly SchemaIssue[] }

interface SchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** The data as JSON text, checked. @throws JobDataError `ERR_JOBS_DATA` */
export function encodeData(
  queue: string,
  data: unknown,
  schema: JobSchema | undefined,
  maxBytes: number,
): string | Promise<string> {
  if (schema === undefined) return toJson(queue, data, maxBytes)
  const result = schema['~standard'].validate(data)
  return result instanceof Promise
    ? result.then((checked) => toJson(queue, valueOf(queue, checked), maxBytes))
    : toJson(queue, valueOf(queue, result), maxBytes)
}

function valueOf(queue: string, result: SchemaResult<unknown>): unknown {
  if (result.issues === undefined) return result.value
  throw new JobDataError(queue, result.issues.slice(0, 20).map(toIssue))
}

function toIssue({ message, path = [] }: SchemaIssue): JobDataIssue {
  const keys = path.map((part) => (typeof part === 'object' ? part.key : part))
  // RFC 6901 section 3
  return { message, pointer: keys.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('') }
}

function toJson(queue: string, data: unknown, maxBytes: number): string {
  let json: string | undefined
  try {
    json = data === undefined ? 'null' : JSON.stringify(data)
  } catch (cause) {
    throw new JobDataError(queue, [{ pointer: '', message: 'must be JSON data' }], { cause })
  }
  if (json === undefined) throw new JobDataError(queue, [{ pointer: '', message: 'must be JSON data' }])
  // A character is three bytes at most, so that most need not be counted.
  if (json.length * 3 > maxBytes && Buffer.byteLength(json) > maxBytes) {
    throw new JobDataError(queue, [{ pointer: '', message: `must be no larger than ${maxBytes} bytes as JSON` }])
  }
  return json
}

/** A result as JSON text; what is none is left out. */
export function encodeResult(value: unknown, maxBytes: number): string | undefined {
  if (value === undefined) return undefined
  try {
    const json = JSON.stringify(value) as string | undefined
    return json === undefined || json.length > maxBytes ? undefined : json
  } catch {
    return undefined
  }
}
