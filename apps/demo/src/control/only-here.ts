import type { Request, RequestHandler } from 'express'
import { isLoopbackAddress } from '@hardening/core'
import { AuthorizationError } from '@hardening/errors'

/** Lets through whoever sits at this machine, where it is no production: for what breaks things on purpose. */
export function onlyHere(isAllowed: boolean): RequestHandler {
  return (req, _res, next) => {
    if (isAllowed && isHere(req)) return next()
    next(new AuthorizationError('This can be done at this machine only, and not in production.'))
  }
}

function isHere({ ip, socket }: Request): boolean {
  return [ip, socket.remoteAddress].every((address) => isLoopbackAddress((address ?? '').replace(/^::ffff:/, '')))
}
