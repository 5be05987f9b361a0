import {
  ConfigError,
  continueTrace,
  createRequestId,
  functionOption,
  isValidRequestId,
  type Exchange,
  type RequestContext,
} from '@hardening/core'
import { accessDetails } from './access-line.js'
import type { AccessLogger, Logger } from './logger.js'

/** What is needed of a server of `node:http`. */
export interface UpgradableServer {
  listenerCount(event: 'upgrade'): number
  prependListener(event: 'upgrade', listener: (req: UpgradeRequest, socket: UpgradeSocket) => void): unknown
  off(event: 'upgrade', listener: (req: UpgradeRequest, socket: UpgradeSocket) => void): unknown
}

/** What is needed of a request that asks for another protocol. */
export interface UpgradeRequest {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** What is needed of its connection. */
export interface UpgradeSocket {
  readonly remoteAddress?: string | undefined
  write: (...args: never[]) => boolean
  end: (...args: never[]) => unknown
  once(event: 'close', listener: () => void): unknown
}

/**
 * A line for each request that becomes a WebSocket or the like, when it is answered: such requests pass no middleware.
 * Call it behind whoever serves them.
 *
 * @returns a function that ends it
 * @throws ConfigError `ERR_CONFIG_INVALID` where nobody serves upgrades: Node then gives such requests to the application
 *
 * @example
 * const sockets = new WebSocketServer({ server })
 * upgradeLog(server, logger)
 */
export function upgradeLog(server: UpgradableServer, logger: Logger): () => void {
  functionOption('upgradeLog', 'logger.info', logger?.info)
  if (server.listenerCount('upgrade') === 0) {
    throw new ConfigError(
      'upgradeLog',
      'server',
      'one whose upgrades somebody serves already',
      'one without a listener',
    )
  }
  const onUpgrade = (req: UpgradeRequest, socket: UpgradeSocket): void => watch(req, socket, logger)
  server.prependListener('upgrade', onUpgrade)
  return () => void server.off('upgrade', onUpgrade)
}

function watch(req: UpgradeRequest, socket: UpgradeSocket, logger: Logger): void {
  const start = performance.now()
  // A connection that has ended does not know any more whose it was.
  const { write, end, remoteAddress } = socket
  let isTold = false
  const answered = (first: unknown): void => {
    if (isTold) return
    isTold = true
    // Whoever wrapped them meanwhile calls these, which are done.
    if (socket.write === watchedWrite) socket.write = write
    if (socket.end === watchedEnd) socket.end = end
    tell(req, remoteAddress, logger, statusOf(first), performance.now() - start)
  }
  const watchedWrite = function (this: unknown, ...args: never[]): boolean {
    answered(args[0])
    return write.apply(socket, args)
  }
  const watchedEnd = function (this: unknown, ...args: never[]): unknown {
    answered(args[0])
    return end.apply(socket, args)
  }
  socket.write = watchedWrite
  socket.end = watchedEnd
  socket.once('close', () => answered(undefined))
}

/** The status of an answer by its first bytes; 499 where the connection ended without one. */
function statusOf(first: unknown): number {
  const text =
    typeof first === 'string' ? first.slice(0, 12) : Buffer.isBuffer(first) ? first.toString('latin1', 0, 12) : ''
  return Number(/^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1] ?? 499)
}

function tell(
  req: UpgradeRequest,
  address: string | undefined,
  logger: Logger,
  status: number,
  durationMs: number,
): void {
  const { 'x-request-id': given, traceparent, tracestate } = req.headers
  const requestId = typeof given === 'string' && isValidRequestId(given) ? given : createRequestId()
  const trace = continueTrace(traceparent, tracestate)
  const context = { requestId, trace, user: undefined } as RequestContext
  const [path = '/'] = (req.url ?? '/').split('?', 1)
  const ip = address?.replace(/^::ffff:(?=\d+\.)/, '')
  const aborted = status === 499
  const method = req.method ?? 'GET'
  const record = { method, context, path, route: 'upgrade', status, durationMs, ip, bytes: 0, aborted }
  const x = record as unknown as Exchange
  const level = status >= 500 ? 'error' : aborted ? 'warn' : 'info'
  const sink = (logger as Partial<AccessLogger>).access
  if (sink !== undefined) return sink.write(x, level, false)
  logger.log(level, 'request', { requestId, traceId: trace.traceId, ...accessDetails(x, false, path) })
}
