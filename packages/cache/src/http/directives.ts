/** Directives of `Cache-Control` by lower-case name; `true` where one has no value. */
export type Directives = ReadonlyMap<string, string | true>

const directive = /([!#$%&'*+.^_`|~\w-]+)(?:[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^,;\s"]*)))?/y

/**
 * Reads `Cache-Control`, quoted values included (RFC 9111 section 5.2). Of a directive that stands twice the first one
 * counts (section 4.2.1). What is no directive is passed over.
 */
export function parseDirectives(header: string | readonly string[] | undefined): Directives {
  const found = new Map<string, string | true>()
  if (header === undefined) return found
  const text = (typeof header === 'string' ? header : header.join(',')).slice(0, 8192)
  for (let at = 0; at < text.length;) {
    directive.lastIndex = at
    const match = directive.exec(text)
    if (match === null) {
      at++
      continue
    }
    const name = (match[1] as string).toLowerCase()
    const value = match[2]?.replaceAll(/\\(.)/g, '$1') ?? match[3] ?? true
    if (!found.has(name)) found.set(name, value)
    const comma = text.indexOf(',', directive.lastIndex)
    at = comma === -1 ? text.length : comma + 1
  }
  return found
}

/**
 * Seconds of a directive: `undefined` where it is absent, 0 where its value is none, so that what cannot be read counts as
 * stale (RFC 9111 section 4.2.1); at most 2^31 (section 1.2.2).
 */
export function secondsOf(directives: Directives, name: string): number | undefined {
  const value = directives.get(name)
  if (value === undefined) return undefined
  return typeof value === 'string' && /^\d+$/.test(value) ? Math.min(Number(value), 2_147_483_648) : 0
}

/**
 * Names of fields that a directive is limited to, in lower case: `undefined` where it is absent or holds for the whole
 * response, as it does where its value is no list of names.
 */
export function fieldsOf(directives: Directives, name: string): readonly string[] | undefined {
  const value = directives.get(name)
  if (typeof value !== 'string') return undefined
  const fields = value
    .toLowerCase()
    .split(',')
    .map((field) => field.trim())
    .filter((field) => field !== '')
  return fields.length > 0 && fields.every((field) => /^[!#$%&'*+.^_`|~\w-]+$/.test(field)) ? fields : undefined
}
