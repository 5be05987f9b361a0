import { charCodeAt, ConfigError } from '@hardening/core'

/** Whether a path of a request is meant. */
export type PathTest = (path: string) => boolean

/**
 * Reads patterns such as `/login`, `/users/:id` and `/docs/*` (`/docs` and everything below). As in Express the case of
 * letters and a slash at the end make no difference: a limit must not be avoided by spelling its path otherwise.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 */
export function pathTest(option: string, patterns: unknown): PathTest {
  if (!Array.isArray(patterns)) throw new ConfigError('rateLimit', option, 'a list of paths', patterns)
  const exact = new Set<string>()
  const shapes: RegExp[] = []
  patterns.forEach((pattern: unknown, at) => {
    if (typeof pattern !== 'string' || !/^\/[^?#\s]{0,500}$/.test(pattern)) {
      throw new ConfigError('rateLimit', `${option}[${at}]`, 'a path such as /login, /users/:id or /docs/*', pattern)
    }
    if (/\*[^/]*\*/.test(pattern)) {
      // Two would have to be tried in all their lengths, which a client could choose.
      throw new ConfigError('rateLimit', `${option}[${at}]`, 'a path with at most one * between two slashes', pattern)
    }
    if (/[:*]/.test(pattern)) shapes.push(shapeOf(pattern))
    else exact.add(plain(pattern))
  })
  const starts = startsOf(patterns as readonly string[])
  return (path) => {
    if (starts !== undefined && starts[charCodeAt(path, 1)] !== 1) return false
    const given = plain(path)
    return exact.has(given) || shapes.some((shape) => shape.test(given))
  }
}

/**
 * Second characters, in both cases, of the paths that may match; `undefined` where any may. Most paths differ from the
 * few patterns there.
 */
function startsOf(patterns: readonly string[]): Uint8Array | undefined {
  const starts = new Uint8Array(128)
  for (const pattern of patterns) {
    const start = pattern.charAt(1)
    if (!/[a-zA-Z0-9._-]/.test(start)) return undefined
    starts[start.toLowerCase().charCodeAt(0)] = starts[start.toUpperCase().charCodeAt(0)] = 1
  }
  return starts
}

function plain(path: string): string {
  const lower = path.toLowerCase()
  return lower.length > 1 && lower.endsWith('/') ? lower.slice(0, -1) : lower
}

function shapeOf(pattern: string): RegExp {
  const hasRest = pattern.endsWith('/*')
  const segments = plain(hasRest ? pattern.slice(0, -2) : pattern)
    .split('/')
    .map((segment) => {
      if (segment.startsWith(':')) return '[^/]+'
      return segment
        .split('*')
        .map((text) => text.replace(/[.+^${}()|[\]\\?]/g, '\\$&'))
        .join('[^/]*')
    })
  return new RegExp(`^${segments.join('/')}${hasRest ? '(?:/.*)?' : ''}$`)
}
