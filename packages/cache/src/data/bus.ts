import { createRedisGuard, type Clock, type RedisLike, type RedisListener } from '@hardening/core'

/** What comes over the bus. */
export interface BusListener {
  message(text: string): void
  /** Messages arrive from now on. */
  up(): void
  /** Messages may get lost from now on. */
  down(): void
}

/** A connection of its own that listens to one channel, and starts again by itself. */
export class Bus {
  readonly #client: RedisLike
  readonly #guard: { close(): void }
  readonly #channel: string
  readonly #listener: BusListener
  readonly #events: (readonly [string, RedisListener])[]
  #isClosed = false

  constructor(client: RedisLike, channel: string, listener: BusListener, clock: Clock) {
    this.#client = client.duplicate()
    // It is subscribed anew below. What the client does by itself nobody waits for: cut off, it would be an unhandled
    // rejection.
    const { options } = this.#client as { options?: { autoResubscribe?: boolean } }
    if (options !== undefined) options.autoResubscribe = false
    this.#channel = channel
    this.#listener = listener
    this.#events = [
      ['message', (from: string, text: string) => void (from === channel && listener.message(text))],
      ['ready', () => this.#subscribe()],
      ['close', () => listener.down()],
      ['end', () => listener.down()],
      ['reconnecting', () => listener.down()],
    ]
    // The guard listens to errors and wakes a client that waits long before its next attempt.
    this.#guard = createRedisGuard(this.#client, { name: 'cache-bus', probeEvery: 250, clock })
    for (const [event, run] of this.#events) this.#client.on(event, run)
    if (this.#client.status === 'ready') this.#subscribe()
    else if (this.#client.status === 'wait' || this.#client.status === 'end')
      this.#client.connect().catch(() => undefined)
  }

  close(): void {
    this.#isClosed = true
    for (const [event, run] of this.#events) this.#client.off(event, run)
    this.#guard.close()
    // What is cut off by closing is still told as an error.
    this.#client.on('error', () => undefined)
    this.#client.disconnect()
  }

  #subscribe(): void {
    const tellUp = (): void => {
      if (!this.#isClosed && this.#client.status === 'ready') this.#listener.up()
    }
    this.#client.subscribe(this.#channel).then(tellUp, () => undefined)
  }
}
