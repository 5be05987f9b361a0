import { createServer, type Server } from 'node:net'
import { totalmem } from 'node:os'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { ConfigError, createRedisGuard } from '@hardening/core'
import {
  createTestDatabase,
  freePort,
  itWith,
  listen,
  startRedis,
  until,
  type RedisServer,
  type TestDatabase,
} from '@hardening/test-utils'
import { Redis } from 'ioredis'
import { Client, Pool } from 'pg'
import {
  breakersCheck,
  createHealthRegistry,
  diskCheck,
  eventLoopCheck,
  heapCheck,
  httpCheck,
  memoryCheck,
  memoryLimit,
  postgresCheck,
  queueCheck,
  redisCheck,
  tcpCheck,
  type HealthCheck,
} from '../src/index.js'
import { never } from './support.js'

/** What one run of a check finds, as a report shows it. */
async function found(check: HealthCheck) {
  const { checks } = await createHealthRegistry({ checks: [check], cacheFor: 0, timeout: 1000 }).report()
  return checks[0] as NonNullable<(typeof checks)[0]>
}

const statusOf = async (check: HealthCheck) => (await found(check)).status

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

describe('redisCheck', () => {
  const servers: RedisServer[] = []
  afterAll(() => Promise.all(servers.map((server) => server.stop())))

  async function redis() {
    const server = await startRedis()
    servers.push(server)
    const client = new Redis(server.url, { retryStrategy: () => 20 })
    client.on('error', () => undefined)
    cleanups.push(() => client.disconnect())
    await until(() => client.status === 'ready')
    return { server, client }
  }

  itWith(
    'redis',
    '[HE-2] G11 passes on a real Redis and fails once it is killed, without queueing a command',
    async () => {
      const { server, client } = await redis()
      expect(await found(redisCheck(client))).toMatchObject({ status: 'pass', type: 'datastore', critical: false })
      await server.kill()
      await until(() => client.status !== 'ready')
      const { status, output } = await found(redisCheck(client))
      expect({ status, output }).toMatchObject({ status: 'fail', output: expect.stringContaining('not connected') })
      expect((client as unknown as { offlineQueue: { length: number } }).offlineQueue.length).toBe(0)
      await server.restart()
      await until(() => client.status === 'ready')
      expect(await statusOf(redisCheck(client, { name: 'again', critical: true }))).toBe('pass')
    },
  )

  itWith('redis', '[HE-2] G11 fails in time while Redis is frozen', async () => {
    const { server, client } = await redis()
    server.freeze()
    const { status, output } = await found({ ...redisCheck(client), timeoutMs: 50 })
    server.thaw()
    expect({ status, output }).toEqual({ status: 'fail', output: 'timeout after 50 ms' })
  })

  itWith('redis', '[HE-2] G11 takes a guard of the toolkit', async () => {
    const { server, client } = await redis()
    const guard = createRedisGuard(client)
    cleanups.push(() => guard.close())
    expect(await statusOf(redisCheck(guard))).toBe('pass')
    await server.kill()
    await until(() => client.status !== 'ready')
    expect(await statusOf(redisCheck(guard))).toBe('fail')
  })

  it('[HE-2] takes a client of node-redis', async () => {
    const ping = () => Promise.resolve('PONG')
    expect(await statusOf(redisCheck({ ping, isReady: true }))).toBe('pass')
    expect(await statusOf(redisCheck({ ping, isReady: false }))).toBe('fail')
  })
})

describe('postgresCheck', () => {
  let database: TestDatabase | undefined
  beforeAll(async () => {
    if (process.env['TEST_DATABASE_URL']) database = await createTestDatabase()
  })
  afterAll(() => database?.drop())

  itWith('postgres', '[HE-2] G11 passes on a real Postgres, by pool and by client', async () => {
    const pool = new Pool({ connectionString: database?.url as string })
    const client = new Client({ connectionString: database?.url as string })
    cleanups.push(
      () => pool.end(),
      () => client.end(),
    )
    await client.connect()
    expect(await found(postgresCheck(pool))).toMatchObject({ status: 'pass', critical: true, name: 'postgres' })
    expect(await statusOf(postgresCheck(client, { name: 'replica', critical: false }))).toBe('pass')
  })

  itWith('postgres', '[HE-2] G11 fails on a wrong password and does not show it', async () => {
    const url = new URL(database?.url as string)
    url.password = 'wrong-canary'
    const pool = new Pool({ connectionString: url.href })
    cleanups.push(() => pool.end())
    const { status, output = '' } = await found(postgresCheck(pool))
    expect(status).toBe('fail')
    expect(output).not.toContain('wrong-canary')
  })

  it('[HE-2] G11 fails where nothing listens', async () => {
    const pool = new Pool({ host: '127.0.0.1', port: await freePort() })
    cleanups.push(() => pool.end())
    expect(await found(postgresCheck(pool))).toMatchObject({
      status: 'fail',
      output: expect.stringContaining('ECONNREFUSED'),
    })
  })

  itWith('postgres', '[HE-2] G11 fails in time where the pool has no connection left', async () => {
    const pool = new Pool({ connectionString: database?.url as string, max: 1 })
    const held = await pool.connect()
    cleanups.push(() => pool.end())
    expect(await found({ ...postgresCheck(pool), timeoutMs: 50 })).toMatchObject({ output: 'timeout after 50 ms' })
    held.release()
  })

  it('[HE-2] takes whatever runs SQL, such as PGlite', async () => {
    const asked: string[] = []
    const lite = {
      query(sql: string) {
        asked.push(sql)
        return this === lite ? Promise.resolve({ rows: [] }) : Promise.reject(new Error('called without its object'))
      },
    }
    expect(await statusOf(postgresCheck(lite))).toBe('pass')
    expect(asked).toEqual(['SELECT 1'])
  })
})

describe('checks of the system', () => {
  it.each([
    [0.5, 'pass'],
    [0.849, 'pass'],
    [0.85, 'warn'],
    [0.95, 'fail'],
    [2, 'fail'],
    [Number.NaN, 'fail'],
  ])('[HE-2] G11 memory and heap: a share of %d is %s', async (share, status) => {
    expect(await statusOf(memoryCheck({ used: () => share, limit: () => 1 }))).toBe(status)
    expect(await statusOf(heapCheck({ measure: () => ({ used: share, limit: 1 }) }))).toBe(status)
  })

  it('[HE-2] G11 memory and heap measure this process', async () => {
    for (const check of [memoryCheck({ failAt: 1 }), heapCheck({ failAt: 1 })]) {
      const { observedValue, observedUnit } = await found(check)
      expect(observedValue).toBeGreaterThan(0)
      expect(observedValue).toBeLessThanOrEqual(100)
      expect(observedUnit).toBe('percent')
    }
  })

  it.each([
    ['cgroup v2', { '/sys/fs/cgroup/memory.max': '104857600\n' }, 104_857_600],
    ['cgroup v1', { '/sys/fs/cgroup/memory/memory.limit_in_bytes': '52428800\n' }, 52_428_800],
    ['cgroup v2 without a limit', { '/sys/fs/cgroup/memory.max': 'max\n' }, totalmem()],
    [
      'cgroup v1 without a limit',
      { '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n' },
      totalmem(),
    ],
    ['no cgroup', {}, totalmem()],
  ])('[HE-2] G11 reads the limit of memory: %s', (_what, files, bytes) => {
    const read = (file: string): string => {
      const text = (files as Record<string, string>)[file]
      if (text === undefined) throw new Error('ENOENT')
      return text
    }
    expect(memoryLimit(read)).toBe(bytes)
  })

  it('[HE-2] G11 disk: pass, warn and fail on a real disk, fail where there is none', async () => {
    expect(await statusOf(diskCheck({ warnAt: 1, failAt: 1 }))).toBe('pass')
    expect(await statusOf(diskCheck({ warnAt: 0, failAt: 1 }))).toBe('warn')
    expect(await statusOf(diskCheck({ warnAt: 0, failAt: 0 }))).toBe('fail')
    expect(await found(diskCheck({ path: '/nowhere', name: 'uploads' }))).toMatchObject({
      name: 'uploads',
      status: 'fail',
      output: expect.stringContaining('ENOENT'),
    })
  })

  it.each([
    [199, 'pass'],
    [200, 'warn'],
    [1000, 'fail'],
  ])('[HE-2] G11 event loop: a delay of %d ms is %s', async (ms, status) => {
    expect(await found(eventLoopCheck({ delay: () => ms }))).toMatchObject({
      status,
      observedValue: ms,
      observedUnit: 'ms',
    })
  })

  it('[HE-2] G11 event loop: sees a loop that is held', async () => {
    const check = eventLoopCheck({ warnAt: 50, failAt: '1h' })
    await new Promise((resolve) => setTimeout(resolve, 60))
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300)
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(await statusOf(check)).toBe('warn')
  })
})

describe('checks of others', () => {
  it('[HE-2] G11 http: by status, without following redirects, failing where nobody answers', async () => {
    const statuses = new Map([
      ['/ok', 204],
      ['/moved', 302],
      ['/gone', 404],
      ['/broken', 500],
    ])
    const server = await listen((req, res) => {
      res.writeHead(statuses.get(req.url ?? '') ?? 418, { location: '/broken' }).end()
    })
    cleanups.push(() => server.close())
    const at = (path: string) => httpCheck({ url: `${server.url}${path}` })
    expect(await statusOf(at('/ok'))).toBe('pass')
    expect(await statusOf(at('/moved'))).toBe('pass')
    expect(await found(at('/gone'))).toMatchObject({ status: 'fail', output: 'answered 404', name: '127.0.0.1' })
    expect(await statusOf(at('/broken'))).toBe('fail')
    expect(await statusOf(httpCheck({ url: `${server.url}/gone`, healthy: (status) => status < 500 }))).toBe('pass')
    expect(await statusOf(httpCheck({ url: `http://127.0.0.1:${await freePort()}/` }))).toBe('fail')
  })

  it('[HE-2] G11 http: gives the request up at the time-out', async () => {
    let closed = false
    const server = await listen((req) => void req.socket.once('close', () => (closed = true)))
    cleanups.push(() => server.close())
    expect(await found({ ...httpCheck({ url: server.url }), timeoutMs: 50 })).toMatchObject({ status: 'fail' })
    await until(() => closed)
  })

  it('[HE-2] http: is named without what names may not have', () => {
    expect(httpCheck({ url: 'http://[::1]:80/' }).name).toBe('--1')
  })

  it('[HE-2] G11 tcp: passes where something listens, fails where nothing does', async () => {
    const server: Server = createServer((socket) => socket.end())
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    expect(await found(tcpCheck({ host: '127.0.0.1', port }))).toMatchObject({ status: 'pass', name: `tcp-${port}` })
    await new Promise((resolve) => server.close(resolve))
    expect(await statusOf(tcpCheck({ host: '127.0.0.1', port }))).toBe('fail')
  })

  it('[HE-2] G11 breakers: warn while one is open, fail where it is critical', async () => {
    const breakers = [
      { name: 'mail', state: 'closed' },
      { name: 'pay', state: 'half-open' },
    ]
    expect(await statusOf(breakersCheck(() => breakers))).toBe('pass')
    breakers.push({ name: 'maps', state: 'open' }, { name: 'sms', state: 'isolated' })
    expect(await found(breakersCheck(() => breakers))).toMatchObject({ status: 'warn', output: 'open: maps, sms' })
    expect(await statusOf(breakersCheck(() => breakers, { name: 'all', critical: true }))).toBe('fail')
  })

  it('[HE-2] G11 queue: by depth', async () => {
    const at = (waiting: number | Promise<number>) => queueCheck({ depth: () => waiting, warnAt: 100, failAt: 1000 })
    expect(await statusOf(at(99))).toBe('pass')
    expect(await statusOf(at(Promise.resolve(100)))).toBe('warn')
    expect(await found(at(1000))).toMatchObject({ status: 'fail', observedValue: 1000, observedUnit: 'waiting' })
    expect(await statusOf(queueCheck({ depth: () => 1e9, warnAt: 1 }))).toBe('warn')
    expect(await statusOf(queueCheck({ depth: () => Promise.reject(new Error('away')), warnAt: 1 }))).toBe('fail')
  })

  it('[HE-2] G11 custom: whatever has a name and a check', async () => {
    expect(await statusOf({ name: 'licence', check: () => ({ status: 'warn', output: 'ends in 3 days' }) })).toBe(
      'warn',
    )
    expect(await statusOf({ name: 'licence', check: () => undefined })).toBe('pass')
    expect(await statusOf({ name: 'licence', check: never, timeoutMs: 5 })).toBe('fail')
  })

  it.each<[string, () => unknown]>([
    ['url', () => httpCheck({ url: 'shop' })],
    ['url', () => httpCheck({ url: 'ftp://shop/' })],
    ['port', () => tcpCheck({ host: 'a', port: 0 })],
    ['host', () => tcpCheck({ host: '', port: 1 })],
    ['warnAt', () => memoryCheck({ warnAt: 85 })],
    ['failAt', () => diskCheck({ warnAt: 0.9, failAt: 0.5 })],
    ['failAt', () => heapCheck({ failAt: 2 })],
    ['failAt', () => eventLoopCheck({ warnAt: 500, failAt: 100 })],
    ['depth', () => queueCheck({ depth: 5 as never, warnAt: 1 })],
    ['warnAt', () => queueCheck({ depth: () => 1, warnAt: -1 })],
  ])('[HE-2] refuses a wrong %s', (_option, make) => {
    expect(make).toThrow(ConfigError)
  })

  it('[HE-2] does not quote a wrong URL, which may have a password in it', () => {
    expect(() => httpCheck({ url: 'ftp://user:hunter2@host' })).toThrow(expect.not.stringContaining('hunter2'))
  })
})
