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
