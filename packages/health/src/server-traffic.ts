import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { createRedactor } from '@hardening/core'

/**
 * The connections of a server, and what is under way on them.
 *
 * Nothing listens for `upgrade` or `connect` here: where nobody else does, Node would then hand requests that ask for an
 * upgrade to nobody. An upgraded connection is known by staying when all others have gone.
 */
export class ServerTraffic {
  readonly #server: Server
  /** The last response of every connection; none where nothing was asked yet. */
  readonly #connections = new Map<Socket, ServerResponse | undefined>()
  /** Connections below TLS, which are there before their handshake is through. */
  readonly #raw = new Set<Socket>()
  readonly #waiting: (() => void)[] = []
  #draining = false

  constructor(server: Server) {
    this.#server = server
    if ('setSecureContext' in server) {
      server.on('secureConnection', this.#onConnection)
      server.on('connection', this.#onRawConnection)
    } else {
      server.on('connection', this.#onConnection)
    }
    server.prependListener('request', this.#onRequest)
  }

  /** Requests that have no complete answer yet. Pipelined requests of one connection count as one. */
  get inFlight(): number {
    return this.#unfinished().length
  }

  /** From now on each answer is the last one of its connection. */
  drain(): void {
    this.#draining = true
    for (const res of this.#unfinished()) this.#onLast(res)
  }

  /** Takes no new connections, and lets go of those that wait for a next request. Resolves when all have ended. */
  stopListening(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
      this.closeIdle()
    })
  }

  /** Connections that wait for a next request keep the server from closing. */
  closeIdle(): void {
    this.#server.closeIdleConnections()
  }

  /** Resolves when nothing is in flight. */
  finished(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      this.#onClosed()
    })
  }

  /**
   * Says goodbye on connections on which nothing is in flight and which stay all the same: upgraded ones, and those that
   * were opened and never used, which Node takes for busy.
   */
  endRest(): void {
    for (const [socket, res] of this.#connections) if (res === undefined || isOver(res)) socket.end()
  }

  /** What is in flight, for a log: method and path, without query and secrets. */
  describe(): string[] {
    const { redactText } = createRedactor({ limits: { stringLength: 200 } })
    return this.#unfinished().map(({ req }) => {
      const url = (req as { originalUrl?: string }).originalUrl ?? req.url ?? ''
      return redactText(`${req.method} ${url.split('?')[0]}`)
    })
  }

  /** Ends everything at once. */
  cutOff(): void {
    this.#server.closeAllConnections()
    for (const socket of this.#connections.keys()) socket.destroy()
    for (const socket of this.#raw) socket.destroy()
  }

  readonly #onConnection = (socket: Socket): void => {
    this.#connections.set(socket, undefined)
    socket.once('close', () => this.#connections.delete(socket))
  }

  readonly #onRawConnection = (socket: Socket): void => {
    this.#raw.add(socket)
    socket.once('close', () => this.#raw.delete(socket))
  }

  readonly #onRequest = ({ socket }: { readonly socket: Socket }, res: ServerResponse): void => {
    // Kept by connection, for then nothing has to be taken back when the response ends.
    if (!this.#connections.has(socket)) this.#onConnection(socket)
    this.#connections.set(socket, res)
    if (this.#draining) this.#onLast(res)
  }

  #unfinished(): ServerResponse[] {
    return [...this.#connections.values()].filter((res) => res !== undefined && !isOver(res)) as ServerResponse[]
  }

  #onLast(res: ServerResponse): void {
    if (!res.headersSent) res.setHeader('Connection', 'close')
    res.once('close', () => setImmediate(this.#onClosed))
  }

  readonly #onClosed = (): void => {
    if (!this.#server.listening) this.closeIdle()
    if (this.#unfinished().length > 0) return
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

function isOver(res: ServerResponse): boolean {
  return res.writableFinished || res.destroyed
}
