import { Redis as Redis6 } from 'ioredis'
import { Redis as Redis5 } from 'ioredis5'
import { createClient } from 'redis'
import type { RedisLike } from '../../src/redis/client.js'
import { fromNodeRedis, type NodeRedisLike } from '../../src/redis/node-redis.js'

export interface TestClient {
  readonly redis: RedisLike
  close(): void
}

/** Every client library with its default options, and with the options that fail fast. */
export const clients: readonly (readonly [name: string, open: (port: number) => TestClient])[] = [
  ['ioredis 5, default options', (port) => io(new Redis5(port, '127.0.0.1'))],
  ['ioredis 5, fast options', (port) => io(new Redis5(port, '127.0.0.1', fast))],
  ['ioredis 6, default options', (port) => io(new Redis6(port, '127.0.0.1'))],
  ['ioredis 6, fast options', (port) => io(new Redis6(port, '127.0.0.1', fast))],
  ['node-redis 6, default options', (port) => node(createClient({ url: `redis://127.0.0.1:${port}` }))],
  [
    'node-redis 6, fast options',
    (port) =>
      node(
        createClient({
          url: `redis://127.0.0.1:${port}`,
          disableOfflineQueue: true,
          commandOptions: { timeout: 1000 },
          socket: { connectTimeout: 500, reconnectStrategy: 50 },
        }),
      ),
  ],
]

const fast = {
  enableOfflineQueue: false,
  maxRetriesPerRequest: 1,
  autoResendUnfulfilledCommands: false,
  connectTimeout: 500,
  retryStrategy: (): number => 50,
}

function io(client: Redis5 | Redis6): TestClient {
  return { redis: client, close: () => client.disconnect() }
}

function node(client: NodeRedisLike): TestClient {
  // Tries until it succeeds; rejects when it is closed before.
  client.connect().catch(() => undefined)
  const redis = fromNodeRedis(client)
  return { redis, close: () => redis.disconnect() }
}
