import type { RedisArgument, RedisLike, RedisListener } from './client.js'
import { sendOnce, type SentCommand } from './send.js'

// A cluster client takes the routing key first, and all are generic over modules and scripts.
// oxlint-disable-next-line typescript/no-explicit-any
type Anything = any

/** What the adapter uses of a client (or cluster client) of node-redis 5 or 6. */
export interface NodeRedisLike {
  readonly isReady: boolean
  readonly isOpen: boolean
  sendCommand(...args: Anything[]): Promise<unknown>
  on(event: string, listener: RedisListener): unknown
  off(event: string, listener: RedisListener): unknown
  duplicate(...args: Anything[]): unknown
  connect(): Promise<unknown>
  destroy(): void
  subscribe(channel: string, listener: (message: string, channel: string) => void): Promise<unknown>
  unsubscribe(channel: string): Promise<unknown>
}

const adapterOf: unique symbol = Symbol.for('@hardening/redis-adapter') as never

// The type byte of a bulk string in RESP, by which node-redis maps types.
const bulkString = '$'.charCodeAt(0)

/**
 * Lets a client of node-redis 5 or 6 (`createClient`, `createCluster`) stand wherever the toolkit takes a Redis client.
 * The same client always gives the same adapter. `connect()` stays the application's business.
 *
 * @example
 * const client = createClient({ url })
 * client.connect()
 * const guard = createRedisGuard(fromNodeRedis(client))
 */
export function fromNodeRedis(client: NodeRedisLike): RedisLike {
  const known = client as { [adapterOf]?: RedisLike }
  if (known[adapterOf] !== undefined) return known[adapterOf]
  const adapter = new NodeRedisAdapter(client)
  Object.defineProperty(client, adapterOf, { value: adapter })
  return adapter
}

type MessageListener = (channel: string, message: string) => void

class NodeRedisAdapter implements RedisLike {
  readonly #client: NodeRedisLike
  readonly #isCluster: boolean
  readonly #messageListeners = new Set<MessageListener>()

  constructor(client: NodeRedisLike) {
    this.#client = client
    this.#isCluster = 'masters' in client
  }

  get status(): string {
    if (this.#client.isReady) return 'ready'
    return this.#client.isOpen ? 'connecting' : 'end'
  }

  call(command: string, ...args: RedisArgument[]): Promise<unknown> {
    return this[sendOnce](command, args, false).promise
  }

  callBuffer(command: string, ...args: RedisArgument[]): Promise<unknown> {
    return this[sendOnce](command, args, true).promise
  }

  /** The signal takes a command back that has not been written yet; the guard has a time-out of its own. */
  [sendOnce](command: string, args: readonly RedisArgument[], asBuffer: boolean): SentCommand {
    const controller = new AbortController()
    const options = {
      abortSignal: controller.signal,
      timeout: undefined,
      ...(asBuffer ? { typeMapping: { [bulkString]: Buffer } } : undefined),
    }
    const line = [command, ...args.map((arg) => (typeof arg === 'number' ? String(arg) : arg))]
    const promise = this.#isCluster
      ? this.#client.sendCommand(routingKey(command, line), false, line, options)
      : this.#client.sendCommand(line, options)
    return { promise, abandon: () => controller.abort() }
  }

  on(event: string, listener: RedisListener): this {
    if (event === 'message') this.#messageListeners.add(listener)
    else this.#client.on(event, listener)
    return this
  }

  off(event: string, listener: RedisListener): this {
    if (event === 'message') this.#messageListeners.delete(listener)
    else this.#client.off(event, listener)
    return this
  }

  duplicate(): RedisLike {
    return fromNodeRedis(this.#client.duplicate() as NodeRedisLike)
  }

  connect(): Promise<unknown> {
    return this.#client.connect()
  }

  disconnect(): void {
    if (this.#client.isOpen) this.#client.destroy()
  }

  subscribe(channel: string): Promise<unknown> {
    return this.#client.subscribe(channel, this.#deliver)
  }

  unsubscribe(channel: string): Promise<unknown> {
    return this.#client.unsubscribe(channel)
  }

  readonly #deliver = (message: string, channel: string): void => {
    for (const listener of this.#messageListeners) listener(channel, message)
  }
}

/** The key by which a cluster finds the node: the first one of a script, else the first argument. */
function routingKey(command: string, line: readonly (string | Buffer)[]): string | Buffer | undefined {
  if (!/^(?:eval|evalsha|fcall)(?:_ro)?$/i.test(command)) return line[1]
  return Number(line[2]) > 0 ? line[3] : undefined
}
