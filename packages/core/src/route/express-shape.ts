/** What is read of an Express application, by structure: 4 and 5 alike. */
export interface App {
  readonly parent?: App
  readonly mountpath?: unknown
}

/** A router of Express 4 or 5. */
export interface Router {
  readonly stack: readonly Layer[]
  readonly caseSensitive?: boolean
  readonly strict?: boolean
}

/** What matched, as the matchers of Express 5 tell. */
export interface Match {
  readonly path: string
  readonly params: Readonly<Record<string, unknown>>
}

/** Asks a path of Express 5. */
export type Matcher = (path: string) => Match | false

/** One entry of a router's stack. */
export interface Layer {
  readonly name?: string
  readonly route?: Route
  readonly handle?: unknown
  /** Express 5: one matcher a path. */
  readonly matchers?: readonly Matcher[]
  /** Express 5: mounted at `/`, which takes everything and removes nothing. */
  readonly slash?: boolean
  /** Express 5.3 and later: the paths as written. */
  readonly rawPath?: unknown
  /** Express 4: all paths in one expression. */
  readonly regexp?: RegExp & { readonly fast_slash?: boolean; readonly fast_star?: boolean }
  /** Express 4: names of the capturing groups. */
  readonly keys?: readonly { readonly name: string | number }[]
}

/** What Express puts in `req.route`. */
export interface Route {
  readonly path?: unknown
}

/** Makes a layer as the router of the given one would: Express 4 has its matching nowhere else. */
export function compileLayer(
  like: Layer,
  path: unknown,
  options: { sensitive: boolean; strict: boolean; end: boolean },
): Layer {
  const Constructor = like.constructor as new (path: unknown, options: object, handle: () => void) => Layer
  return new Constructor(path, options, () => {})
}

/** The router of an application; `undefined` where it has none. */
export function routerOf(app: App): Router | undefined {
  const { _router, lazyrouter } = app as { _router?: unknown; lazyrouter?: unknown }
  if (isRouter(_router)) return _router
  // Express 4 throws where Express 5 has its router.
  if (lazyrouter !== undefined) return undefined
  const { router } = app as { router?: unknown }
  return isRouter(router) ? router : undefined
}

/** Whether a value is a router. */
export function isRouter(value: unknown): value is Router {
  return typeof value === 'function' && Array.isArray((value as Partial<Router>).stack)
}

/** The same expression without a memory of its last match, which is its owner's. */
export function stateless(regexp: RegExp): RegExp {
  return regexp.global || regexp.sticky ? new RegExp(regexp.source, regexp.flags.replace(/[gy]/g, '')) : regexp
}

/** A path as its author wrote it: a string as it is, an expression in its source form. */
export function pathLabel(path: unknown): string {
  if (typeof path === 'string') return path
  return path instanceof RegExp ? String(path) : '*'
}

/** Puts a path under a prefix. */
export function joinPaths(prefix: string, path: string): string {
  if (path === '' || path === '/') return prefix
  return path.startsWith('/') || path.startsWith('{/') ? prefix + path : `${prefix}/${path}`
}
