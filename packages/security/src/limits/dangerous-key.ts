/**
 * Whether the name of a parameter would lead a parser of nested names to a prototype: `__proto__[x]`,
 * `a.constructor.prototype.x`. A parameter that is only called `constructor` is a builder's firm.
 */
export function dangerousPath(name: string): boolean {
  if (!name.includes('proto')) return false
  const segments = name.split(/[[\].]+/)
  return segments.some(
    (segment, at) => segment === '__proto__' || (segment === 'prototype' && segments[at - 1] === 'constructor'),
  )
}

/** Whether a key of a parsed object, with what it holds, aims at a prototype. */
export function isDangerousKey(key: string, value: unknown): boolean {
  if (key === '__proto__') return true
  return key === 'constructor' && typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype')
}
