import {
  choiceOption,
  ConfigError,
  integerOption,
  middleware,
  rejectUnknownOptions,
  type Exchange,
} from '@hardening/core'
import type { IncomingMessage } from 'node:http'
import { RequestValidationError } from '../errors.js'
import { jsonPointer, readSchemaIssue, type PartIssue, type RequestPart, type ValidationIssue } from './issues.js'
import { readPart, replacePart, type ParsedRequest } from './request-parts.js'
import { findShapeIssue } from './shape.js'
import { isStandardSchema, type SchemaResult, type StandardSchema } from './standard-schema.js'
import type { RequestSchemas, Valid, ValidateMiddleware } from './typed-request.js'

/** What {@link validate} may be given beside the schemas. */
export interface ValidateOptions<Mode extends 'replace' | 'check' = 'replace' | 'check'> {
  /**
   * Whether `req.body`, `req.query`, `req.params` and `req.cookies` become what the schemas made of them, or stay as they
   * were sent; `req.valid` has the result either way.
   *
   * @defaultValue `'replace'`
   */
  mode?: Mode
  /** Status of the refusal. @defaultValue 400 */
  status?: 400 | 422
  /** Levels of nesting that a part may have; looked at before any schema. @defaultValue 32 */
  maxDepth?: number
  /** Keys and array items that a part may have in all; looked at before any schema. @defaultValue 10,000 */
  maxKeys?: number
  /** Errors listed in the answer; more are counted in `errorsOmitted`. @defaultValue 100 */
  maxErrors?: number
}

const partNames: readonly RequestPart[] = ['params', 'query', 'headers', 'cookies', 'body']
const optionNames: readonly (keyof ValidateOptions)[] = ['mode', 'status', 'maxDepth', 'maxKeys', 'maxErrors']

/**
 * Refuses requests that do not fit their schemas, telling everything that is wrong at once, and hands on typed values.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID` where a schema does not follow Standard Schema 1 or an option cannot work. To
 * `next` goes {@link RequestValidationError} `ERR_VALIDATION_FAILED`.
 *
 * @example
 * ```ts
 * app.post('/users/:id', validate({ params: z.object({ id: z.coerce.number() }), body: User }), (req, res) => {
 *   res.json({ id: req.params.id, name: req.body.name })
 * })
 * ```
 */
export function validate<const Schemas extends RequestSchemas, Mode extends 'replace' | 'check' = 'replace'>(
  schemas: Schemas,
  options: ValidateOptions<Mode> = {},
): ValidateMiddleware<Schemas, Mode> {
  const validator = new Validator(partsOf(schemas), options)
  const made = middleware({ name: 'validate', request: (exchange) => validator.check(exchange) })
  return Object.assign(made, {
    schemas,
    valid: (req: IncomingMessage) => validator.valid(req) as Valid<Schemas>,
  })
}

interface Part {
  readonly name: RequestPart
  readonly schema: StandardSchema
}

function partsOf(schemas: RequestSchemas): readonly Part[] {
  rejectUnknownOptions('validate', schemas, partNames, 'schemas')
  const parts: Part[] = []
  for (const name of partNames) {
    const schema = schemas[name]
    if (schema === undefined) continue
    if (!isStandardSchema(schema)) {
      throw new ConfigError(
        'validate',
        name,
        'a schema that follows Standard Schema 1 (Zod, Valibot, ArkType ...)',
        schema,
      )
    }
    parts.push({ name, schema })
  }
  if (parts.length === 0) {
    throw new ConfigError('validate', 'schemas', `an object with at least one of ${partNames.join(', ')}`, schemas)
  }
  return parts
}

class Validator {
  readonly #parts: readonly Part[]
  readonly #replace: boolean
  readonly #status: 400 | 422
  readonly #limits: { readonly maxDepth: number; readonly maxKeys: number }
  readonly #maxErrors: number

  constructor(parts: readonly Part[], options: ValidateOptions) {
    rejectUnknownOptions('validate', options, optionNames)
    const { mode = 'replace', status = 400, maxDepth = 32, maxKeys = 10_000, maxErrors = 100 } = options
    this.#parts = parts
    this.#replace = choiceOption('validate', 'mode', mode, ['replace', 'check']) === 'replace'
    if (status !== 400 && status !== 422) throw new ConfigError('validate', 'status', '400 or 422', status)
    this.#status = status
    this.#limits = {
      maxDepth: integerOption('validate', 'maxDepth', maxDepth, { min: 1, max: 1_000 }),
      maxKeys: integerOption('validate', 'maxKeys', maxKeys, { min: 1 }),
    }
    this.#maxErrors = integerOption('validate', 'maxErrors', maxErrors, { min: 1 })
  }

  valid(req: IncomingMessage): Record<string, unknown> {
    const { valid } = req as ParsedRequest
    if (valid === undefined || this.#parts.some(({ name }) => !(name in valid))) {
      throw new TypeError('validate: this middleware has not run for this request')
    }
    return valid
  }

  check(exchange: Exchange): void | Promise<void> {
    const req = exchange.req as ParsedRequest
    const results: (PartResult | Promise<PartResult>)[] = []
    let waiting = false
    for (const part of this.#parts) {
      const value = readPart(req, part.name)
      const issue = findShapeIssue(value, this.#limits)
      const result = issue === undefined ? part.schema['~standard'].validate(value) : { found: [issue] }
      if ('found' in result) results.push(result)
      else if ('then' in result) {
        waiting = true
        const settled = result.then((answer) => read(answer, value))
        // Should the schema of the next part throw, nobody waits for this one.
        settled.catch(() => undefined)
        results.push(settled)
      } else results.push(read(result, value))
    }
    if (!waiting) return this.#finish(exchange, req, results as PartResult[])
    return Promise.all(results as Promise<PartResult>[]).then((settled) => this.#finish(exchange, req, settled))
  }

  #finish(exchange: Exchange, req: ParsedRequest, results: readonly PartResult[]): void {
    const errors: ValidationIssue[] = []
    let omitted = 0
    results.forEach(({ found }, at) => {
      for (const { path, code, message } of found) {
        if (errors.length === this.#maxErrors) omitted++
        else errors.push({ in: (this.#parts[at] as Part).name, pointer: jsonPointer(path), code, detail: message })
      }
    })
    if (errors.length > 0) {
      exchange.refuse(new RequestValidationError(errors, { status: this.#status, omitted }))
      return
    }
    const valid: Record<string, unknown> = { ...req.valid }
    results.forEach(({ value }, at) => {
      const { name } = this.#parts[at] as Part
      valid[name] = value
      if (this.#replace) replacePart(req, name, value)
    })
    req.valid = valid
  }
}

interface PartResult {
  readonly found: readonly PartIssue[]
  readonly value?: unknown
}

function read(result: SchemaResult<unknown>, sent: unknown): PartResult {
  if (result.issues === undefined) return { found: [], value: result.value }
  return { found: result.issues.map((issue) => readSchemaIssue(issue, sent)) }
}
