import type { Redis, RedisOptions } from 'ioredis'
import { createRedisGuard, rejectUnknownOptions, type Duration, type RedisGuard } from '@hardening/core'
import { loadRedis } from './load-redis.cjs'

/** What a connection is for. Roles may be different servers, because they want different things of one. */
export type RedisRole = 'requests' | 'bus' | 'jobs' | 'tokens'

/** Options of {@link createRedisConnections}. */
export interface RedisConnectionsOptions {
  /** Limits and cache: asked while a request waits, and allowed to forget. Others that are unset use it too. */
  url: string
  /** Messages between processes. @defaultValue `url` */
  busUrl?: string | undefined
  /** Jobs; the server must not evict (`maxmemory-policy noeviction`). @defaultValue `url` */
  jobsUrl?: string | undefined
  /** Tokens and revocations; the server must not evict. @defaultValue `url` */
  tokensUrl?: string | undefined
  /** Longest wait for an answer on the way of a request. @defaultValue 150 ms */
  timeout?: Duration
  /** Name that the connections carry in `CLIENT LIST`. @defaultValue `'hardening'` */
  name?: string
  /** Is told, once for each role, where a server may evict what must not be lost. @defaultValue `process.emitWarning` */
  onWarning?: (message: string) => void
}

/** One connection by its role. */
export interface RedisConnection {
  readonly role: RedisRole
  readonly client: Redis
  /** What the packages talk to: never hangs, never queues. */
  readonly guard: RedisGuard
}

/** Every connection that the kit has made. */
export interface RedisConnections {
  /** The connection of a role; made when first asked for. */
  get(role: RedisRole): RedisConnection
  /** Those that were made. */
  readonly open: readonly RedisConnection[]
  /** Whether one of them is out of reach now. */
  readonly degraded: boolean
  /** Ends all of them, without waiting for a server that does not answer. */
  close(): void
}

/** On the way of a request nothing may queue and nothing be sent twice; elsewhere a command may wait for a while. */
const requestPath = {
  enableOfflineQueue: false,
  maxRetriesPerRequest: 1,
  autoResendUnfulfilledCommands: false,
  connectTimeout: 1500,
  // ioredis waits so long for the end of a connection, of one that has ended already too: a process would stay for it.
  disconnectTimeout: 100,
  // The guard looks for a lost Redis once a second: the client must not wait longer by itself.
  retryStrategy: (attempt: number) => Math.min(attempt * 100, 1000),
} as const satisfies RedisOptions

/** Roles whose data the server must not throw away when its memory is full. */
const lasting: ReadonlySet<RedisRole> = new Set(['jobs', 'tokens'])

/**
 * Makes, names and watches the Redis connections of an application, one for each role.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 */
export function createRedisConnections(options: RedisConnectionsOptions): RedisConnections {
  rejectUnknownOptions('createRedisConnections', options, [
    'url',
    'busUrl',
    'jobsUrl',
    'tokensUrl',
    'timeout',
    'name',
    'onWarning',
  ])
  const { url, busUrl = url, jobsUrl = url, tokensUrl = url, timeout = 150, name = 'hardening' } = options
  const { onWarning = (message: string) => process.emitWarning(message, { code: 'HARDENING_REDIS_EVICTION' }) } =
    options
  const urls: Record<RedisRole, string> = { requests: url, bus: busUrl, jobs: jobsUrl, tokens: tokensUrl }
  const connections = new Map<RedisRole, RedisConnection>()

  function make(role: RedisRole): RedisConnection {
    const Client = loadRedis()
    const client = new Client(urls[role], { ...requestPath, connectionName: `${name}:${role}` } satisfies RedisOptions)
    const guard = createRedisGuard(client, { name: role, timeout })
    if (lasting.has(role)) client.once('ready', () => void warnOfEviction(role, guard, onWarning))
    return { role, client, guard }
  }

  return {
    get(role) {
      let connection = connections.get(role)
      if (connection === undefined) connections.set(role, (connection = make(role)))
      return connection
    },
    get open() {
      return [...connections.values()]
    },
    get degraded() {
      return [...connections.values()].some(({ guard }) => guard.state === 'degraded')
    },
    close() {
      for (const { guard, client } of connections.values()) {
        guard.close()
        client.disconnect()
      }
      connections.clear()
    },
  }
}

async function warnOfEviction(role: RedisRole, guard: RedisGuard, warn: (message: string) => void): Promise<void> {
  try {
    const [, policy] = await guard.command<[string, string]>('CONFIG', 'GET', 'maxmemory-policy')
    if (policy !== undefined && policy !== 'noeviction') {
      warn(
        `Redis for ${role} has maxmemory-policy ${policy} and may lose them: set it to noeviction, or give ${role} a server of their own`,
      )
    }
  } catch {
    // Hosted servers often refuse CONFIG: then there is nothing to tell.
  }
}
