import { functionOption } from '@hardening/core'

/** Any function that Express calls. */
export type AnyHandler = (...args: never[]) => unknown

/**
 * Makes Express 4 hear of what an asynchronous handler rejects with; Express 5 does by itself, and takes the handler as
 * well. Also turns what Express would not take for an error (`throw null`, `throw 'route'`) into one. Takes middleware,
 * route handlers and error handlers, which keep their number of parameters.
 *
 * @example
 * app.get('/orders/:id', asyncHandler(async (req, res) => {
 *   res.json(await orders.find(req.params.id))
 * }))
 *
 * @throws ConfigError `ERR_CONFIG_INVALID` where it is given no function.
 */
export function asyncHandler<Handler extends AnyHandler>(handler: Handler): Handler {
  functionOption('asyncHandler', 'handler', handler)
  return wrapHandler(handler, handler.length > 3 ? 3 : 2)
}

/** The same for the callback of `router.param()`, whose `next` is the third of its parameters. */
export function asyncParam<Handler extends AnyHandler>(handler: Handler): Handler {
  functionOption('asyncParam', 'handler', handler)
  return wrapHandler(handler, 2)
}

const wrappedSlot: unique symbol = Symbol.for('@hardening/async-handler@1')

/** Whether a function is wrapped already. */
function isWrapped(handler: object): boolean {
  return (handler as { [wrappedSlot]?: true })[wrappedSlot] === true
}

function wrapHandler<Handler extends AnyHandler>(handler: Handler, nextAt: number): Handler {
  if (isWrapped(handler)) return handler
  function wrapped(this: unknown, ...args: unknown[]): unknown {
    const next = args[nextAt] as (error: unknown) => void
    let result: unknown
    try {
      result = Reflect.apply(handler, this, args)
    } catch (error) {
      next(reasonOf(error))
      return undefined
    }
    if (isThenable(result)) result.then(undefined, (error: unknown) => next(reasonOf(error)))
    return result
  }
  // What others have noted on the function, and how Express reads it: by name and number of parameters.
  for (const key of Reflect.ownKeys(handler)) {
    const descriptor = Object.getOwnPropertyDescriptor(handler, key)
    const own = Object.getOwnPropertyDescriptor(wrapped, key)
    if (descriptor !== undefined && own?.configurable !== false) Object.defineProperty(wrapped, key, descriptor)
  }
  Object.defineProperty(wrapped, wrappedSlot, { value: true })
  return wrapped as unknown as Handler
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}

/** What may go to `next`: Express takes falsy values for success, and two words for commands. */
function reasonOf(error: unknown): unknown {
  if (error && error !== 'route' && error !== 'router') return error
  return new Error('A handler threw a value that is no error', { cause: error })
}
