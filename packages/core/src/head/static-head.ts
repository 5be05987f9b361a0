import { validateHeaderName, validateHeaderValue } from 'node:http'
import { ConfigError } from '../errors.js'

/** Headers that never change, worked out once: what to look up, and the very text that goes on the wire. */
export interface StaticHead {
  /** Spelling and value by lower-case name. */
  readonly byName: ReadonlyMap<string, readonly [name: string, value: string]>
  /** `Name: value\r\n` for each. */
  readonly text: string
}

/**
 * Compiles a list of headers. A later one of the same name wins.
 *
 * @throws ConfigError where a name or value may not stand in a response.
 */
export function compileHead(factory: string, headers: readonly (readonly [string, string])[]): StaticHead {
  const byName = new Map<string, readonly [string, string]>()
  for (const [name, value] of headers) {
    try {
      validateHeaderName(name)
      validateHeaderValue(name, value)
    } catch {
      throw new ConfigError(factory, `headers.${name}`, 'a header that HTTP allows', value)
    }
    if (!isPlainName(name)) throw new ConfigError(factory, `headers.${name}`, 'left to the server', value)
    claimName(headerName(name))
    fixName(name.toLowerCase())
    byName.set(name.toLowerCase(), [name, value])
  }
  return { byName, text: [...byName.values()].map(([name, value]) => `${name}: ${value}\r\n`).join('') }
}

/** One head of two, the second winning; made once for each pair. */
export function mergeHeads(first: StaticHead, second: StaticHead): StaticHead {
  let seconds = merged.get(first)
  if (seconds === undefined) merged.set(first, (seconds = new WeakMap()))
  let both = seconds.get(second)
  if (both === undefined) {
    const byName = new Map([...first.byName, ...second.byName])
    both = { byName, text: [...byName.values()].map(([name, value]) => `${name}: ${value}\r\n`).join('') }
    seconds.set(second, both)
  }
  return both
}

const merged = new WeakMap<StaticHead, WeakMap<StaticHead, StaticHead>>()

/** Node reads these out of what the application sets to decide on framing: they must go through `setHeader`. */
const framing = new Set([
  'connection',
  'content-length',
  'date',
  'expect',
  'keep-alive',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'set-cookie',
])

/** Whether a header is plain text to Node, so that it may be written without telling it. */
export function isPlainName(name: string): boolean {
  return headerName(name).isPlain
}

/** What there is to know of a header's name. */
export interface HeaderName {
  readonly name: string
  readonly lower: string
  /** `name: `, as a line begins. */
  readonly start: string
  /** See {@link isPlainName}. */
  readonly isPlain: boolean
  /** Whether the toolkit sets it, on any response: then it may meet with one of the application's. */
  isOurs: boolean
  /** Whether it is among the headers that never change, of any pass. */
  isFixed: boolean
}

const known = new Map<string, HeaderName>()
/** Names, in lower case, that the toolkit sets: as many as there are in its sources. */
const ours = new Set<string>()
const fixed = new Set<string>()

/** Remembers that the toolkit sets a header, however it is spelt. */
export function claimName(name: HeaderName): void {
  if (name.isOurs) return
  ours.add(name.lower)
  name.isOurs = true
  for (const other of known.values()) if (other.lower === name.lower) other.isOurs = true
}

function fixName(lower: string): void {
  fixed.add(lower)
  for (const name of known.values()) if (name.lower === lower) name.isFixed = true
}

/** What there is to know of a header's name; the few that a server uses are remembered. */
export function headerName(name: string): HeaderName {
  let found = known.get(name)
  if (found === undefined) {
    const lower = String(name).toLowerCase()
    const isOurs = lower === 'vary' || ours.has(lower)
    found = { name, lower, start: `${name}: `, isPlain: !framing.has(lower), isOurs, isFixed: fixed.has(lower) }
    if (known.size < 512) known.set(name, found)
  }
  return found
}

/** `name` in lower case. */
export function lowerCase(name: string): string {
  return headerName(name).lower
}
