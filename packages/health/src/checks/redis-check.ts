import type { HealthCheck } from '../check.js'

/** A client of ioredis or node-redis, or a guard of the toolkit. */
export type PingableRedis =
  | { ping(): Promise<unknown>; readonly status?: string }
  | { command(name: string): Promise<unknown>; readonly available: boolean }

/**
 * Whether Redis answers `PING`. Not critical by default: the toolkit serves without Redis.
 *
 * A client that is not connected is not asked, since it would keep the command and send it later.
 */
export function redisCheck(client: PingableRedis, { name = 'redis', critical = false } = {}): HealthCheck {
  return {
    name,
    critical,
    type: 'datastore',
    async check() {
      if ('command' in client) {
        await client.command('PING')
        return
      }
      if (client.status !== undefined && client.status !== 'ready') {
        return { status: 'fail', output: `not connected (${client.status})` }
      }
      await client.ping()
      return undefined
    },
  }
}
