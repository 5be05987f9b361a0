/** Shown for what nobody can explain. */
const anything = '*'

/**
 * The pattern of a stretch of `req.baseUrl` that no reachable router explains, because a function calls the router: what
 * equals a param is that param, and all else a wildcard, since nobody can tell a literal from a client's value.
 *
 * @param stretch - segments, each with its slash
 * @param params - `req.params` when the route ran
 * @param taken - a template whose params stand elsewhere
 */
export function positionTemplate(stretch: string, params: unknown, taken: string): string {
  const open = Object.entries(typeof params === 'object' && params !== null ? params : {}).filter(
    ([name, value]) => typeof value === 'string' && !/^\d+$/.test(name) && !names(taken).includes(name),
  )
  const segments: string[] = []
  // From the right: where a value equals a literal too, literals mostly come first.
  for (const segment of stretch.split('/').slice(1).reverse()) {
    const text = decode(segment)
    const at = open.findLastIndex(([, value]) => value === text)
    const [param] = at === -1 ? [] : open.splice(at, 1)
    const label = param === undefined ? anything : `:${param[0]}`
    // As many wildcards as a client has segments would be as many templates.
    if (label !== anything || segments[0] !== anything) segments.unshift(label)
  }
  return segments.map((segment) => `/${segment}`).join('')
}

function names(template: string): string[] {
  return template.match(/(?<=[:*])\w+/g) ?? []
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
