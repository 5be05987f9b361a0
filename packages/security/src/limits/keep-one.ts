import type { RequestLike } from '@hardening/core'

type Query = Record<string, unknown>
type WithQuery = RequestLike & { query?: Query }

/** Keeps one value of each name in `req.query`, which Express 5 works out anew at every read unless it is replaced. */
export function keepOne(req: WithQuery, names: readonly string[], which: 'first' | 'last'): void {
  const query = { ...req.query }
  for (const name of names) {
    if (Object.hasOwn(query, name)) query[name] = oneOf(query[name], which)
    // A parser of nested names has put it where its brackets say.
    else
      keepBelow(
        query,
        name.split(/[[\]]+/).filter((part) => part !== ''),
        which,
      )
  }
  Object.defineProperty(req, 'query', { value: query, writable: true, configurable: true, enumerable: true })
}

function keepBelow(query: Query, path: readonly string[], which: 'first' | 'last'): void {
  let at = query
  for (const part of path.slice(0, -1)) {
    const below = Object.hasOwn(at, part) ? at[part] : undefined
    if (typeof below !== 'object' || below === null) return
    const copy = Array.isArray(below) ? ([...below] as unknown as Query) : { ...(below as Query) }
    at[part] = copy
    at = copy
  }
  const last = path.at(-1)
  if (last !== undefined && Object.hasOwn(at, last)) at[last] = oneOf(at[last], which)
}

function oneOf(value: unknown, which: 'first' | 'last'): unknown {
  return Array.isArray(value) ? value.at(which === 'first' ? 0 : -1) : value
}
