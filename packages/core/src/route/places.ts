import { isRouter, routerOf, type App, type Layer, type Route, type Router } from './express-shape.js'
import { isMountedAt, mountsOf, startOfPath, type Mount } from './mount.js'

/** Where a route stands: the mounts that lead to its layer, from the topmost application. */
export interface Place {
  readonly mounts: readonly Mount[]
  readonly layer: Layer
  readonly router: Router
}

/** The routers of an application as they were looked through. */
export interface Survey {
  readonly places: readonly Place[]
  readonly routers: ReadonlySet<Router>
  /** Number of layers: it grows where something was mounted since. */
  readonly size: number
}

// Routers mounted in one another many times over could make a walk endless.
const maxVisits = 50_000
const maxAsked = 2_000
const maxPlaces = 256
const maxDepth = 64

/** The applications from the one that owns a router up to the topmost; `root` is the last one. */
export function lineageOf(app: unknown, root: App): readonly App[] {
  const lineage: App[] = []
  for (let at = app as App | undefined; at !== undefined && lineage.length < maxDepth; at = at.parent) lineage.push(at)
  return lineage.includes(root) ? lineage : [...lineage, root]
}

/** Finds every place of a route, in the order in which requests come by. */
export function surveyRoute(lineage: readonly App[], route: Route): Survey {
  const places: (Place & { doubtful: boolean })[] = []
  const routers = new Set<Router>()
  const open: Router[] = []
  let visits = 0
  const visit = (router: Router, app: App, mounts: readonly Mount[], doubtful: boolean): void => {
    if (open.includes(router) || open.length >= maxDepth) return
    routers.add(router)
    open.push(router)
    for (const [at, mount] of mountsOf(router).entries()) {
      if (++visits > maxVisits || places.length >= maxPlaces) break
      const layer = router.stack[at] as Layer
      if (layer.route === route) places.push({ mounts, layer, router, doubtful })
      const nested = mount === undefined ? undefined : nestedIn(layer, app, lineage)
      if (mount === undefined || nested === undefined) continue
      visit(nested.router, nested.app, [...mounts, mount], doubtful || nested.doubtful)
    }
    open.pop()
  }
  const top = lineage.at(-1) as App
  const router = routerOf(top)
  if (router !== undefined) visit(router, top, [], false)
  places.sort((a, b) => Number(a.doubtful) - Number(b.doubtful))
  return { places, routers, size: sizeOf(routers) }
}

/** Whether something was mounted since the survey. */
export function hasGrown(survey: Survey): boolean {
  return sizeOf(survey.routers) !== survey.size
}

/**
 * The pattern of a path by the mounts that lead to a place; `undefined` where they do not take it.
 *
 * @param whole - whether nothing of the path may be left
 */
export function followMounts(mounts: readonly Mount[], path: string, whole: boolean): string | undefined {
  let rest = path
  let template = ''
  for (const mount of mounts) {
    const hit = mount.match(rest, startOfPath(rest))
    if (hit === undefined) return undefined
    template += hit.template
    rest = rest.slice(hit.length)
  }
  return rest === '' || !whole ? template : undefined
}

/** How far the mounts of an application explain a path. */
export interface Explained {
  readonly length: number
  readonly template: string
}

/** Finds the mounts that explain the most of a resolved `req.baseUrl`; of equals those with the most literal pattern. */
export function explainBase(lineage: readonly App[], base: string): Explained {
  return explain(lineage, base, () => true)
}

/** Finds the most specific mount of a path in which there is middleware that could have failed. */
export function explainFailure(lineage: readonly App[], path: string): Explained {
  return explain(lineage, path, ({ handle }, nested) => nested === undefined && (handle as () => void).length < 4)
}

function explain(
  lineage: readonly App[],
  path: string,
  counts: (layer: Layer, nested: Nested | undefined) => boolean,
): Explained {
  let best: Explained & { variables: number } = { length: 0, template: '', variables: 0 }
  const open: Router[] = []
  let visits = 0
  const visit = (router: Router, app: App, length: number, template: string): void => {
    if (open.includes(router) || open.length >= maxDepth) return
    open.push(router)
    const rest = path.slice(length)
    const start = startOfPath(rest)
    for (const mount of mountsOf(router)) {
      if (mount === undefined) continue
      if (++visits > maxAsked) break
      const hit = mount.match(rest, start)
      if (hit === undefined) continue
      const { layer } = mount
      const reached = length + hit.length
      const nested = nestedIn(layer, app, lineage)
      if (nested !== undefined) visit(nested.router, nested.app, reached, template + hit.template)
      if (reached < best.length || reached === 0 || !counts(layer, nested)) continue
      const longer = template + hit.template
      const variables = variablesIn(longer)
      if (reached > best.length || variables < best.variables) best = { length: reached, template: longer, variables }
    }
    open.pop()
  }
  const top = lineage.at(-1) as App
  const router = routerOf(top)
  if (router !== undefined) visit(router, top, 0, '')
  return best
}

interface Nested {
  readonly router: Router
  readonly app: App
  readonly doubtful: boolean
}

function nestedIn(layer: Layer, app: App, lineage: readonly App[]): Nested | undefined {
  const { handle } = layer
  if (isRouter(handle)) return { router: handle, app, doubtful: false }
  const direct = lineage.includes(handle as App)
  // An application mounted by `app.use` stands behind a closure of this name, and knows its parent.
  const child = direct
    ? (handle as App)
    : layer.name === 'mounted_app'
      ? lineage.find(({ parent }) => parent === app)
      : undefined
  const router = child === undefined ? undefined : routerOf(child)
  if (child === undefined || router === undefined) return undefined
  return { router, app: child, doubtful: !direct && !isMountedAt(layer, child.mountpath) }
}

function variablesIn(template: string): number {
  return template.split(/[:*]|\/\^/).length
}

function sizeOf(routers: ReadonlySet<Router>): number {
  let size = 0
  for (const router of routers) size += router.stack.length
  return size
}
