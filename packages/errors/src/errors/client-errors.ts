import type { ProblemIssue } from '../problem/problem.js'
import { brandClass } from './brand.js'
import { HttpProblem, withDefaults, type AnyMembers, type HttpProblemOptions } from './http-problem.js'

/** Options of {@link ValidationError}. */
export type ValidationErrorOptions<Members extends object = AnyMembers> = HttpProblemOptions<Members> & {
  /** All that is wrong with the request; goes into the body. @defaultValue `[]` */
  errors?: readonly ProblemIssue[]
  /** 422 where the syntax is right but the content is not. @defaultValue 400 */
  status?: 400 | 422
}

/** The request is not valid. Status 400, or 422 on request. Code `ERR_HTTP_VALIDATION`. */
export class ValidationError<Members extends object = AnyMembers> extends HttpProblem<
  Members & { readonly errors: readonly ProblemIssue[] }
> {
  /** All that is wrong with the request. */
  readonly errors: readonly ProblemIssue[]

  static {
    brandClass(this, 'ValidationError')
  }

  constructor(detail: string = 'The request is not valid.', options?: ValidationErrorOptions<Members>) {
    const { errors = [], status = 400, ...rest } = (options ?? {}) as ValidationErrorOptions
    super(
      status,
      detail,
      withDefaults({ ...rest, extensions: { ...rest.extensions, errors } }, 'ERR_HTTP_VALIDATION') as never,
    )
    this.errors = errors
  }
}

/** Options of {@link AuthenticationError}. */
export type AuthenticationErrorOptions<Members extends object = AnyMembers> = HttpProblemOptions<Members> & {
  /** How to authenticate: the value of `WWW-Authenticate` (RFC 9110 section 11.6.1). @defaultValue `Bearer` */
  challenge?: string
}

/** Who asks is not known. Status 401 with `WWW-Authenticate`. Code `ERR_HTTP_AUTHENTICATION`. */
export class AuthenticationError<Members extends object = AnyMembers> extends HttpProblem<Members> {
  static {
    brandClass(this, 'AuthenticationError')
  }

  constructor(detail: string = 'Authentication is required.', options?: AuthenticationErrorOptions<Members>) {
    const { challenge = 'Bearer', ...rest } = (options ?? {}) as AuthenticationErrorOptions
    super(401, detail, withDefaults(rest, 'ERR_HTTP_AUTHENTICATION', { 'WWW-Authenticate': challenge }) as never)
  }
}

/** Who asks is known and may not. Status 403. Code `ERR_HTTP_AUTHORIZATION`. */
export class AuthorizationError<Members extends object = AnyMembers> extends HttpProblem<Members> {
  static {
    brandClass(this, 'AuthorizationError')
  }

  constructor(detail: string = 'You may not do this.', options?: HttpProblemOptions<Members>) {
    super(403, detail, withDefaults(options, 'ERR_HTTP_AUTHORIZATION'))
  }
}

/** There is no such thing. Status 404. Code `ERR_HTTP_NOT_FOUND`. */
export class NotFoundError<Members extends object = AnyMembers> extends HttpProblem<Members> {
  static {
    brandClass(this, 'NotFoundError')
  }

  constructor(detail: string = 'There is nothing at this address.', options?: HttpProblemOptions<Members>) {
    super(404, detail, withDefaults(options, 'ERR_HTTP_NOT_FOUND'))
  }
}

/** The thing is there, but not for this method. Status 405 with `Allow`. Code `ERR_HTTP_METHOD_NOT_ALLOWED`. */
export class MethodNotAllowedError<Members extends object = AnyMembers> extends HttpProblem<Members> {
  /** The methods that are allowed. */
  readonly allow: readonly string[]

  static {
    brandClass(this, 'MethodNotAllowedError')
  }

  constructor(
    allow: readonly string[],
    detail: string = 'This method is not allowed here.',
    options?: HttpProblemOptions<Members>,
  ) {
    super(405, detail, withDefaults(options, 'ERR_HTTP_METHOD_NOT_ALLOWED', { Allow: allow.join(', ') }))
    this.allow = allow
  }
}

/** The request does not fit the state that the thing is in. Status 409. Code `ERR_HTTP_CONFLICT`. */
export class ConflictError<Members extends object = AnyMembers> extends HttpProblem<Members> {
  static {
    brandClass(this, 'ConflictError')
  }

  constructor(detail: string = 'The request conflicts with the present state.', options?: HttpProblemOptions<Members>) {
    super(409, detail, withDefaults(options, 'ERR_HTTP_CONFLICT'))
  }
}

/** The body is too large. Status 413. Code `ERR_HTTP_PAYLOAD_TOO_LARGE`. */
export class PayloadTooLargeError<Members extends object = AnyMembers> extends HttpProblem<Members> {
  static {
    brandClass(this, 'PayloadTooLargeError')
  }

  constructor(detail: string = 'The request body is too large.', options?: HttpProblemOptions<Members>) {
    super(413, detail, withDefaults(options, 'ERR_HTTP_PAYLOAD_TOO_LARGE'))
  }
}

/** Options of {@link UnsupportedMediaTypeError}. */
export type UnsupportedMediaTypeErrorOptions<Members extends object = AnyMembers> = HttpProblemOptions<Members> & {
  /** Media types that are taken: the response's `Accept` (RFC 9110 section 15.5.16). @defaultValue none */
  accept?: readonly string[]
}

/** The body is of a type that is not taken. Status 415. Code `ERR_HTTP_UNSUPPORTED_MEDIA_TYPE`. */
export class UnsupportedMediaTypeError<Members extends object = AnyMembers> extends HttpProblem<Members> {
  static {
    brandClass(this, 'UnsupportedMediaTypeError')
  }

  constructor(
    detail: string = 'The type of the request body is not supported.',
    options?: UnsupportedMediaTypeErrorOptions<Members>,
  ) {
    const { accept, ...rest } = (options ?? {}) as UnsupportedMediaTypeErrorOptions
    const headers = accept === undefined ? undefined : { Accept: accept.join(', ') }
    super(415, detail, withDefaults(rest, 'ERR_HTTP_UNSUPPORTED_MEDIA_TYPE', headers) as never)
  }
}
