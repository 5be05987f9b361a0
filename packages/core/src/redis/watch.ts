import type { RedisLike } from './client.js'

/** What a guard wants to know about its client. */
export interface ClientWatcher {
  /** Commands can be sent again. */
  up(): void
  /** The connection is gone, or being made again. */
  down(): void
}

interface Watch {
  readonly watchers: Set<ClientWatcher>
  lastError: unknown
  end(): void
}

// On the client itself and registered, so that two copies of this package share the listeners too.
const watchOf: unique symbol = Symbol.for('@hardening/redis-watch') as never

type Watched = RedisLike & { [watchOf]?: Watch }

const downEvents = ['close', 'end', 'reconnecting', 'disconnect']
// A cluster of node-redis says `connect` where everything else says `ready`.
const upEvents = ['ready', 'connect']

/**
 * Listens to a client: one listener an event, however many guards share the client. A client of node-redis without a
 * listener for `error` would end the process at the first broken connection.
 *
 * Returns the function that ends it; with the last watcher the listeners go too.
 */
export function watchRedis(client: RedisLike, watcher: ClientWatcher): () => void {
  const watched: Watched = client
  const watch = watched[watchOf] ?? startWatch(watched)
  watch.watchers.add(watcher)
  return () => {
    if (!watch.watchers.delete(watcher) || watch.watchers.size > 0) return
    watch.end()
  }
}

/** The last error that the client has emitted since it was last ready. */
export function lastRedisError(client: RedisLike): unknown {
  return (client as Watched)[watchOf]?.lastError
}

function startWatch(client: Watched): Watch {
  const watchers = new Set<ClientWatcher>()
  const onError = (error: unknown): void => {
    watch.lastError = error
  }
  const onDown = (): void => {
    for (const watcher of watchers) watcher.down()
  }
  const onUp = (): void => {
    if (client.status !== 'ready') return
    watch.lastError = undefined
    for (const watcher of watchers) watcher.up()
  }
  const listeners: [string, (...args: unknown[]) => void][] = [
    ['error', onError],
    ...downEvents.map((event): [string, () => void] => [event, onDown]),
    ...upEvents.map((event): [string, () => void] => [event, onUp]),
  ]
  const watch: Watch = {
    watchers,
    lastError: undefined,
    end: () => {
      for (const [event, listener] of listeners) client.off(event, listener)
      delete client[watchOf]
    },
  }
  for (const [event, listener] of listeners) client.on(event, listener)
  Object.defineProperty(client, watchOf, { value: watch, configurable: true })
  return watch
}
