import type { RedisLike } from '@hardening/core'

/** A client of ioredis, of which connections with other options are made. */
export interface JobsRedis {
  duplicate(options?: Record<string, unknown>): unknown
  disconnect(): void
}

/** A client of ioredis, as far as its end is concerned. */
export interface JobsClient extends RedisLike {
  status: string
  duplicate(options?: Record<string, unknown>): JobsClient
  connect(): Promise<void>
  disconnect(reconnect?: boolean): void
  readonly stream?: { destroy(): unknown } | undefined
  setStatus?(status: string): void
  flushQueue?(error: Error): void
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
    client.duplicate = (options) => this.follow(duplicate(this.#isEnded ? { ...options, lazyConnect: true } : options))
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
      client.stream?.destroy()
    }
  }
}

function closed(): Error {
  // As ioredis words it: BullMQ knows a lost connection by that.
  return new Error('Connection is closed.')
}
