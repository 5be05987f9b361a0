/** Fields as a tree: what is wanted below each name; `true` for all of it. */
export type FieldTree = Map<string, FieldTree | true>

/** The tree of dotted names; a name that stands for all wins over names below it. */
export function fieldTree(names: Iterable<string>): FieldTree {
  const root: FieldTree = new Map()
  for (const name of names) {
    let tree = root
    const keys = name.split('.')
    const last = keys.pop() as string
    let covered = false
    for (const key of keys) {
      const next = tree.get(key) ?? new Map<string, FieldTree | true>()
      if (next === true) {
        covered = true
        break
      }
      tree.set(key, next)
      tree = next
    }
    if (!covered) tree.set(last, true)
  }
  return root
}

/**
 * A copy of a value with the wanted fields alone, of each item where it is a list. Asks `toJSON` first, as `JSON.stringify` would.
 */
export function pickFields(value: unknown, tree: FieldTree | true): unknown {
  if (typeof value !== 'object' || value === null || tree === true) return value
  if (Array.isArray(value)) return value.map((item) => pickFields(item, tree))
  const { toJSON } = value as { toJSON?: unknown }
  const plain: unknown = typeof toJSON === 'function' ? (toJSON.call(value, '') as unknown) : value
  if (typeof plain !== 'object' || plain === null) return plain
  const picked: Record<string, unknown> = {}
  for (const [key, below] of tree) {
    // A getter of a class counts, what every object inherits does not.
    if (key in plain && !(key in Object.prototype))
      picked[key] = pickFields((plain as Record<string, unknown>)[key], below)
  }
  return picked
}
