import { afterEach, describe, expect } from '@jest/globals'
import { itWith, startRedis, until, type RedisServer, type RedisServerOptions } from '@hardening/test-utils'
import { Redis as Redis6 } from 'ioredis'
import { Redis as Redis5 } from 'ioredis5'
import { createRedisGuard } from '../../src/redis/guard.js'
import type { RedisGuard } from '../../src/redis/redis-guard.js'
import type { RedisGuardOptions } from '../../src/redis/guard-options.js'
import { defineScript } from '../../src/redis/script.js'
import { clients, type TestClient } from './clients.js'

const count = defineScript({ name: 'count', lua: `return redis.call('INCR', KEYS[1])`, keys: 1 })

const openThings: (() => unknown)[] = []
afterEach(async () => {
  for (const close of openThings.splice(0).toReversed()) await close()
})

async function serve(options?: RedisServerOptions): Promise<RedisServer> {
  const server = await startRedis(options)
  openThings.push(() => server.stop())
  return server
}

/** A guard whose calls are counted as an application would: by what came back. */
class Counter {
  readonly guard: RedisGuard
  readonly client: TestClient
  readonly events: string[] = []
  accepted = 0
  /** Given up after it was sent: carried out once, or not at all. */
  unknown = 0
  refused = 0

  constructor(client: TestClient, options?: RedisGuardOptions) {
    this.client = client
    this.guard = createRedisGuard(client.redis, options)
    this.guard.on('degraded', () => this.events.push('degraded')).on('recovered', () => this.events.push('recovered'))
    openThings.push(() => client.close())
    openThings.push(() => this.guard.close())
  }

  async hit(asScript: boolean): Promise<void> {
    try {
      // A script is forgotten by a server that starts anew: only a plain command shows what a client sends again.
      await (asScript ? this.guard.script(count, ['hits'], []) : this.guard.command('incr', 'hits'))
      this.accepted++
    } catch (error) {
      const { code, reason } = error as { code?: string; reason?: string }
      expect(code).toBe('ERR_REDIS_UNAVAILABLE')
      if (reason === 'timeout' || reason === 'connection') this.unknown++
      else this.refused++
    }
  }

  async hits(times: number, { asScript = false }: { asScript?: boolean } = {}): Promise<void> {
    await Promise.all(Array.from({ length: times }, () => this.hit(asScript)))
  }

  up(): Promise<unknown> {
    return until(() => this.guard.state === 'up' && this.guard.available, { what: 'the recovery', within: 10_000 })
  }
}

async function hitsOn(server: RedisServer): Promise<number> {
  return Number(await server.command('GET', 'hits'))
}

describe.each(clients)('%s', (_name, open) => {
  itWith('redis', '[CO-5] down at the start: refuses at once, connects by itself, replays nothing', async () => {
    const server = await serve({ start: false })
    const counter = new Counter(open(server.port))
    await counter.hits(20)
    expect(counter).toMatchObject({ refused: 20, accepted: 0, unknown: 0 })
    expect(counter.guard.reason).toBe('absent')
    await server.restart()
    await counter.up()
    await counter.hits(3)
    expect(counter.accepted).toBe(3)
    expect(await hitsOn(server)).toBe(3)
  })

  itWith('redis', '[CO-5] killed: ends what is on the way, refuses, recovers, replays nothing', async () => {
    const server = await serve()
    const counter = new Counter(open(server.port))
    await counter.up()
    await counter.hits(5)
    expect(await hitsOn(server)).toBe(5)

    server.freeze()
    // These are on the wire when the server dies, and a client would send them again to the next one.
    const inFlight = counter.hits(4)
    await new Promise((resolve) => setImmediate(resolve))
    await server.kill()
    await inFlight
    expect(counter).toMatchObject({ accepted: 5, unknown: 4, refused: 0 })
    await until(() => counter.guard.state === 'degraded')
    await counter.hits(20)
    expect(counter.refused).toBe(20)

    await server.restart()
    await counter.up()
    await counter.hits(3)
    expect(counter.accepted).toBe(8)
    expect(await hitsOn(server)).toBe(3)
    expect(counter.events).toEqual(['degraded', 'recovered'])
  })

  itWith('redis', '[CO-5] killed long after calls were given up: replays nothing of them', async () => {
    const server = await serve()
    const counter = new Counter(open(server.port))
    await counter.up()
    server.freeze()
    await counter.hits(4)
    expect(counter.unknown).toBe(4)
    await server.kill()
    await server.restart()
    await until(() => counter.events.includes('recovered'))
    await counter.hits(2)
    expect(await hitsOn(server)).toBe(2)
  })

  itWith('redis', '[CO-5] killed with commands not yet written: replays nothing of them', async () => {
    const server = await serve()
    const counter = new Counter(open(server.port))
    await counter.up()
    server.freeze()
    // More than the buffers of the socket hold, so that what follows waits in the client.
    const stuck = counter.guard.command('set', 'big', Buffer.alloc(16 << 20)).catch(() => undefined)
    await new Promise((resolve) => setImmediate(resolve))
    await counter.hits(3)
    await stuck
    expect(counter.unknown).toBe(3)
    await server.kill()
    await server.restart()
    await until(() => counter.events.includes('recovered'))
    await counter.hits(2)
    expect(await hitsOn(server)).toBe(2)
  })

  itWith('redis', '[CO-5] frozen: gives up in time, then refuses at once, recovers when it goes on', async () => {
    const server = await serve()
    const counter = new Counter(open(server.port))
    await counter.up()
    await counter.hits(2)
    server.freeze()
    await counter.hits(5)
    expect(counter.unknown).toBe(5)
    expect(counter.guard.reason).toBe('breaker-open')
    await counter.hits(50)
    expect(counter).toMatchObject({ refused: 50, accepted: 2 })

    server.thaw()
    await counter.up()
    await counter.hits(3)
    expect(counter.accepted).toBe(5)
    // A server that was only frozen carries out what it had received, each call once.
    expect(await hitsOn(server)).toBe(counter.accepted + counter.unknown)
    expect(counter.events).toEqual(['degraded', 'recovered'])
  })

  itWith('redis', '[CO-5] restarted under load: counts exactly what was accepted since', async () => {
    const server = await serve()
    const counter = new Counter(open(server.port))
    await counter.up()
    let isRunning = true
    const load = (async () => {
      while (isRunning) {
        await counter.hits(5)
        await counter.hits(5, { asScript: true })
        await new Promise((resolve) => setImmediate(resolve))
      }
    })()
    await until(() => counter.accepted >= 100)
    await server.kill()
    await until(() => counter.refused > 0)
    const before = counter.accepted
    await server.restart()
    await until(() => counter.accepted >= before + 100, { within: 10_000 })
    isRunning = false
    await load
    expect(await hitsOn(server)).toBe(counter.accepted - before)
  })

  itWith('redis', '[CO-5] scripts flushed: goes on without an error, each call counted once', async () => {
    const server = await serve()
    const counter = new Counter(open(server.port))
    await counter.up()
    await counter.hits(3, { asScript: true })
    await server.command('SCRIPT', 'FLUSH')
    await counter.hits(20, { asScript: true })
    await server.command('SCRIPT', 'FLUSH')
    await counter.hits(1, { asScript: true })
    expect(counter).toMatchObject({ accepted: 24, unknown: 0, refused: 0 })
    expect(await hitsOn(server)).toBe(24)
    expect(counter.events).toEqual([])
  })

  itWith('redis', '[CO-5] gives text, bytes and numbers as they are stored', async () => {
    const server = await serve()
    const { guard } = new Counter(open(server.port))
    await until(() => guard.available)
    const bytes = Buffer.from([0, 255, 13, 10])
    await guard.command('set', 'text', 'naïve')
    await guard.command('set', 'bytes', bytes)
    expect(await guard.command('get', 'text')).toBe('naïve')
    expect(await guard.commandBuffer('get', 'bytes')).toEqual(bytes)
    expect(await guard.command('incrby', 'n', 41)).toBe(41)
    expect(await guard.command('get', 'none')).toBeNull()
    expect(await guard.command('mget', 'text', 'none')).toEqual(['naïve', null])
    expect(
      await guard.run(async (redis) => [await redis.call('get', 'n'), await redis.callBuffer('get', 'n')]),
    ).toEqual(['41', Buffer.from('41')])
    await expect(guard.command('incr', 'text')).rejects.toThrow(/not an integer/)
  })

  itWith(
    'redis',
    '[CO-5] gives what a script answers as text or bytes, whether the server knows it or not',
    async () => {
      const server = await serve()
      const { guard } = new Counter(open(server.port))
      await until(() => guard.available)
      const packed = defineScript({ name: 'packed', keys: 1, lua: `return { struct.pack('<d', 0.5), KEYS[1] }` })
      const bytes = Buffer.alloc(8)
      bytes.writeDoubleLE(0.5)
      for (const _ of [1, 2]) {
        expect(await guard.scriptBuffer(packed, ['k'], [])).toEqual([bytes, Buffer.from('k')])
      }
      await server.command('SCRIPT', 'FLUSH')
      expect(await guard.script<string[]>(packed, ['k'], [])).toEqual([expect.any(String), 'k'])
    },
  )

  itWith('redis', '[CO-5] out of memory: opens the breaker, recovers when there is room', async () => {
    const server = await serve()
    const { guard } = new Counter(open(server.port))
    await until(() => guard.available)
    await server.command('CONFIG', 'SET', 'maxmemory', '1')
    for (let round = 0; round < 5; round++) {
      await expect(guard.command('set', 'k', 'v')).rejects.toMatchObject({ reason: 'not-ready' })
    }
    await expect(guard.command('set', 'k', 'v')).rejects.toMatchObject({ reason: 'breaker-open' })
    await server.command('CONFIG', 'SET', 'maxmemory', '0')
    await until(() => guard.available)
    expect(await guard.command('set', 'k', 'v')).toBe('OK')
    expect(guard.state).toBe('up')
  })

  itWith('redis', '[CO-5] delivers messages to a duplicate', async () => {
    const server = await serve()
    const { redis, close } = open(server.port)
    openThings.push(close)
    await until(() => redis.status === 'ready')
    const subscriber = redis.duplicate()
    openThings.push(() => subscriber.disconnect())
    subscriber.on('error', () => undefined)
    const messages: unknown[] = []
    subscriber.on('message', (channel: string, message: string) => messages.push([channel, message]))
    if (subscriber.status === 'end') await subscriber.connect()
    await until(() => subscriber.status === 'ready')
    await subscriber.subscribe('news')
    await redis.call('publish', 'news', 'hello')
    await until(() => messages.length > 0)
    expect(messages).toEqual([['news', 'hello']])
    await subscriber.unsubscribe('news')
  })
})

interface IoOptions {
  retryStrategy?: () => number
  lazyConnect?: boolean
  keyPrefix?: string
}

describe.each([
  ['ioredis 5', (port: number, options: IoOptions) => new Redis5(port, '127.0.0.1', options)],
  ['ioredis 6', (port: number, options: IoOptions) => new Redis6(port, '127.0.0.1', options)],
])('%s with options of its own', (_name, open) => {
  itWith(
    'redis',
    '[CO-5] waiting a minute for its next attempt: is connected again within the time of a probe',
    async () => {
      const server = await serve()
      const redis = open(server.port, { retryStrategy: () => 60_000 })
      const counter = new Counter({ redis, close: () => redis.disconnect() }, { probeEvery: '50ms' })
      await counter.up()
      await server.kill()
      await until(() => counter.guard.state === 'degraded')
      // Several attempts fail first.
      const attempts: unknown[] = []
      redis.on('connecting', () => attempts.push(1))
      await until(() => attempts.length >= 3)
      await server.restart()
      await counter.up()
      await counter.hits(2)
      expect(await hitsOn(server)).toBe(2)
    },
  )

  itWith('redis', '[CO-5] lazy: is connected by its first use', async () => {
    const server = await serve()
    const redis = open(server.port, { lazyConnect: true })
    const counter = new Counter({ redis, close: () => redis.disconnect() })
    await counter.hits(1)
    expect(counter.refused).toBe(1)
    await counter.up()
    await counter.hits(1)
    expect(await hitsOn(server)).toBe(1)
  })

  itWith('redis', '[CO-5] with a key prefix: keeps it, for scripts too', async () => {
    const server = await serve()
    const redis = open(server.port, { keyPrefix: 'app:' })
    const counter = new Counter({ redis, close: () => redis.disconnect() })
    await counter.up()
    await counter.hits(1)
    await counter.hits(1, { asScript: true })
    expect(await server.command('GET', 'app:hits')).toBe('2')
  })
})
