import type { HealthCheck } from '../check.js'

/** A client of ioredis or node-redis, or a guard of the toolkit. */
export type PingableRedis =
  | { ping(): Promise<unknown>; readonly status?: string; readonly isReady?: boolean }
  | { command(name: string): Promise<unknown>; readonly available: boolean }

/** Options of {@link redisCheck}. */
export interface RedisCheckOptions {
  /** Name in reports. @defaultValue `'redis'` */
  name?: string
  /** Whether the application cannot work without it. @defaultValue `false`: the toolkit serves without Redis */
  critical?: boolean
}

/**
 * Whether Redis answers `PING`.
 *
 * A client that is not connected is not asked, since it would keep the command and send it later.
 */
export function redisCheck(client: PingableRedis, options: RedisCheckOptions = {}): HealthCheck {
  const { name = 'redis', critical = false } = options
  return {
    name,
    critical,
    type: 'datastore',
    async check() {
      // Clients of ioredis have a `command` too: the Redis command of that name.
      if ('available' in client) {
        await client.command('PING')
        return undefined
      }
      if ((client.status !== undefined && client.status !== 'ready') || client.isReady === false) {
        return { status: 'fail', output: `not connected (${client.status ?? 'not ready'})` }
      }
      await client.ping()
      return undefined
    },
  }
}
