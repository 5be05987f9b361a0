import type { IncomingMessage } from 'node:http'

/** A parameter of the query as the application's parser gives it; read from the URL where there is no parser. */
export function queryValue(req: IncomingMessage, name: string): unknown {
  return queryOf(req, [name])[name]
}

/** Some parameters of the query. Only own keys count, and nothing is parsed where there is no query. */
export function queryOf(req: IncomingMessage, names: readonly string[]): Record<string, unknown> {
  const found: Record<string, unknown> = {}
  const url = req.url ?? ''
  const mark = url.indexOf('?')
  const parsed = (req as { query?: unknown }).query
  if (mark === -1 && parsed === undefined) return found
  if (typeof parsed === 'object' && parsed !== null) {
    for (const name of names) if (Object.hasOwn(parsed, name)) found[name] = (parsed as Record<string, unknown>)[name]
    return found
  }
  const params = new URLSearchParams(url.slice(mark + 1))
  for (const name of names) {
    const values = params.getAll(name)
    if (values.length > 0) found[name] = values.length === 1 ? values[0] : values
  }
  return found
}
