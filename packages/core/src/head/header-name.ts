/** What there is to know of a header's name. */
export interface HeaderName {
  readonly name: string
  readonly lower: string
  /** The same for all spellings of a name, and for no other name; -1 where more names came by than are remembered. */
  readonly id: number
  /** `name: `, as a line begins. */
  readonly start: string
  /** The same behind the end of the line before. */
  readonly next: string
  /** Whether it is plain text to Node, so that it may be written without telling it. */
  readonly isPlain: boolean
  /** Whether the toolkit sets it, on any response: then it may meet with one of the application's. */
  isOurs: boolean
  /** Whether it is among the headers that never change, of any pass. */
  isFixed: boolean
}

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

interface KnownNames {
  /** By spelling. */
  readonly known: Map<string, HeaderName>
  readonly ids: Map<string, number>
  /** Names, in lower case, that the toolkit sets: as many as there are in its sources. */
  readonly ours: Set<string>
  readonly fixed: Set<string>
}

// One for all copies of this package in a process: the hooks of one look up the headers of another.
const namesSlot: unique symbol = Symbol.for('@hardening/header-names@1')
const shared = globalThis as { [namesSlot]?: KnownNames }
const { known, ids, ours, fixed } = (shared[namesSlot] ??= {
  known: new Map(),
  ids: new Map(),
  ours: new Set(),
  fixed: new Set(),
})
/** Most spellings that are remembered; a client must not be able to fill the memory with more. */
const mostKnown = 512

/** What there is to know of a header's name; the few that a server uses are remembered. */
export function headerName(name: string): HeaderName {
  let found = known.get(name)
  if (found === undefined) {
    const lower = String(name).toLowerCase()
    found = {
      name,
      lower,
      id: idOf(lower),
      start: `${name}: `,
      next: `\r\n${name}: `,
      isPlain: !framing.has(lower),
      isOurs: lower === 'vary' || ours.has(lower),
      isFixed: fixed.has(lower),
    }
    if (known.size < mostKnown) known.set(name, found)
  }
  return found
}

function idOf(lower: string): number {
  let id = ids.get(lower)
  if (id === undefined) {
    if (ids.size === mostKnown) return -1
    ids.set(lower, (id = ids.size))
  }
  return id
}

/** Whether two names are the same but for their spelling. */
export function isSameName(one: HeaderName, other: HeaderName): boolean {
  return one.id === other.id && (one.id !== -1 || one.lower === other.lower)
}

/** Remembers that the toolkit sets a header, however it is spelt. */
export function claimName(name: HeaderName): void {
  if (name.isOurs) return
  ours.add(name.lower)
  name.isOurs = true
  for (const other of known.values()) if (other.lower === name.lower) other.isOurs = true
}

/** Remembers that a header never changes in some pass. */
export function fixName(name: HeaderName): void {
  fixed.add(name.lower)
  name.isFixed = true
  for (const other of known.values()) if (other.lower === name.lower) other.isFixed = true
}

/** `name` in lower case. */
export function lowerCase(name: string): string {
  return headerName(name).lower
}
