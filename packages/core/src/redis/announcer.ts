import { channels } from '../channels.js'
import type { RedisUnavailableReason } from './errors.js'

/** The guard's view of the connection has changed. */
export interface RedisGuardEvent {
  /** Name of the guard. */
  readonly name: string
  readonly state: 'up' | 'degraded'
  /** Why it is degraded. */
  readonly reason?: RedisUnavailableReason
}

/** Listener of a guard's events. */
export type RedisGuardListener = (event: RedisGuardEvent) => void

/** Tells listeners and the channel `hardening:redis:state` when a guard's connection is lost and found, in turns. */
export class Announcer {
  readonly #name: string
  readonly #listeners = { degraded: new Set<RedisGuardListener>(), recovered: new Set<RedisGuardListener>() }
  #isDegraded = false

  constructor(name: string) {
    this.#name = name
  }

  on(event: 'degraded' | 'recovered', listener: RedisGuardListener): void {
    this.#listeners[event].add(listener)
  }

  off(event: 'degraded' | 'recovered', listener: RedisGuardListener): void {
    this.#listeners[event].delete(listener)
  }

  /** What was never told to be degraded, such as the first connection at the start, is not told to have recovered. */
  tell(reason: RedisUnavailableReason | undefined): void {
    if (this.#isDegraded === (reason !== undefined)) return
    this.#isDegraded = reason !== undefined
    const event: RedisGuardEvent =
      reason === undefined ? { name: this.#name, state: 'up' } : { name: this.#name, state: 'degraded', reason }
    if (channels.redisState.hasSubscribers) channels.redisState.publish(event)
    for (const listener of this.#listeners[this.#isDegraded ? 'degraded' : 'recovered']) {
      try {
        listener(event)
      } catch (error) {
        // As with events of Node an error of a listener is uncaught, but it does not break the client's event.
        process.nextTick(() => {
          throw error
        })
      }
    }
  }

  close(): void {
    this.#listeners.degraded.clear()
    this.#listeners.recovered.clear()
  }
}
