import { dangerousPath } from './dangerous-key.js'

/** What a query may have at most. */
export interface QueryLimits {
  readonly parameters: number
  readonly depth: number
}

/** What a look at a query has found. */
export interface QueryScan {
  /** The rule that it breaks, if any. */
  readonly rule: 'parameter-count' | 'parameter-depth' | 'prototype-key' | undefined
  /**
   * Names that stand more than once, decoded, also where a parser of nested names would bring them together (`a` beside `a[]`
   * or `a[b]`); names that end in `[]` are meant to.
   */
  readonly repeated: readonly string[]
}

const nothing: QueryScan = { rule: undefined, repeated: [] }

/** Looks once over a query without building what it means; in linear time. */
export function scanQuery(query: string, limits: QueryLimits): QueryScan {
  if (query === '') return nothing
  let seen: Set<string> | undefined
  let nested: Set<string> | undefined
  let repeated: string[] | undefined
  let first = ''
  let count = 0
  for (let at = 0; at <= query.length; count++) {
    const ampersand = query.indexOf('&', at)
    const end = ampersand === -1 ? query.length : ampersand
    if (count >= limits.parameters) return { rule: 'parameter-count', repeated: [] }
    const parameter = query.slice(at, end)
    const equals = parameter.indexOf('=')
    const name = decodeName(equals === -1 ? parameter : parameter.slice(0, equals))
    if (depthOf(name) > limits.depth) return { rule: 'parameter-depth', repeated: [] }
    if (dangerousPath(name)) return { rule: 'prototype-key', repeated: [] }
    const bracket = name.indexOf('[', 1)
    if (bracket !== -1) (nested ??= new Set()).add(name.slice(0, bracket))
    if (count === 0) first = name
    else {
      seen ??= new Set([first])
      if (seen.has(name) && name !== '' && !name.endsWith('[]')) (repeated ??= []).push(name)
      seen.add(name)
    }
    at = end + 1
  }
  if (nested !== undefined) {
    const names = seen ?? [first]
    for (const name of names) if (nested.has(name) && !repeated?.includes(name)) (repeated ??= []).push(name)
  }
  return repeated === undefined ? nothing : { rule: undefined, repeated }
}

function decodeName(name: string): string {
  if (!name.includes('%') && !name.includes('+')) return name
  try {
    return decodeURIComponent(name.replaceAll('+', ' '))
  } catch {
    return name
  }
}

function depthOf(name: string): number {
  let depth = 0
  for (let at = name.indexOf('['); at !== -1; at = name.indexOf('[', at + 1)) depth++
  return depth
}
