import { joinPaths, pathLabel, stateless, type Layer, type Matcher, type Router } from './express-shape.js'
import { sourcePatterns } from './path-source.js'
import { probePattern } from './probe.js'

/** What a mounted layer takes of a path, and the pattern by which it does. */
export interface MountHit {
  readonly length: number
  readonly template: string
}

interface Pattern {
  /** What a path must begin with, in lower case: most mounts are ruled out by it. */
  readonly start: string
  /** The matched prefix. */
  match(path: string): string | undefined
  template(prefix: string): string
}

const maxStart = 32
const slash: MountHit = { length: 0, template: '' }

/** A mounted layer and its patterns. */
export class Mount {
  readonly layer: Layer
  readonly #patterns: readonly Pattern[] | undefined

  constructor(layer: Layer) {
    this.layer = layer
    // Mounted at `/`: takes everything, and nothing of it.
    if (layer.slash !== true && layer.regexp?.fast_slash !== true) this.#patterns = patternsOf(layer)
  }

  /**
   * Matches a path as Express does.
   *
   * @param start - {@link startOfPath} of the path
   */
  match(path: string, start: string): MountHit | undefined {
    if (this.#patterns === undefined) return slash
    for (const pattern of this.#patterns) {
      if (!start.startsWith(pattern.start)) continue
      const prefix = pattern.match(path)
      if (prefix === undefined) continue
      const slashed = prefix.endsWith('/')
      const next = path[prefix.length]
      if (!path.startsWith(prefix) || (next !== undefined && next !== '/' && !slashed)) return undefined
      const length = slashed ? prefix.length - 1 : prefix.length
      return { length, template: pattern.template(prefix.slice(0, length)) }
    }
    return undefined
  }
}

/** What {@link Mount.match} wants to know of a path beforehand. */
export function startOfPath(path: string): string {
  return path.slice(0, maxStart).toLowerCase()
}

interface Stack {
  readonly mounts: (Mount | undefined)[]
  last: Layer | undefined
}

const known = new WeakMap<Router, Stack>()

/** The mounts of a router, each at the place of its layer; nothing at the places of routes. */
export function mountsOf(router: Router): readonly (Mount | undefined)[] {
  const { stack } = router
  let held = known.get(router)
  // Some applications take layers out again, to put others in.
  if (held === undefined || stack[held.mounts.length - 1] !== held.last) {
    held = { mounts: [], last: undefined }
    known.set(router, held)
  }
  const { mounts } = held
  for (let at = mounts.length; at < stack.length; at++) {
    const layer = stack[at] as Layer
    mounts.push(layer.route === undefined ? new Mount(layer) : undefined)
    held.last = layer
  }
  return mounts
}

/** Whether a mounted layer was made with this path. */
export function isMountedAt(layer: Layer, path: unknown): boolean {
  if (layer.rawPath !== undefined) return textOf(layer.rawPath) === textOf(path)
  if (layer.regexp === undefined) return false
  const labels = [path].flat(Infinity).map(mountLabel)
  return String(sourcePatterns(layer).map(({ template }) => mountLabel(template))) === String(labels)
}

function patternsOf(layer: Layer): readonly Pattern[] {
  if (layer.regexp !== undefined) {
    return sourcePatterns(layer).map(({ regexp, template }) => {
      const label = mountLabel(template)
      return { start: startOf(template), match: (path) => regexp.exec(path)?.[0], template: () => label }
    })
  }
  const { matchers = [], rawPath } = layer
  const paths: unknown[] = Array.isArray(rawPath) ? rawPath : [rawPath]
  return matchers.map((matcher, at) => patternOf(matcher, paths.length === matchers.length ? paths[at] : undefined))
}

function patternOf(matcher: Matcher, path: unknown): Pattern {
  if (path instanceof RegExp) {
    const regexp = stateless(path)
    return { start: '', match: (text) => regexp.exec(text)?.[0], template: () => mountLabel(path) }
  }
  const label = typeof path === 'string' ? mountLabel(path) : undefined
  // The name by which Express calls its matchers of expressions: what varies in them no probing shows.
  if (label === undefined && matcher.name === 'regexpMatcher') {
    return { start: '', match: (text) => (matcher(text) || undefined)?.path, template: () => '/*' }
  }
  return {
    start: startOf(label ?? ''),
    match: (text) => (matcher(text) || undefined)?.path,
    template: (prefix) => label ?? probePattern(matcher, prefix),
  }
}

function startOf(path: string): string {
  // A letter before a sign may be optional in Express 4; so may be the slash at the end.
  const literal = /^(?:\/[\w-]+)*(?=\/|$)/.exec(path)?.[0] ?? ''
  return literal.slice(0, maxStart).toLowerCase()
}

// Express leaves a slash at the end of a mount's path out of account.
function mountLabel(path: unknown): string {
  const label = pathLabel(path)
  return joinPaths('', label.endsWith('/') && !label.startsWith('/^') ? label.replace(/(?<!\/)\/+$/, '') : label)
}

/** A path, regular expression or list of them as it is written. */
function textOf(path: unknown): string {
  return [path]
    .flat(Infinity)
    .map((one) => (one instanceof RegExp ? one.toString() : (one as string)))
    .join()
}
