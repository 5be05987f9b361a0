import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { ConfigError, durationOption, integerOption, rejectUnknownOptions, type Duration } from '@hardening/core'
import { report } from './threat.js'

/** Options of {@link hardenServer}. */
export interface HardenServerOptions {
  /** How long the head of a request may take to arrive. @defaultValue `'15s'` */
  headersTimeout?: Duration
  /** How long a whole request may take to arrive, its body included. @defaultValue `'2m'` */
  requestTimeout?: Duration
  /**
   * How long a connection stays open without a request. A proxy in front must give up idle connections earlier, or it
   * will now and then send into one that closes; most keep them for 60 s.
   *
   * @defaultValue `'65s'`
   */
  keepAliveTimeout?: Duration
  /**
   * How long nothing may move on a connection in the middle of an exchange, also because the client does not read.
   * Streams of events must send something more often. `0` for any time.
   *
   * @defaultValue `'2m'`
   */
  socketTimeout?: Duration
  /** How often the first two are looked at. Counts only before the server listens. @defaultValue `'1s'` */
  checkInterval?: Duration
  /**
   * Most header lines that are read. Node leaves out the rest without a word, so it must be more than `requestLimits`
   * refuses.
   *
   * @defaultValue `200`
   */
  maxHeadersCount?: number
  /** Requests after which a client is told to close its connection, and gets 503 if it goes on. `0` for any number. @defaultValue `1000` */
  maxRequestsPerSocket?: number
  /** Most connections at once. @defaultValue `10_000` */
  maxConnections?: number
  /**
   * Most connections at once from one address. Only for servers without a proxy in front, whose address would be the
   * only one. `0` for any number.
   *
   * @defaultValue `0`
   */
  maxConnectionsPerAddress?: number
}

/**
 * Sets what defends a server against clients that are slow on purpose or open too much. Call it before the server
 * listens, or at once after `app.listen()`.
 *
 * @example
 * const server = hardenServer(app.listen(3000))
 *
 * @returns the server
 * @throws ConfigError `ERR_CONFIG_INVALID`
 */
export function hardenServer<S extends Server>(server: S, options: HardenServerOptions = {}): S {
  const factory = 'hardenServer'
  rejectUnknownOptions(factory, options, [
    'headersTimeout',
    'requestTimeout',
    'keepAliveTimeout',
    'socketTimeout',
    'checkInterval',
    'maxHeadersCount',
    'maxRequestsPerSocket',
    'maxConnections',
    'maxConnectionsPerAddress',
  ])
  const { headersTimeout = '15s', requestTimeout = '2m', keepAliveTimeout = '65s', socketTimeout = '2m' } = options
  const { checkInterval = '1s', maxHeadersCount = 200, maxRequestsPerSocket = 1000 } = options
  const { maxConnections = 10_000, maxConnectionsPerAddress = 0 } = options
  const settings = {
    headersTimeout: durationOption(factory, 'headersTimeout', headersTimeout, { min: 1 }),
    requestTimeout: durationOption(factory, 'requestTimeout', requestTimeout, { min: 1 }),
    keepAliveTimeout: durationOption(factory, 'keepAliveTimeout', keepAliveTimeout, { min: 1 }),
    timeout: durationOption(factory, 'socketTimeout', socketTimeout),
    // A property that Node reads when the server begins to listen; its own option of createServer sets it too.
    connectionsCheckingInterval: durationOption(factory, 'checkInterval', checkInterval, { min: 10 }),
    maxHeadersCount: integerOption(factory, 'maxHeadersCount', maxHeadersCount, { min: 1 }),
    maxRequestsPerSocket: integerOption(factory, 'maxRequestsPerSocket', maxRequestsPerSocket),
    maxConnections: integerOption(factory, 'maxConnections', maxConnections, { min: 1 }),
  }
  if (settings.requestTimeout < settings.headersTimeout) {
    throw new ConfigError(factory, 'requestTimeout', 'at least `headersTimeout`', requestTimeout)
  }
  integerOption(factory, 'maxConnectionsPerAddress', maxConnectionsPerAddress)
  Object.assign(server, settings)
  server.on('drop', () => tellOf('connections'))
  if (maxConnectionsPerAddress > 0) limitByAddress(server, maxConnectionsPerAddress)
  return server
}

function limitByAddress(server: Server, limit: number): void {
  const open = new Map<string, number>()
  // Before Node's own listener, which would begin to parse.
  server.prependListener('connection', (socket: Socket) => {
    const address = socket.remoteAddress
    if (address === undefined) return
    const count = (open.get(address) ?? 0) + 1
    if (count > limit) {
      socket.destroy()
      tellOf('connections-per-address')
      return
    }
    open.set(address, count)
    socket.once('close', () => {
      const left = (open.get(address) as number) - 1
      if (left === 0) open.delete(address)
      else open.set(address, left)
    })
  })
}

function tellOf(rule: string): void {
  report(undefined, { kind: 'connections', rule, field: 'connection', score: 3 })
}
