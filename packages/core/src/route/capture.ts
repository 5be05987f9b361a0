/** Where a request keeps what was seen of its route. Registered, so that two copies of this package share it. */
const captureSlot: unique symbol = Symbol.for('@hardening/route-capture@1')
const preparedSlot: unique symbol = Symbol.for('@hardening/route-captured@1')

/** The route that matched last, and what Express said of it then. */
export interface RouteCapture {
  readonly owner: object
  route: unknown
  /** `req.baseUrl`: resolved, so with the values of the mounts' params. */
  base: string
  /** `req.params`, at the latest when the route ran. */
  params: unknown
  /** The application that owns the router. */
  app: unknown
  /** What was left of the URL; kept for routes with several paths alone. */
  url: string | undefined
}

interface Captured {
  [captureSlot]?: RouteCapture
  readonly app?: unknown
  readonly baseUrl?: unknown
  readonly params?: unknown
  readonly url?: string
}

/**
 * Remembers on every request of an application which route matched, and where: on the way to the error handlers Express
 * resets `req.baseUrl`. It assigns `req.route` plainly, so an accessor on the prototype of the requests sees it, and
 * nothing of Express is patched. Applications mounted below inherit it.
 *
 * `req.baseUrl` must stay a property of the request: an application that stands in a router exchanges the prototype
 * while the request is on its way, and would not find it.
 *
 * Does nothing the second time, and nothing where somebody else has such an accessor already.
 *
 * @param requestPrototype - `app.request` of the topmost application
 */
export function captureRoute(requestPrototype: object): void {
  if (preparedSlot in requestPrototype || 'route' in requestPrototype) return
  Object.defineProperty(requestPrototype, preparedSlot, { value: true })
  Object.defineProperty(requestPrototype, 'route', routeAccessor)
}

/** What was remembered of the request, if anything. */
export function routeCaptureOf(req: object): RouteCapture | undefined {
  return (req as Captured)[captureSlot]
}

const routeAccessor: PropertyDescriptor & ThisType<Captured> = {
  configurable: true,
  enumerable: true,
  get() {
    return this[captureSlot]?.route
  },
  set(route: unknown) {
    const held = this[captureSlot]
    if (held?.route === route && held?.owner === this) {
      // Express assigns twice, before it knows the params and when the route runs.
      held.params = this.params
      return
    }
    const { baseUrl } = this
    // A new record, also where the request is the prototype of another object: each has its own way.
    this[captureSlot] = {
      owner: this,
      route,
      base: typeof baseUrl === 'string' ? baseUrl : '',
      params: undefined,
      app: this.app,
      url: Array.isArray((route as { path?: unknown } | undefined)?.path) ? this.url : undefined,
    }
  },
}
