/** A property of anything at all; `undefined` where there is none or reading it throws (getters, proxies). */
export function read(value: unknown, name: string): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined
  try {
    return (value as Record<string, unknown>)[name]
  } catch {
    return undefined
  }
}

/** A property that is a string; `''` else. */
export function readText(value: unknown, name: string): string {
  const found = read(value, name)
  return typeof found === 'string' ? found : ''
}

/** The items of a property that is an array, at most `limit`; none else. */
export function readList(value: unknown, name: string, limit: number): readonly unknown[] {
  const found = read(value, name)
  try {
    return Array.isArray(found) ? found.slice(0, limit) : []
  } catch {
    return []
  }
}

/** The HTTP status that an error claims, if it is an error's. */
export function readStatus(value: unknown): number | undefined {
  for (const name of ['status', 'statusCode']) {
    const status = read(value, name)
    if (typeof status === 'number' && Number.isInteger(status) && status >= 400 && status <= 599) return status
  }
  return undefined
}
