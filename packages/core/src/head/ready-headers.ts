import { validateHeaderName, validateHeaderValue } from 'node:http'
import { exchangeSlot } from '../exchange-slot.js'
import type { ResponseLike } from '../http.js'
import { keptHeaders } from './out-headers.js'
import type { ResponseHead } from './response-head.js'
import { headerName, type HeaderName } from './header-name.js'

/** A header that was checked when it was made, to be set on many responses. */
export interface ReadyHeader {
  readonly name: HeaderName
  readonly value: string | readonly string[]
}

/** Checks a header as `setHeader` would. @throws what Node throws for a name or value that may not stand in a response */
export function readyHeader(name: string, value: string | readonly string[]): ReadyHeader {
  validateHeaderName(name)
  for (const one of typeof value === 'string' ? [value] : value) validateHeaderValue(name, one)
  return { name: headerName(name), value }
}

/** Sets headers as the application would, for less than `setHeader` takes to check each again. */
export function setReadyHeaders(res: ResponseLike, headers: readonly ReadyHeader[]): void {
  const kept = res.headersSent ? undefined : keptHeaders(res)
  if (kept === undefined) {
    for (const { name, value } of headers) res.setHeader(name.name, value)
    return
  }
  const { head } = (res as { [exchangeSlot]?: { readonly head: ResponseHead | undefined } })[exchangeSlot] ?? {}
  for (const { name, value } of headers) {
    head?.meet(name)
    // Lists of their own: Node adds to them where the application does.
    kept[name.lower] = [name.name, typeof value === 'string' ? value : [...value]]
  }
}
