/** What came with a request: texts, lists and objects of any depth, such as `[req.query, req.params, req.body]`. */
export type GuardInputs = unknown

const limit = 10_000

/** Texts and keys of the inputs, each once; `undefined` where there are more than a request has to have. */
export function textsOf(
  inputs: GuardInputs,
  { shortest = 2 }: { readonly shortest?: number } = {},
): readonly string[] | undefined {
  const texts = new Set<string>()
  const pending: unknown[] = [inputs]
  const seen = new Set<object>()
  let visited = 0
  while (pending.length > 0) {
    const value = pending.pop()
    if (++visited > limit * 2) return undefined
    if (typeof value === 'string') {
      if (value.length >= shortest) texts.add(value)
      if (texts.size > limit) return undefined
    } else if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && !seen.has(value)) {
      seen.add(value)
      if (value instanceof Map) for (const [name, item] of value) pending.push(name, item)
      else if (Array.isArray(value) || value instanceof Set) for (const item of value) pending.push(item)
      else {
        for (const name of Object.keys(value)) {
          pending.push(name, (value as Record<string, unknown>)[name])
        }
      }
    }
  }
  return [...texts]
}
