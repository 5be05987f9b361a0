import type { RedisLike } from '@hardening/core'

/** A client of ioredis, also of a cluster, of which connections with other options are made. */
export interface JobsRedis {
  readonly status: string
  readonly isCluster?: boolean
  duplicate(...options: never[]): unknown
  disconnect(): void
}

/** A client of ioredis, as far as its end is concerned. */
export interface JobsClient extends RedisLike {
  status: string
  readonly isCluster?: boolean
  duplicate(...options: unknown[]): JobsClient
  connect(): Promise<void>
  disconnect(reconnect?: boolean): void
  readonly stream?: { destroy(): unknown } | undefined
  setStatus?(status: string): void
  flushQueue?(error: Error): void
  /** Of a cluster: the connections to its servers. */
  nodes?(): readonly JobsClient[]
}

/** What a connection of the driver has beside its address, as ioredis names it. */
export interface ConnectionSettings {
  readonly enableOfflineQueue: boolean
  readonly retryStrategy: (times: number) => number
  readonly maxRetriesPerRequest: null
  readonly disconnectTimeout: number
}

/** A connection like the one that was given, with other settings. A cluster takes some for itself and some for each server. */
export function duplicateOf(redis: JobsRedis, settings: ConnectionSettings): JobsClient {
  const duplicate = redis.duplicate.bind(redis) as (...options: unknown[]) => JobsClient
  if (redis.isCluster !== true) {
    return duplicate({ ...settings, autoResendUnfulfilledCommands: true, lazyConnect: false, keyPrefix: '' })
  }
  const { enableOfflineQueue, retryStrategy, ...each } = settings
  return duplicate([], {
    enableOfflineQueue,
    clusterRetryStrategy: retryStrategy,
    lazyConnect: false,
    keyPrefix: '',
    redisOptions: { ...each, keyPrefix: '' },
  })
}

/**
 * All connections of the driver, those among them that BullMQ duplicates: they can be ended for good, whatever the server
 * does. BullMQ waits for a client's `end`, which ioredis leaves out where it was just about to connect again; and it
 * connects again what has ended.
 */
export class Connections {
  readonly #clients: JobsClient[] = []
  #isEnded = false

  follow(client: JobsClient): JobsClient {
    this.#clients.push(client)
    client.on('error', () => undefined)
    const duplicate = client.duplicate.bind(client)
    const connect = client.connect.bind(client)
    const disconnect = client.disconnect.bind(client)
    client.duplicate = (...options) => {
      const last = options.length === 0 ? 0 : options.length - 1
      if (this.#isEnded) options[last] = { ...(options[last] as object | undefined), lazyConnect: true }
      return this.follow(duplicate(...options))
    }
    client.connect = () => (this.#isEnded ? Promise.reject(closed()) : connect())
    client.disconnect = (reconnect = false) => {
      const isBetween = client.status === 'reconnecting'
      disconnect(reconnect)
      if (isBetween && !reconnect) {
        client.setStatus?.('end')
        client.flushQueue?.(closed())
      }
    }
    return client
  }

  /** Ends every connection now: what is on the way is refused, and nothing connects again. */
  end(): void {
    this.#isEnded = true
    for (const client of this.#clients) {
      // A second time it would wait two seconds for an end that has been.
      if (client.status !== 'end') client.disconnect()
      // A frozen server never answers the end of a connection.
      for (const { stream } of [client, ...(client.nodes?.() ?? [])]) stream?.destroy()
    }
  }
}

function closed(): Error {
  // As ioredis words it: BullMQ knows a lost connection by that.
  return new Error('Connection is closed.')
}
