import { booleanOption, middleware, rejectUnknownOptions, type Exchange, type StepMiddleware } from '@hardening/core'
import { MethodNotAllowedError, NotFoundError } from './errors/client-errors.js'
import { withoutStack } from './errors/stackless.js'
import { allowedMethods } from './router/allowed-methods.js'

/** Options of {@link notFound}. */
export interface NotFoundOptions {
  /**
   * Whether a path that has routes for other methods is answered with 405 and `Allow` (RFC 9110 section 15.5.6).
   *
   * @defaultValue `true`
   */
  methodNotAllowed?: boolean
}

/**
 * Refuses what nothing has answered: 404, or 405 with `Allow` where the path is there for other methods. Mount it behind
 * all routes and before `errorHandler()`.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 */
export function notFound(options: NotFoundOptions = {}): StepMiddleware {
  rejectUnknownOptions('notFound', options, ['methodNotAllowed'])
  const { methodNotAllowed = true } = options
  booleanOption('notFound', 'methodNotAllowed', methodNotAllowed)
  return middleware({
    name: 'notFound',
    request(exchange) {
      const allow = methodNotAllowed ? allowedFor(exchange) : undefined
      exchange.refuse(withoutStack(allow === undefined ? makeNotFound : makeNotAllowed, allow as readonly string[]))
    },
  })
}

function allowedFor({ req, path }: Exchange): readonly string[] | undefined {
  return req.app === undefined ? undefined : allowedMethods(req.app, path, req.method ?? 'GET')
}

function makeNotFound(): NotFoundError {
  return new NotFoundError()
}

function makeNotAllowed(allow: readonly string[]): MethodNotAllowedError {
  return new MethodNotAllowedError(allow)
}
