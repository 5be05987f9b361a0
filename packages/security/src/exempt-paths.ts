import { ConfigError } from '@hardening/core'

/** Whether a path is left alone by a guard. */
export type PathPredicate = (path: string) => boolean

/** Where probes of the toolkit answer; they come by address, over plain HTTP, from inside the network. */
export const probePaths: readonly string[] = ['/health']

/** Paths, each with all that is below it. */
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
        (path.length === start.length || start === '/' || path.charCodeAt(start.length) === 47),
    )
}
