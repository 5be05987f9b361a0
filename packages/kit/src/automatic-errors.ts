import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ErrorMiddleware, Next } from '@hardening/core'
import { NotFoundError, withoutStack } from '@hardening/errors'

/** An application as far as its own error handling goes. */
interface HandlingApp {
  handle(req: IncomingMessage, res: ServerResponse, done?: Next): void
}

/**
 * Lets `handler` answer what no route and no error handler of the application has answered, wherever the routes stand:
 * it takes the place of Express's own last handler. An application that is mounted in another leaves it to that one.
 */
export function answerErrorsOf(app: HandlingApp, handler: ErrorMiddleware): void {
  const { handle } = app
  app.handle = function (this: unknown, req, res, done) {
    handle.call(this as HandlingApp, req, res, done ?? ((error) => answer(handler, error, req, res)))
  }
}

function answer(handler: ErrorMiddleware, error: unknown, req: IncomingMessage, res: ServerResponse): void {
  const found = error ?? withoutStack(() => new NotFoundError('Nothing is served here'))
  // Nobody stands behind: what the handler hands on has no answer any more, and its connection no use.
  handler(found, req, res, () => req.socket.destroy())
}
