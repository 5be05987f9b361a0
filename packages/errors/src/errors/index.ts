export {
  AuthenticationError,
  AuthorizationError,
  ConflictError,
  MethodNotAllowedError,
  NotFoundError,
  PayloadTooLargeError,
  UnsupportedMediaTypeError,
  ValidationError,
} from './client-errors.js'
export type {
  AuthenticationErrorOptions,
  UnsupportedMediaTypeErrorOptions,
  ValidationErrorOptions,
} from './client-errors.js'
export { HttpProblem } from './http-problem.js'
export type { AnyMembers, HttpProblemOptions } from './http-problem.js'
export { RateLimitError } from './rate-limit-error.js'
export type { RateLimitErrorOptions } from './rate-limit-error.js'
export type { RetryAfter } from './retry-after.js'
export { ServiceError, ServiceUnavailableError, TimeoutError } from './server-errors.js'
export type { ServiceUnavailableErrorOptions } from './server-errors.js'
export { withoutStack } from './stackless.js'
