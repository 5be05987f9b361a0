export { RequestValidationError } from './errors.js'
export type { RequestValidationErrorOptions } from './errors.js'
export type { RequestPart, ValidationIssue } from './validate/issues.js'
export type {
  SchemaInput,
  SchemaIssue,
  SchemaOutput,
  SchemaResult,
  StandardSchema,
} from './validate/standard-schema.js'
export type { RequestSchemas, Valid, ValidateMiddleware } from './validate/typed-request.js'
export { validate } from './validate/validate.js'
export type { ValidateOptions } from './validate/validate.js'
