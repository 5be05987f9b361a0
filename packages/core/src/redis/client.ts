/** What an argument of a Redis command may be. Numbers are sent as decimal text. */
export type RedisArgument = string | number | Buffer

// Each library types the listeners of each event in its own way; only `any` is assignable from and to all of them.
// oxlint-disable-next-line typescript/no-explicit-any
type Anything = any

/** A listener of any event of a client. */
export type RedisListener = (...args: Anything[]) => void

/**
 * What the toolkit uses of a Redis client. Every `Redis` and `Cluster` of ioredis 5 and 6 is one as it is, whatever
 * its options; a client of node-redis 5 or 6 becomes one by `fromNodeRedis(client)`.
 */
export interface RedisLike {
  /** `'ready'` while commands can be sent; anything else while they cannot. */
  readonly status: string
  /** Sends a command; text replies are decoded as UTF-8. */
  call(command: string, ...args: RedisArgument[]): Promise<unknown>
  /** Sends a command; text replies stay bytes. */
  callBuffer(command: string, ...args: RedisArgument[]): Promise<unknown>
  on(event: string, listener: RedisListener): unknown
  off(event: string, listener: RedisListener): unknown
  /** A second connection with the same options, for subscriptions; whoever makes it closes it. */
  duplicate(): RedisLike
  connect(): Promise<unknown>
  /** Closes the connection at once. */
  disconnect(): void
  /** Listens to a channel; messages come as event `message` with channel and text. */
  subscribe(channel: string): Promise<unknown>
  unsubscribe(channel: string): Promise<unknown>
}

/** Whether a command sent now would go to the server, and not into a queue of the client. */
export function isRedisReady(client: RedisLike): boolean {
  return client.status === 'ready'
}

interface Reconnecting {
  reconnectTimeout?: NodeJS.Timeout | null
}

/**
 * Makes a client connect that waits to do so: one with `lazyConnect`, which would wait for a first command that is
 * never sent while it is not ready, and one whose next attempt is seconds away (up to 5.2 s by default in ioredis 6).
 * The pending attempt is taken over, not added to: each attempt that fails schedules the next one.
 */
export function wakeRedis(client: RedisLike): void {
  if (client.status === 'wait') {
    client.connect().catch(ignore)
    return
  }
  const waiting = client as Reconnecting
  if (client.status !== 'reconnecting' || waiting.reconnectTimeout == null) return
  clearTimeout(waiting.reconnectTimeout)
  waiting.reconnectTimeout = null
  client.connect().catch(ignore)
}

// The client emits the same error as event `error`.
function ignore(): void {}
