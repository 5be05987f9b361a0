import { isDangerousKey } from './dangerous-key.js'

/** What a parsed body may have at most. */
export interface ShapeLimits {
  readonly depth: number
  readonly keys: number
  readonly items: number
  readonly keyLength: number
}

/** The rule that a body breaks. */
export type ShapeRule = 'depth' | 'keys' | 'items' | 'key-length' | 'prototype-key'

/**
 * The first rule that a parsed body breaks. Looks at no more than the limits allow, without recursion, so that nothing
 * that a parser has built can exhaust it. With `remove`, keys that aim at a prototype are deleted and not counted.
 */
export function brokenShape(body: unknown, limits: ShapeLimits, remove: boolean): ShapeRule | undefined {
  if (!isContainer(body)) return undefined
  const waiting: object[] = [body]
  const depths: number[] = [1]
  let keys = 0
  let items = 0
  while (waiting.length > 0) {
    const container = waiting.pop() as object
    const depth = depths.pop() as number
    if (depth > limits.depth) return 'depth'
    if (Array.isArray(container)) {
      items += container.length
      if (items > limits.items) return 'items'
      for (const item of container) {
        if (isContainer(item)) {
          waiting.push(item)
          depths.push(depth + 1)
        }
      }
      continue
    }
    for (const key of Object.keys(container)) {
      const value = (container as Record<string, unknown>)[key]
      if (isDangerousKey(key, value)) {
        if (!remove) return 'prototype-key'
        delete (container as Record<string, unknown>)[key]
        continue
      }
      if (++keys > limits.keys) return 'keys'
      if (key.length > limits.keyLength) return 'key-length'
      if (isContainer(value)) {
        waiting.push(value)
        depths.push(depth + 1)
      }
    }
  }
  return undefined
}

/** Whether a value is an object or array as parsers make them; bytes and files are not looked into. */
function isContainer(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return true
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
