import { HttpError } from '@hardening/core'

/**
 * The request looks like an attack. Code `ERR_VALIDATION_THREAT`, status 403. Says nothing about what was found where, so
 * that it helps nobody to find a way round.
 */
export class ThreatError extends HttpError {
  constructor() {
    super(403, 'The request was refused because it looks like an attack.', {
      code: 'ERR_VALIDATION_THREAT',
      title: 'The request was refused',
    })
  }
}

/**
 * The request has more to look at than the limits of detection allow, so that nobody knows what is in the rest. Code
 * `ERR_VALIDATION_INSPECTION_LIMIT`, status 413.
 */
export class InspectionLimitError extends HttpError {
  constructor() {
    super(413, 'The request has more content than can be inspected.', {
      code: 'ERR_VALIDATION_INSPECTION_LIMIT',
      title: 'The request is too large',
    })
  }
}
