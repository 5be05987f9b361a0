import type { PathKey, PartIssue } from './issues.js'

/** How far an object from outside may go before a schema is asked about it. */
export interface ShapeLimits {
  readonly maxDepth: number
  readonly maxKeys: number
}

/**
 * What is wrong with the shape of a value whatever its schema says: nested too deep, too many keys, or a key by which a
 * careless merge would reach the prototype of all objects (CWE-1321). Looks at own keys only, stops at the first.
 */
export function findShapeIssue(value: unknown, limits: ShapeLimits): PartIssue | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  return new ShapeWalk(limits).visit(value, [])
}

class ShapeWalk {
  readonly #limits: ShapeLimits
  #keys = 0

  constructor(limits: ShapeLimits) {
    this.#limits = limits
  }

  visit(value: object, path: PathKey[]): PartIssue | undefined {
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return undefined
    const { maxDepth, maxKeys } = this.#limits
    if (path.length >= maxDepth) {
      return { path, code: 'too_deep', message: `must not be nested more than ${maxDepth} levels deep` }
    }
    const keys = Object.keys(value)
    this.#keys += keys.length
    if (this.#keys > maxKeys) {
      return { path: [], code: 'too_many_keys', message: `must not have more than ${maxKeys} keys and items` }
    }
    for (const key of keys) {
      const inner = (value as Record<string, unknown>)[key]
      if (reachesPrototype(key, inner)) {
        return { path: [...path, key], code: 'forbidden_key', message: 'must not be used as a key' }
      }
      if (typeof inner !== 'object' || inner === null) continue
      path.push(key)
      const issue = this.visit(inner, path)
      if (issue !== undefined) return issue
      path.pop()
    }
    return undefined
  }
}

/**
 * Whether a key, spelled flat as Express 5 leaves it (`a[__proto__][x]`) or nested, leads to a prototype. A parser puts
 * `__proto__` there as an own key; the danger is in what copies it later.
 */
export function reachesPrototype(key: string, value: unknown): boolean {
  if (key === '__proto__') return true
  if (key === 'constructor') return typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype')
  if (!key.includes('__proto__') && !key.includes('constructor')) return false
  const segments = key.split(/[.[\]]+/)
  return segments.some(
    (segment, at) => segment === '__proto__' || (segment === 'constructor' && segments[at + 1] === 'prototype'),
  )
}
