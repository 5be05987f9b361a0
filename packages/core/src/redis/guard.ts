import type { RedisLike } from './client.js'
import { Guard } from './guard-core.js'
import { checkRedisClient, resolveRedisGuardOptions, type RedisGuardOptions } from './guard-options.js'
import type { RedisGuard } from './redis-guard.js'

/**
 * Makes a Redis client safe on the request path, whatever its own options are: refuses at once while it is not ready,
 * gives up in time, stops asking after failures in a row, and finds out by itself when Redis is back. Nothing is ever
 * queued or sent twice.
 *
 * @param client - `Redis` or `Cluster` of ioredis 5 or 6, or `fromNodeRedis(client)`
 * @throws ConfigError `ERR_CONFIG_INVALID`
 *
 * @example
 * const guard = createRedisGuard(new Redis(url), { name: 'requests' })
 * const hits = guard.available ? await guard.command('incr', key) : countLocally(key)
 */
export function createRedisGuard(client: RedisLike, options?: RedisGuardOptions): RedisGuard {
  const resolved = resolveRedisGuardOptions(options)
  return new Guard(checkRedisClient(client), resolved)
}
