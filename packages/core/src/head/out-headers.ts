import { ServerResponse } from 'node:http'

/**
 * Where Node keeps the headers that were set on a response: by lower-case name, spelling and value side by side;
 * `undefined` in a Node that does so no longer. Node's own: see docs/decisions/headers-as-one-block.md.
 */
const outHeadersSlot: symbol | undefined = findSlot()

/** A header as Node keeps it. */
export type KeptHeader = [name: string, value: number | string | readonly string[]]

type Held = Record<symbol, Record<string, KeptHeader> | null>

/** Whether nobody has set a header on a response yet, as far as can be seen. */
export function isUntouched(res: object): boolean {
  return outHeadersSlot !== undefined && (res as Held)[outHeadersSlot] === null
}

/** Whether `headers` are those that were set on a response, and not an object of the application's own. */
export function isKept(res: object, headers: unknown): boolean {
  return outHeadersSlot !== undefined && (res as Held)[outHeadersSlot] === headers
}

/**
 * The headers that were set on a response, by lower-case name, to put some in that need no check and that the toolkit
 * never sets; `undefined` where Node keeps them elsewhere.
 */
export function keptHeaders(res: object): Record<string, KeptHeader> | undefined {
  if (outHeadersSlot === undefined) return undefined
  return ((res as Held)[outHeadersSlot] ??= Object.create(null) as Record<string, KeptHeader>)
}

/** Puts headers on a response on which none were set: an object without a prototype of any properties. */
export function keepHeaders(res: object, headers: object): void {
  ;(res as Held)[outHeadersSlot as symbol] = headers as Record<string, KeptHeader>
}

/** Whether `Content-Length` was set on a response. */
export function isLengthSet(res: ServerResponse): boolean {
  if (outHeadersSlot === undefined) return res.hasHeader('Content-Length')
  const headers = (res as unknown as Held)[outHeadersSlot]
  return headers !== null && headers !== undefined && headers['content-length'] !== undefined
}

function findSlot(): symbol | undefined {
  try {
    const res = new ServerResponse({ method: 'GET', httpVersionMajor: 1, httpVersionMinor: 1 } as never)
    const before = new Map(Object.getOwnPropertySymbols(res).map((slot) => [slot, keptIn(res, slot)]))
    res.setHeader('X-Probe', '1')
    for (const [slot, value] of before) {
      const entry = (keptIn(res, slot) as Record<string, unknown> | null)?.['x-probe']
      if (value === null && Array.isArray(entry) && entry.length === 2 && entry[0] === 'X-Probe' && entry[1] === '1') {
        // What is put there by hand must be what Node finds again.
        const headers = keptIn(res, slot) as Record<string, unknown>
        headers['x-by-hand'] = ['X-By-Hand', '2']
        return res.getHeader('X-By-Hand') === '2' && res.getHeaderNames().includes('x-by-hand') ? slot : undefined
      }
    }
  } catch {
    // Then there is no such place.
  }
  return undefined
}

function keptIn(res: object, slot: symbol): unknown {
  return (res as Record<symbol, unknown>)[slot]
}
