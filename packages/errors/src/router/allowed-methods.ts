/** What is read of a layer of a router, of Express 4 and 5 alike. */
interface Layer {
  readonly route?: { readonly methods?: Readonly<Record<string, boolean>> }
  readonly handle?: unknown
  /** Express 4, and 5 up to 5.1: what the last match took of the path. */
  readonly path?: unknown
  /** Tells what it took of the path, or just whether it matched. */
  match?(path: string): unknown
}

interface Router {
  readonly stack: readonly Layer[]
}

interface App {
  readonly _router?: unknown
  readonly lazyrouter?: unknown
  readonly router?: unknown
  path?(): string
}

/** Routers in routers deeper than this are not looked into: the end of a router that holds itself. */
const maxDepth = 20

/**
 * The methods for which an application has a route at `path`, where it has one and none for `method`; `undefined` where it
 * has none, or a route of this method has passed the request on, which is the application's way of saying 404.
 *
 * Looks at what Express itself would ask. Applications mounted in another hide their routes, so they are not seen.
 */
export function allowedMethods(app: unknown, path: string, method: string): readonly string[] | undefined {
  const router = routerOf(app as App)
  if (router === undefined) return undefined
  const inner = withinMount(app as App, path)
  if (inner === undefined) return undefined
  const found = new Set<string>()
  collect(router, inner, 0, found)
  if (found.size === 0 || found.has('_ALL') || found.has(method) || (method === 'HEAD' && found.has('GET'))) {
    return undefined
  }
  if (found.has('GET')) found.add('HEAD')
  // Express answers it by itself wherever it has a route.
  found.add('OPTIONS')
  return [...found].sort()
}

function routerOf(app: App): Router | undefined {
  if (isRouter(app._router)) return app._router
  // Express 4 throws where Express 5 has its router.
  if (app.lazyrouter !== undefined) return undefined
  return isRouter(app.router) ? app.router : undefined
}

function isRouter(value: unknown): value is Router {
  return typeof value === 'function' && Array.isArray((value as Partial<Router>).stack)
}

/** The path as the application's own router sees it; `undefined` where it is mounted under a pattern. */
function withinMount(app: App, path: string): string | undefined {
  const mount = app.path?.() ?? ''
  if (mount === '' || mount === '/') return path
  if (!path.toLowerCase().startsWith(mount.toLowerCase())) return undefined
  const rest = path.slice(mount.length)
  return rest === '' ? '/' : rest.startsWith('/') ? rest : undefined
}

function collect(router: Router, path: string, depth: number, found: Set<string>): void {
  if (depth > maxDepth) return
  for (const layer of router.stack) {
    const { route, handle } = layer
    if (route === undefined && !isRouter(handle)) continue
    const taken = takenBy(layer, path)
    if (taken === undefined) continue
    if (route !== undefined) {
      for (const [name, has] of Object.entries(route.methods ?? {})) if (has) found.add(name.toUpperCase())
    } else {
      const rest = path.slice(taken.replace(/\/$/, '').length)
      if (rest === '' || rest.startsWith('/')) collect(handle as Router, rest === '' ? '/' : rest, depth + 1, found)
    }
  }
}

/** What a layer takes of a path; `undefined` where it does not match. */
function takenBy(layer: Layer, path: string): string | undefined {
  try {
    const match = layer.match?.(path)
    if (!match) return undefined
    const taken = match === true ? layer.path : (match as { path?: unknown }).path
    return typeof taken === 'string' ? taken : ''
  } catch {
    // The path has an escape that cannot be decoded.
    return undefined
  }
}
