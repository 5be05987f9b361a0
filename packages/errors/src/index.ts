export {
  AuthenticationError,
  AuthorizationError,
  ConflictError,
  HttpProblem,
  MethodNotAllowedError,
  NotFoundError,
  PayloadTooLargeError,
  RateLimitError,
  ServiceError,
  ServiceUnavailableError,
  TimeoutError,
  UnsupportedMediaTypeError,
  ValidationError,
  withoutStack,
} from './errors/index.js'
export type {
  AnyMembers,
  AuthenticationErrorOptions,
  HttpProblemOptions,
  RateLimitErrorOptions,
  RetryAfter,
  ServiceUnavailableErrorOptions,
  UnsupportedMediaTypeErrorOptions,
  ValidationErrorOptions,
} from './errors/index.js'
export { errorHandler } from './error-handler.js'
export type { ErrorHandlerOptions, LocalisedTexts } from './error-handler-options.js'
export type { ProblemFormat } from './negotiate.js'
export { notFound } from './not-found.js'
export type { NotFoundOptions } from './not-found.js'
export { onProcessError } from './on-process-error.js'
export type {
  OnProcessErrorOptions,
  ProcessErrorHandle,
  ProcessErrorLogger,
  ProcessErrorOrigin,
} from './on-process-error.js'
export { fromProblem, readProblem } from './problem/from-problem.js'
export type { FromProblemOptions, ParsedProblem, ProblemResponse } from './problem/from-problem.js'
export { problemMediaType, toPointer } from './problem/problem.js'
export type { Problem, ProblemIssue } from './problem/problem.js'
export { problemResponse, problemSchema } from './problem/problem-schema.js'
export type { ProblemSchema } from './problem/problem-schema.js'
export { members, problemTypes } from './problem/problem-types.js'
export type {
  KnownProblem,
  MemberSchema,
  OtherProblem,
  ProblemTypeDefinition,
  ProblemTypeDefinitions,
  ProblemTypeRegistry,
  ProblemTypes,
} from './problem/problem-types.js'
export { toProblem } from './problem/to-problem.js'
export type { ErrorMap, ToProblemContext } from './problem/to-problem.js'
export { asyncHandler, asyncParam } from './router/async-handler.js'
export type { AnyHandler } from './router/async-handler.js'
export { wrapRouter } from './router/wrap-router.js'
