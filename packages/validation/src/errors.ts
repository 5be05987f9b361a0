import { HttpError } from '@hardening/core'
import { jsonPointer, type ValidationIssue } from './validate/issues.js'

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

/** An upload has more of something than its limits allow. Code `ERR_VALIDATION_UPLOAD_LIMIT`, status 413. */
export class UploadLimitError extends HttpError {
  /** What there is too much of: `file_size`, `total_size`, `files`, `fields`, `parts`, `field_size`, `field_name`. */
  readonly limit: string

  constructor(limit: string, detail: string) {
    super(413, detail, { code: 'ERR_VALIDATION_UPLOAD_LIMIT', extensions: { limit } })
    this.limit = limit
  }
}

/** A file is not what it should be, or dangerous. Code `ERR_VALIDATION_UPLOAD_REFUSED`, status 415 for types, else 400. */
export class UploadRefusedError extends HttpError {
  /** Why: `empty`, `type_not_allowed`, `extension_mismatch`, `archive_bomb`, `virus` ... */
  readonly reason: string
  /** Field of the form that held the file. */
  readonly field: string

  constructor(field: string, reason: string, message: string) {
    super(/^(?:type_|extension_|unknown_)/.test(reason) ? 415 : 400, `The file ${message}.`, {
      code: 'ERR_VALIDATION_UPLOAD_REFUSED',
      extensions: {
        errors: [{ in: 'body', pointer: jsonPointer([field]), code: reason, detail: `The file ${message}.` }],
      },
    })
    this.reason = reason
    this.field = field
  }
}

/** A multipart body is damaged, ends early or was read before. Code `ERR_VALIDATION_UPLOAD_MALFORMED`, status 400. */
export class UploadMalformedError extends HttpError {
  constructor(detail: string, cause?: unknown) {
    super(400, detail, { code: 'ERR_VALIDATION_UPLOAD_MALFORMED', cause })
  }
}

/** No bytes of an upload came for too long. Code `ERR_VALIDATION_UPLOAD_STALLED`, status 408. */
export class UploadStalledError extends HttpError {
  constructor() {
    super(408, 'The upload came to a standstill.', { code: 'ERR_VALIDATION_UPLOAD_STALLED' })
  }
}

/** The scanner of uploads could not be asked. Code `ERR_VALIDATION_UPLOAD_SCANNER`, status 503. */
export class UploadScannerError extends HttpError {
  constructor(cause?: unknown) {
    super(503, 'Files cannot be checked at the moment.', {
      code: 'ERR_VALIDATION_UPLOAD_SCANNER',
      headers: { 'Retry-After': '30' },
      cause,
    })
  }
}

/** A text holds words or patterns that must not stand in it. Code `ERR_VALIDATION_CONTENT_REFUSED`, status 400. */
export class ContentRefusedError extends HttpError {
  /** @param violations - where and what kind; what was written is not repeated. */
  constructor(violations: readonly { readonly pointer: string; readonly kind: 'word' | 'pattern' }[]) {
    const detail = 'contains words or data that are not accepted here'
    super(400, 'A text contains words or data that are not accepted here.', {
      code: 'ERR_VALIDATION_CONTENT_REFUSED',
      extensions: {
        errors: [...new Set(violations.map(({ pointer }) => pointer))].map((pointer) => ({
          in: 'body',
          pointer,
          code: 'content',
          detail,
        })),
      },
    })
  }
}
