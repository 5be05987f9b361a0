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
