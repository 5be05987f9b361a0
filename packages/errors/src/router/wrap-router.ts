import { ConfigError, stepsOf } from '@hardening/core'
import { asyncHandler, asyncParam, type AnyHandler } from './async-handler.js'

interface Layer {
  handle?: unknown
  readonly route?: Route
}

interface Route {
  readonly stack: Layer[]
}

interface Router {
  readonly stack: Layer[]
  readonly params?: Record<string, AnyHandler[]>
}

interface App {
  use: AnyHandler
  set: AnyHandler
  handle: AnyHandler
  _router?: unknown
  lazyrouter?: () => void
}

const wrappedSlot: unique symbol = Symbol.for('@hardening/wrap-router@1')

/**
 * Makes a router or an application of Express 4 hear of what asynchronous handlers reject with: middleware, routes, params
 * and error handlers, those that it has and those that it will get, and the routers and applications mounted in it. Does
 * nothing that shows on Express 5, which hears by itself. Returns what it was given.
 *
 * @example
 * const app = wrapRouter(express())
 *
 * @throws ConfigError `ERR_CONFIG_INVALID` where it is given neither.
 */
export function wrapRouter<Wrapped extends object>(router: Wrapped): Wrapped {
  if (isApp(router)) wrapApp(router)
  else if (isRouter(router)) wrapStack(router)
  else throw new ConfigError('wrapRouter', 'router', 'a router or an application of Express', router)
  return router
}

function wrapApp(app: App): void {
  // Express 5, which hears of rejections by itself.
  if (app.lazyrouter === undefined || !mark(app)) return
  after(app, 'use', (args) => {
    for (const mounted of args.flat(Infinity)) if (isApp(mounted)) wrapApp(mounted)
  })
  if (isRouter(app._router)) wrapStack(app._router)
  // It makes its router late, because it reads settings then: making it earlier would fix them too early.
  after(app, 'lazyrouter', () => {
    if (isRouter(app._router)) wrapStack(app._router)
  })
}

function wrapStack(router: Router): void {
  if (!mark(router)) return
  adopt(router)
  after(router, 'use', () => adopt(router))
  after(router, 'route', (_args, route) => wrapRoute(route as Route))
  after(router, 'param', () => adoptParams(router))
}

/** Routes of a router, which gets handlers as long as somebody holds it. */
function wrapRoute(route: Route): void {
  if (!mark(route)) return
  adoptLayers(route.stack)
  for (const name of methodNames(route)) after(route, name, () => adoptLayers(route.stack))
}

function adopt(router: Router): void {
  adoptLayers(router.stack)
  adoptParams(router)
}

function adoptLayers(layers: readonly Layer[]): void {
  for (const layer of layers) {
    const { handle, route } = layer
    if (route !== undefined) wrapRoute(route)
    else if (isRouter(handle)) wrapStack(handle)
    // Steps handle their promises themselves, and are looked for by what they carry.
    else if (typeof handle === 'function' && stepsOf(handle).length === 0)
      layer.handle = asyncHandler(handle as AnyHandler)
  }
}

function adoptParams({ params }: Router): void {
  for (const handlers of Object.values(params ?? {})) {
    if (Array.isArray(handlers)) handlers.forEach((handler, at) => (handlers[at] = asyncParam(handler)))
  }
}

/** Calls `then` after each call of a method, on this object alone. */
function after(owner: object, name: string, then: (args: unknown[], result: unknown) => void): void {
  const original = (owner as Record<string, unknown>)[name]
  if (typeof original !== 'function') return
  const value = function (this: unknown, ...args: unknown[]): unknown {
    const result: unknown = Reflect.apply(original, this, args)
    then(args, result)
    return result
  }
  Object.defineProperty(owner, name, { value, configurable: true, writable: true, enumerable: true })
}

function methodNames(route: object): string[] {
  const names = new Set<string>()
  for (
    let at: object | null = route;
    at !== null && at !== Object.prototype;
    at = Object.getPrototypeOf(at) as object
  ) {
    for (const name of Object.getOwnPropertyNames(at)) {
      if (name === 'all' || /^[a-z-]+$/.test(name)) names.add(name)
    }
  }
  for (const notAMethod of ['constructor', 'dispatch', 'stack', 'path', 'methods']) names.delete(notAMethod)
  return [...names]
}

function isRouter(value: unknown): value is Router {
  return typeof value === 'function' && Array.isArray((value as unknown as Partial<Router>).stack)
}

function isApp(value: unknown): value is App {
  const app = value as Partial<App>
  return typeof value === 'function' && typeof app.handle === 'function' && typeof app.set === 'function'
}

/** Marks an object as wrapped; false where it is already. */
function mark(owner: object): boolean {
  if (Object.hasOwn(owner, wrappedSlot)) return false
  Object.defineProperty(owner, wrappedSlot, { value: true })
  return true
}
