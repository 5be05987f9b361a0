import { createServer, IncomingMessage, ServerResponse } from 'node:http'
import type { AppLike, RequestLike } from '../http.js'
import { expressClasses } from './express-classes.js'

type Held = Record<symbol, unknown>

/** Servers that were looked at, whatever came of it. */
const seen = new WeakSet<object>()

/**
 * Lets the server that a request came from make the next ones for its application, as `serverOptions` of the kit would
 * have from the start: see docs/decisions/own-server.md. A server that was given classes of its own is left alone, and
 * so is every server of a Node that keeps its classes elsewhere: then Express does what it always did.
 */
export function adoptServer(req: RequestLike, app: AppLike): void {
  const { server } = req.socket as { server?: object }
  if (server === undefined || server === null || seen.has(server)) return
  seen.add(server)
  const slots = classSlots()
  if (slots === undefined) return
  const held = server as Held
  if (held[slots.request] !== IncomingMessage || held[slots.response] !== ServerResponse) return
  const made = expressClasses(app)
  held[slots.request] = made.IncomingMessage
  held[slots.response] = made.ServerResponse
}

let found: { readonly request: symbol; readonly response: symbol } | undefined | null = null

/** Where Node keeps the classes of a server; found by what stands there in one that listens to nothing. */
export function classSlots(): { readonly request: symbol; readonly response: symbol } | undefined {
  if (found !== null) return found
  const server = createServer() as unknown as Held
  const symbols = Object.getOwnPropertySymbols(server)
  const request = symbols.find((symbol) => server[symbol] === IncomingMessage)
  const response = symbols.find((symbol) => server[symbol] === ServerResponse)
  found = request === undefined || response === undefined ? undefined : { request, response }
  return found
}
