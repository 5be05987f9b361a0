import { types } from 'node:util'
import type { Places } from './paths.js'
import { put, type Walker } from './walker.js'

/** A copy of an object that is neither plain nor an array. Whatever throws here is caught by the walk. */
export function walkSpecial(walk: Walker, value: object, isHidden: boolean, places: Places | undefined): unknown {
  if (types.isNativeError(value) || value instanceof Error) return walkError(walk, value, isHidden, places)
  if (types.isDate(value)) return dateText(value)
  if (types.isMap(value)) return walkEntries(walk, Map.prototype.entries.call(value), value.size, isHidden, places)
  if (types.isSet(value)) return walkSet(walk, value, isHidden, places)
  if (ArrayBuffer.isView(value)) return `[${nameOf(value)}: ${value.byteLength} bytes]`
  if (types.isAnyArrayBuffer(value)) return `[${nameOf(value)}: ${value.byteLength} bytes]`
  if (types.isBoxedPrimitive(value)) return walk.value(value.valueOf(), isHidden, places)
  if (types.isRegExp(value)) return walk.text(String(value))
  if (types.isPromise(value)) return '[Promise]'
  if (types.isWeakMap(value) || types.isWeakSet(value)) return `[${nameOf(value)}]`
  if (value instanceof URLSearchParams) return walk.value(value.toString(), isHidden, places)
  if (value instanceof Headers) return walkEntries(walk, value.entries(), Infinity, isHidden, places)

  const { toJSON } = value as { toJSON?: unknown }
  if (typeof toJSON === 'function') return walk.inPlaceOf(value, toJSON.call(value, ''), isHidden, places)
  const target = {}
  walk.properties(value, Object.keys(value), target, isHidden, places)
  return target
}

// What an error has that `Object.keys` does not tell.
const ERROR_KEYS = ['message', 'stack', 'cause', 'errors'] as const

/** Name, message, stack, causes and errors, then what else somebody has put on it; `toJSON` would leave most out. */
function walkError(walk: Walker, error: Error, isHidden: boolean, places: Places | undefined): object {
  const target = { name: safeName(walk, error) }
  const own = Object.keys(error).filter((key) => key !== 'name' && !(ERROR_KEYS as readonly string[]).includes(key))
  const keys = [...ERROR_KEYS.filter((key) => isThere(error, key)), ...own]
  walk.properties(error, keys, target, isHidden, places)
  return target
}

function isThere(error: Error, key: string): boolean {
  try {
    return key in error
  } catch {
    return true
  }
}

function safeName(walk: Walker, error: Error): string {
  try {
    return typeof error.name === 'string' ? walk.text(error.name) : 'Error'
  } catch {
    return 'Error'
  }
}

/** Entries as an object: what they are to whoever reads a log. */
function walkEntries(
  walk: Walker,
  entries: Iterable<[unknown, unknown]>,
  size: number,
  isHidden: boolean,
  places: Places | undefined,
): object {
  const target = {}
  let count = 0
  for (const [key, value] of entries) {
    const name = keyText(key)
    if (count++ === walk.limits.keys || !walk.spend(name)) {
      put(target, '\u2026', `${Number.isFinite(size) ? size - count + 1 : 'some'} more`)
      break
    }
    const rule = walk.ruleOf(name)
    const shown = walk.member(name, value, rule.action, isHidden, places)
    if (shown !== undefined) put(target, rule.name, shown)
  }
  return target
}

function walkSet(walk: Walker, set: ReadonlySet<unknown>, isHidden: boolean, places: Places | undefined): unknown[] {
  // One more than is shown, so that the note about the rest comes from one place.
  const first: unknown[] = []
  for (const item of Set.prototype.values.call(set)) {
    first.push(item)
    if (first.length > walk.limits.items) break
  }
  const shown = walk.items(first, isHidden, places, false)
  if (set.size > first.length) shown[shown.length - 1] = `[${set.size - walk.limits.items} more]`
  return shown
}

function keyText(key: unknown): string {
  if (typeof key === 'function') return '[function]'
  return typeof key === 'object' && key !== null ? '[object]' : String(key)
}

// Not the methods of the value, which may be somebody else's.
function dateText(date: Date): string {
  return Number.isNaN(Date.prototype.getTime.call(date)) ? '[invalid date]' : Date.prototype.toISOString.call(date)
}

function nameOf(value: object): string {
  return Object.prototype.toString.call(value).slice(8, -1)
}
