import { IncomingMessage, ServerResponse } from 'node:http'
import { Duplex } from 'node:stream'
import type { Socket } from 'node:net'
import type { AppLike, Exchange } from '@hardening/core'

/** Swallows what is written, and looks like the connection of the client that asked. */
class SilentSocket extends Duplex {
  readonly remoteAddress: string | undefined
  readonly encrypted: boolean

  constructor(like: Socket) {
    super()
    this.remoteAddress = like.remoteAddress
    this.encrypted = (like as { encrypted?: boolean }).encrypted === true
  }

  override _read(): void {}
  override _write(_chunk: unknown, _encoding: unknown, done: () => void): void {
    done()
  }
  setTimeout(): this {
    return this
  }
  setKeepAlive(): this {
    return this
  }
  setNoDelay(): this {
    return this
  }
}

const refreshes = new WeakSet<object>()

/** Whether a request is one of ours, made to get a new response. */
export function isRefresh(req: object): boolean {
  return refreshes.has(req)
}

/**
 * Sends the same request through the application once more, for nobody: the answer is kept, not sent. False where there
 * is no application to send it to.
 */
export function refreshBehind(exchange: Exchange, done: () => void): boolean {
  const root = rootOf(exchange.req.app)
  if (typeof root !== 'function') return false
  const { req } = exchange
  const socket = new SilentSocket(req.socket) as unknown as Socket
  const again = new IncomingMessage(socket)
  again.method = 'GET'
  again.url = req.originalUrl ?? req.url ?? '/'
  again.httpVersion = '1.1'
  again.httpVersionMajor = again.httpVersionMinor = 1
  again.headers = { ...req.headers }
  refreshes.add(again)
  for (const name of ['cache-control', 'if-none-match', 'if-modified-since', 'range', 'if-range', 'pragma'])
    delete again.headers[name]
  again.complete = true
  again.push(null)
  const res = new ServerResponse(again)
  res.assignSocket(socket)
  res.once('close', done)
  // A finished response of no server is closed by nobody else.
  res.once('finish', () => res.emit('close'))
  setImmediate(() => (root as unknown as (req: IncomingMessage, res: ServerResponse) => void)(again, res))
  return true
}

function rootOf(app: AppLike | undefined): AppLike | undefined {
  let root = app
  while (root?.parent !== undefined) root = root.parent
  return root
}
