import { HttpError } from '@hardening/core'
import type { ValidationIssue } from './validate/issues.js'

/** The request does not fit its schemas. Code `ERR_VALIDATION_FAILED`, status 400 (or 422). */
export class RequestValidationError extends HttpError {
  /** Everything that is wrong, in all parts of the request. */
  readonly errors: readonly ValidationIssue[]

  /** @param omitted - how many issues there were beyond `errors`. */
  constructor(errors: readonly ValidationIssue[], { status = 400, omitted = 0 }: RequestValidationErrorOptions = {}) {
    const count = errors.length + omitted
    super(
      status,
      count === 1 ? 'One value of the request is not valid.' : `${count} values of the request are not valid.`,
      {
        code: 'ERR_VALIDATION_FAILED',
        title: 'The request is not valid',
        extensions: omitted === 0 ? { errors } : { errors, errorsOmitted: omitted },
      },
    )
    this.errors = errors
  }
}

/** What a {@link RequestValidationError} may be given. */
export interface RequestValidationErrorOptions {
  /** @defaultValue 400 */
  status?: 400 | 422
  /** How many issues there were beyond those that are listed. @defaultValue 0 */
  omitted?: number
}

/** HTML is larger or more tangled than its sanitiser allows. Code `ERR_VALIDATION_HTML_LIMIT`, status 400. */
export class HtmlLimitError extends HttpError {
  constructor() {
    super(400, 'The HTML is too large or too deeply nested.', { code: 'ERR_VALIDATION_HTML_LIMIT' })
  }
}

/** Data is larger, deeper or otherwise shaped than its sanitiser allows. Code `ERR_VALIDATION_INPUT_LIMIT`, status 400. */
export class InputLimitError extends HttpError {
  constructor(detail: string) {
    super(400, detail, { code: 'ERR_VALIDATION_INPUT_LIMIT' })
  }
}
