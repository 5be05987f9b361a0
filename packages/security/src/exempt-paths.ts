import { ConfigError } from '@hardening/core'

/** Whether a path is left alone by a guard. */
export type PathPredicate = (path: string) => boolean

/** Where probes of the toolkit answer; they come by address, over plain HTTP, from inside the network. */
export const probePaths: readonly string[] = ['/health']

/** A segment of dots, also encoded: what serves files or passes requests on resolves it, and is then somewhere else. */
const dotSegment = /[/\\](?:\.|%2e){2}(?:[/\\;]|%2f|%5c|$)/i

/** What could begin or end such a segment in another spelling than a slash. */
const encodedSlash = /%2f|%5c/gi

/** Paths, each with all that is below it; a path that leads out of there by `..` is none of them. */
export function pathPredicate(factory: string, option: string, paths: readonly string[]): PathPredicate {
  if (!Array.isArray(paths)) throw new ConfigError(factory, option, 'a list of paths', paths)
  for (const [at, path] of paths.entries()) {
    if (typeof path !== 'string' || !/^\/[^?#]*$/.test(path)) {
      throw new ConfigError(factory, `${option}[${at}]`, "a path such as '/health'", path)
    }
  }
  const whole = paths.map((path) => (path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path))
  if (whole.length === 0) return () => false
  return (path) =>
    whole.some(
      (start) =>
        path.startsWith(start) &&
        (path.length === start.length || start === '/' || path.charCodeAt(start.length) === 47) &&
        !leadsUpwards(path),
    )
}

function leadsUpwards(path: string): boolean {
  return dotSegment.test(path.replace(encodedSlash, '/'))
}
