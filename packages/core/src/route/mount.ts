import { joinPaths, pathLabel, stateless, type Layer, type Matcher } from './express-shape.js'
import { sourcePatterns } from './path-source.js'
import { probePattern } from './probe.js'

/** What a mounted layer takes of a path, and the pattern by which it does. */
export interface MountHit {
  readonly length: number
  readonly template: string
}

interface Pattern {
  /** The matched prefix. */
  match(path: string): string | undefined
  template(prefix: string): string
}

// Found out once a layer, whoever asks: a layer never changes its path.
const known = new WeakMap<Layer, readonly Pattern[] | 'slash'>()
const nothing: MountHit = { length: 0, template: '' }

/** Matches a path against a mounted layer as Express does. */
export function matchMount(layer: Layer, path: string): MountHit | undefined {
  let patterns = known.get(layer)
  if (patterns === undefined) known.set(layer, (patterns = patternsOf(layer)))
  if (patterns === 'slash') return nothing
  for (const pattern of patterns) {
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

/** Whether a mounted layer was made with this path. */
export function isMountedAt(layer: Layer, path: unknown): boolean {
  if (layer.rawPath !== undefined) return String(layer.rawPath) === String(path)
  if (layer.regexp === undefined) return false
  const labels = [path].flat(Infinity).map(mountLabel)
  return String(sourcePatterns(layer).map(({ template }) => mountLabel(template))) === String(labels)
}

function patternsOf(layer: Layer): readonly Pattern[] | 'slash' {
  if (layer.slash === true || layer.regexp?.fast_slash === true) return 'slash'
  if (layer.regexp !== undefined) {
    return sourcePatterns(layer).map(({ regexp, template }) => {
      const label = mountLabel(template)
      return { match: (path) => regexp.exec(path)?.[0], template: () => label }
    })
  }
  const { matchers = [], rawPath } = layer
  const paths: unknown[] = Array.isArray(rawPath) ? rawPath : [rawPath]
  return matchers.map((matcher, at) => patternOf(matcher, paths.length === matchers.length ? paths[at] : undefined))
}

function patternOf(matcher: Matcher, path: unknown): Pattern {
  if (path instanceof RegExp) {
    const regexp = stateless(path)
    return { match: (text) => regexp.exec(text)?.[0], template: () => mountLabel(path) }
  }
  const label = typeof path === 'string' ? mountLabel(path) : undefined
  // The name by which Express calls its matchers of expressions: what varies in them no probing shows.
  if (label === undefined && matcher.name === 'regexpMatcher') {
    return { match: (text) => (matcher(text) || undefined)?.path, template: () => '/*' }
  }
  return {
    match: (text) => (matcher(text) || undefined)?.path,
    template: (prefix) => label ?? probePattern(matcher, prefix),
  }
}

// Express leaves a slash at the end of a mount's path out of account.
function mountLabel(path: unknown): string {
  const label = pathLabel(path)
  return joinPaths('', label.endsWith('/') && !label.startsWith('/^') ? label.replace(/\/+$/, '') : label)
}
