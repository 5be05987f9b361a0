import { routeCaptureOf, type RouteCapture } from './capture.js'
import { compileLayer, joinPaths, pathLabel, stateless, type App, type Route } from './express-shape.js'
import {
  explainBase,
  explainFailure,
  followMounts,
  hasGrown,
  lineageOf,
  surveyRoute,
  type Place,
  type Survey,
} from './places.js'
import { positionTemplate } from './positions.js'

/** The label of every request that no route and no mount answered. */
export const unmatchedRoute = 'unmatched'

// Clients choose the values in a resolved path: what is kept by it is bounded.
const maxLabels = 64
const maxKeyLength = 128

interface RouteEntry {
  readonly survey: Survey
  /** One test a path, for routes with several. */
  readonly members: readonly Member[] | undefined
  /** By `req.baseUrl` and member. */
  readonly labels: Map<string, string>
}

interface Member {
  readonly label: string
  readonly test: (path: string) => boolean
}

interface AppTemplates {
  readonly lineage: readonly App[]
  readonly root: App
  readonly routes: WeakMap<Route, RouteEntry>
  /** By `req.baseUrl`. */
  readonly mounts: Map<string, string>
  /** By path. */
  readonly failures: Map<string, string>
}

// By the application that owns the router, so that two of them never meet, even where they share one.
const templates = new WeakMap<object, AppTemplates>()

interface ExpressRequest {
  readonly app?: unknown
  readonly baseUrl?: unknown
  readonly route?: unknown
  readonly params?: unknown
  readonly url?: string
  readonly originalUrl?: string
  readonly res?: { readonly statusCode?: number }
}

/**
 * The template of the route that a request was for, such as `/api/:tenant/users/:id`: once the response has ended, for
 * logs and metrics. Where no route matched: the template of the mount that answered; after an error, of the most specific
 * mount of that path with middleware in it, since Express does not tell which of them failed; else `unmatched`, and
 * always so for a 404. The number of templates is bounded by what the application has mounted, whatever
 * clients send. Never throws.
 *
 * @param req - a request of an application given to {@link captureRoute}
 * @param root - the topmost application: of `req.app` when the request came
 * @param status - status of the response; by default what Express's `req.res` has
 */
export function routeTemplate(req: object, root: unknown, status?: number): string {
  try {
    if (typeof root !== 'function' && (typeof root !== 'object' || root === null)) return unmatchedRoute
    return templateOf(req, root, status)
  } catch {
    return unmatchedRoute
  }
}

function templateOf(req: ExpressRequest, root: App, status: number | undefined): string {
  const capture = routeCaptureOf(req)
  const route = req.route ?? capture?.route
  if (typeof route !== 'object' || route === null) return answerLabel(req, root, statusOf(req, status))
  if (capture?.route !== route) return routeLabel(templatesOf(req.app, root), seenNow(req, route), req)
  const { base } = capture
  const { baseUrl } = req
  // Where it has left that place without an error, the route passed it on: a mount behind may have answered.
  if (baseUrl !== base && typeof baseUrl === 'string' && !base.startsWith(baseUrl) && statusOf(req, status) < 400)
    return answerLabel(req, root, 200)
  return routeLabel(templatesOf(capture.app, root), capture, undefined)
}

function statusOf(req: ExpressRequest, status: number | undefined): number {
  return status ?? req.res?.statusCode ?? 200
}

/** What is still to be seen of a route that nobody captured: an error has reset `req.baseUrl`. */
function seenNow(req: ExpressRequest, route: object): RouteCapture {
  const base = typeof req.baseUrl === 'string' ? req.baseUrl : ''
  return { owner: req, route, base, params: req.params, app: req.app, url: req.url }
}

function templatesOf(app: unknown, root: App): AppTemplates {
  const owner = typeof app === 'function' ? app : root
  let held = templates.get(owner)
  if (held?.root !== root) {
    const lineage = lineageOf(owner, root)
    held = { root, lineage, routes: new WeakMap(), mounts: new Map(), failures: new Map() }
    templates.set(owner, held)
  }
  return held
}

function routeLabel(app: AppTemplates, seen: RouteCapture, uncaptured: ExpressRequest | undefined): string {
  const route = seen.route as Route
  let entry = app.routes.get(route)
  if (entry === undefined) app.routes.set(route, (entry = entryOf(route, app)))
  const member = entry.members === undefined ? -1 : memberAt(entry.members, seen.url)
  const key = entry.members === undefined ? seen.base : `${member} ${seen.base}`
  const known = entry.labels.get(key)
  if (known !== undefined && uncaptured === undefined) return known
  let prefix = prefixOf(entry.survey.places, seen.base, true)
  if (prefix === undefined && hasGrown(entry.survey)) {
    app.routes.set(route, (entry = entryOf(route, app)))
    prefix = prefixOf(entry.survey.places, seen.base, true)
  }
  if (prefix === undefined && uncaptured !== undefined)
    prefix = prefixOf(entry.survey.places, pathOf(uncaptured.originalUrl), false)
  const path = entry.members === undefined ? pathLabel(route.path) : membersLabel(entry.members, member)
  prefix ??= hiddenPrefix(app.lineage, seen, path)
  const label = joinPaths(prefix, path) || '/'
  if (uncaptured === undefined) remember(entry.labels, key, label)
  return label
}

/** The prefix of a route whose router cannot be reached, as far as it can. */
function hiddenPrefix(lineage: readonly App[], { base, params }: RouteCapture, path: string): string {
  const { length, template } = explainBase(lineage, base)
  return template + positionTemplate(base.slice(length), params, `${template}${path}`)
}

function entryOf(route: Route, { lineage }: AppTemplates): RouteEntry {
  const survey = surveyRoute(lineage, route)
  const members = Array.isArray(route.path) ? membersOf(route.path.flat(Infinity), survey.places[0]) : undefined
  return { survey, members, labels: new Map() }
}

function membersOf(paths: readonly unknown[], place: Place | undefined): Member[] {
  return paths.map((path) => ({ label: pathLabel(path), test: memberTest(path, place) }))
}

function memberTest(path: unknown, place: Place | undefined): (path: string) => boolean {
  if (path instanceof RegExp) {
    const regexp = stateless(path)
    return (text) => regexp.test(text)
  }
  if (place === undefined) return () => false
  const { caseSensitive = false, strict = false } = place.router
  const { regexp, matchers } = compileLayer(place.layer, path, { sensitive: caseSensitive, strict, end: true })
  if (regexp !== undefined) return (text) => regexp.test(text)
  return (text) => matchers?.some((matcher) => matcher(text) !== false) === true
}

function memberAt(members: readonly Member[], url: string | undefined): number {
  const path = pathOf(url)
  return members.findIndex(({ test }) => test(path))
}

function membersLabel(members: readonly Member[], at: number): string {
  return members[at]?.label ?? members.map(({ label }) => label).join('|')
}

function prefixOf(places: readonly Place[], path: string, whole: boolean): string | undefined {
  for (const { mounts } of places) {
    const template = followMounts(mounts, path, whole)
    if (template !== undefined) return template
  }
  return undefined
}

function answerLabel(req: ExpressRequest, root: App, status: number): string {
  // Without a route, a 404 is what fell through all the mounts that it entered.
  if (status === 404) return unmatchedRoute
  const app = templatesOf(req.app, root)
  if (typeof req.baseUrl === 'string' && req.baseUrl !== '')
    return remembered(app.mounts, req.baseUrl, (base) => {
      const { length, template } = explainBase(app.lineage, base)
      return template + positionTemplate(base.slice(length), req.params, template)
    })
  // An error has left the mount in which it arose; an answer was given outside of any.
  if (status < 400 || req.app === undefined) return unmatchedRoute
  return remembered(app.failures, pathOf(req.originalUrl), (path) => explainFailure(app.lineage, path).template)
}

function remembered(labels: Map<string, string>, key: string, make: (key: string) => string): string {
  const known = labels.get(key)
  if (known !== undefined) return known
  const label = make(key) || unmatchedRoute
  remember(labels, key, label)
  return label
}

function remember(labels: Map<string, string>, key: string, label: string): void {
  if (key.length > maxKeyLength) return
  if (labels.size >= maxLabels) labels.clear()
  labels.set(key, label)
}

function pathOf(url = ''): string {
  const end = url.search(/[?#]/)
  const path = end === -1 ? url : url.slice(0, end)
  if (path.startsWith('/')) return path
  const authority = path.indexOf('://')
  const slash = authority === -1 ? -1 : path.indexOf('/', authority + 3)
  return slash === -1 ? path : path.slice(slash)
}
