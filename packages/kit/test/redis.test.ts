import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { startRedis, until, type RedisServer } from '@hardening/test-utils'
import { createRedisConnections, type RedisConnections } from '../src/redis.js'

let connections: RedisConnections | undefined
const servers: RedisServer[] = []
afterEach(async () => {
  connections?.close()
  for (const server of servers.splice(0)) await server.stop()
})

async function redis(...args: string[]): Promise<RedisServer> {
  const server = await startRedis({ args })
  servers.push(server)
  return server
}

describe('createRedisConnections', () => {
  it('[KI-3] makes one connection for each role, named after it', async () => {
    const server = await redis()
    connections = createRedisConnections({ url: server.url, name: 'shop' })
    const requests = connections.get('requests')
    expect(connections.get('requests')).toBe(requests)
    const bus = connections.get('bus')
    await until(() => requests.guard.available && bus.guard.available)
    const clients = String(await server.command('CLIENT', 'LIST'))
    expect(clients).toContain('name=shop:requests')
    expect(clients).toContain('name=shop:bus')
    expect(connections.open.map(({ role }) => role)).toEqual(['requests', 'bus'])
  })

  it('[KI-3] closes without a timer that holds the process up, where the server has gone', async () => {
    const server = await redis()
    connections = createRedisConnections({ url: server.url })
    const { guard, client } = connections.get('requests')
    const bus = client.duplicate()
    bus.on('error', () => undefined)
    await until(() => guard.available && bus.status === 'ready')
    await server.kill()
    await until(() => !guard.available && bus.status === 'reconnecting')
    const timers = jest.spyOn(globalThis, 'setTimeout')
    try {
      connections.close()
      bus.disconnect()
      expect(timers.mock.calls.filter(([, ms = 0]) => ms > 200)).toEqual([])
    } finally {
      timers.mockRestore()
    }
  })

  it('[KI-3] lets roles be different servers', async () => {
    const [first, second] = [await redis(), await redis('--maxmemory-policy', 'noeviction')]
    connections = createRedisConnections({ url: first.url, tokensUrl: second.url })
    const { guard } = connections.get('tokens')
    await until(() => guard.available)
    await guard.command('SET', 'k', 'v')
    expect(await second.command('GET', 'k')).toBe('v')
    expect(await first.command('GET', 'k')).toBeNull()
  })

  it('[KI-3] warns where a server may evict what must not be lost, and only there', async () => {
    const evicting = await redis('--maxmemory-policy', 'allkeys-lru')
    const warnings: string[] = []
    connections = createRedisConnections({ url: evicting.url, onWarning: (message) => warnings.push(message) })
    const requests = connections.get('requests')
    connections.get('jobs')
    await until(() => requests.guard.available && warnings.length > 0)
    expect(warnings).toEqual([expect.stringContaining('Redis for jobs has maxmemory-policy allkeys-lru')])
  })

  it('[KI-3] is degraded while a server is away, and recovers by itself', async () => {
    const server = await redis()
    connections = createRedisConnections({ url: server.url })
    const held = connections
    const { guard } = held.get('requests')
    await until(() => guard.available)
    expect(held.degraded).toBe(false)
    await server.kill()
    await until(() => held.degraded)
    await server.restart()
    await until(() => !held.degraded)
  })

  it('[KI-3] ends at once also where a server does not answer', async () => {
    const server = await redis()
    connections = createRedisConnections({ url: server.url })
    await until(() => (connections as RedisConnections).get('requests').guard.available)
    server.freeze()
    connections.close()
    server.thaw()
    expect(connections.open).toEqual([])
  })

  it('[KI-3] refuses options that it does not know', () => {
    expect(() => createRedisConnections({ url: 'redis://x', nope: 1 } as never)).toThrow('nope')
  })
})
