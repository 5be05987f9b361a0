import { HttpError } from '@hardening/core'

/**
 * The request was addressed to a host that is not one of ours, or not to one host that can be told.
 * Status 400, code `ERR_SECURITY_HOST`.
 */
export class UntrustedHostError extends HttpError {
  constructor(detail = 'The request names no host that this server answers for') {
    super(400, detail, { code: 'ERR_SECURITY_HOST' })
  }
}

/** A preflight came from an origin that may not call this server. Status 403, code `ERR_SECURITY_CORS`. */
export class CorsError extends HttpError {
  constructor(detail = 'This origin may not call this server') {
    super(403, detail, { code: 'ERR_SECURITY_CORS' })
  }
}

/** The request came over plain HTTP under a host to which it cannot be redirected. Status 400, code `ERR_SECURITY_HTTPS`. */
export class HttpsRequiredError extends HttpError {
  constructor(detail = 'This server answers over HTTPS only') {
    super(400, detail, { code: 'ERR_SECURITY_HTTPS' })
  }
}

/** The client's address may not call. Status 403, code `ERR_SECURITY_ADDRESS`. */
export class AddressRefusedError extends HttpError {
  constructor(detail = 'This address may not call this server') {
    super(403, detail, { code: 'ERR_SECURITY_ADDRESS' })
  }
}

/** The body is of a type that is not taken. Status 415, code `ERR_SECURITY_CONTENT_TYPE`. */
export class ContentTypeError extends HttpError {
  constructor(accepted: readonly string[]) {
    const types = accepted.join(', ')
    super(415, `The body must be of the type ${types}`, {
      code: 'ERR_SECURITY_CONTENT_TYPE',
      // RFC 9110 section 15.5.16: tells the client what it could send instead.
      headers: { Accept: types },
    })
  }
}

/** The client takes none of the types that there are. Status 406, code `ERR_SECURITY_NOT_ACCEPTABLE`. */
export class NotAcceptableError extends HttpError {
  constructor(produced: readonly string[]) {
    super(406, `The answer comes as ${produced.join(', ')}`, { code: 'ERR_SECURITY_NOT_ACCEPTABLE' })
  }
}

/** The body is larger than allowed. Status 413, code `ERR_SECURITY_BODY_SIZE`. */
export class BodySizeError extends HttpError {
  constructor(limitBytes: number) {
    super(413, `The body is larger than ${limitBytes} bytes`, {
      code: 'ERR_SECURITY_BODY_SIZE',
      // What is still on its way of the body is not read.
      headers: { Connection: 'close' },
    })
  }
}

/** The URL is longer than allowed. Status 414, code `ERR_SECURITY_URL_LENGTH`. */
export class UrlLengthError extends HttpError {
  constructor(limit: number) {
    super(414, `The URL is longer than ${limit} characters`, { code: 'ERR_SECURITY_URL_LENGTH' })
  }
}

/** There are more headers, or larger ones, than allowed. Status 431, code `ERR_SECURITY_HEADERS`. */
export class HeaderLimitError extends HttpError {
  constructor(detail: string) {
    super(431, detail, { code: 'ERR_SECURITY_HEADERS' })
  }
}

/** The query has more, deeper, doubled or dangerous parameters. Status 400, code `ERR_SECURITY_QUERY`. */
export class QueryLimitError extends HttpError {
  constructor(detail: string) {
    super(400, detail, { code: 'ERR_SECURITY_QUERY' })
  }
}

/** The parsed body is deeper or larger than allowed, or has dangerous keys. Status 400, code `ERR_SECURITY_BODY_SHAPE`. */
export class BodyShapeError extends HttpError {
  constructor(detail: string) {
    super(400, detail, { code: 'ERR_SECURITY_BODY_SHAPE' })
  }
}

/** A page of another site made the browser send the request. Status 403, code `ERR_SECURITY_CSRF`. */
export class CrossSiteRequestError extends HttpError {
  constructor(detail = 'This request may not be made from another site') {
    super(403, detail, { code: 'ERR_SECURITY_CSRF' })
  }
}

/** The application took too long to answer. Status 503, code `ERR_SECURITY_TIMEOUT`. */
export class RequestTimeoutError extends HttpError {
  constructor(timeoutMs: number) {
    super(503, `No answer within ${timeoutMs} ms`, { code: 'ERR_SECURITY_TIMEOUT' })
  }
}

/** The body is no report of a browser. Status 400, code `ERR_SECURITY_REPORT`. */
export class ReportError extends HttpError {
  constructor() {
    super(400, 'The body is no report of a browser', { code: 'ERR_SECURITY_REPORT' })
  }
}
