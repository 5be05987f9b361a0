import { IncomingMessage, ServerResponse } from 'node:http'
import type { AppLike } from '../http.js'

/** Classes by which a server makes requests and responses that are an application's own from the start. */
export interface ExpressClasses {
  readonly IncomingMessage: typeof IncomingMessage
  readonly ServerResponse: typeof ServerResponse
}

/** On responses that such a class has made. */
const madeSlot: unique symbol = Symbol.for('@hardening/made-for-express@1')

const classes = new WeakMap<object, ExpressClasses>()

/**
 * The classes of an application, made once: their prototypes take the places of `app.request` and `app.response`, above
 * those that stood there, so that Express finds nothing to change when a request comes.
 */
export function expressClasses(app: AppLike): ExpressClasses {
  let found = classes.get(app)
  if (found === undefined) classes.set(app, (found = makeClasses(app)))
  return found
}

function makeClasses(app: { request: object; response: object }): ExpressClasses {
  // V8 keeps one shape only for objects that real classes construct; `Reflect.construct` with a function is slower
  // than what Express does.
  class ExpressRequest extends IncomingMessage {}
  class ExpressResponse extends ServerResponse {}
  Object.setPrototypeOf(ExpressRequest.prototype, app.request)
  Object.setPrototypeOf(ExpressResponse.prototype, app.response)
  Object.defineProperty(ExpressResponse.prototype, madeSlot, { value: true })
  app.request = ExpressRequest.prototype
  app.response = ExpressResponse.prototype
  return { IncomingMessage: ExpressRequest, ServerResponse: ExpressResponse as typeof ServerResponse }
}

/** Whether a response was made for Express, and not changed into one of Express. */
export function isMadeForExpress(res: object): boolean {
  return (res as { [madeSlot]?: boolean })[madeSlot] === true
}
