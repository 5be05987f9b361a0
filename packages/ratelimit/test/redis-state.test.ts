import { describe, expect, it } from '@jest/globals'
import type { RedisGuard } from '@hardening/core'
import { FakeClock } from '@hardening/test-utils'
import { rateLimit } from '../src/index.js'
import { createQuota, type Claim, type Quota } from '../src/quota.js'
import { Verdict } from '../src/verdict.js'
import { driveMany } from './drive.js'
import { ownRedis } from './redis-stores.js'

const own = ownRedis()
let names = 0

const algorithms = ['sliding-window', 'fixed-window', 'token-bucket'] as const
const day = 86_400_000

/** A store with a time of its own, one quota of ten a minute, and what asks it. */
function storeOf(algorithm: (typeof algorithms)[number]) {
  const prefix = `state-${++names}`
  const time = { now: 1_800_000_000_000 }
  const store = own.store(() => time.now, prefix)
  const base = { windowMs: 60_000, burst: 10, isEnforced: true, countsRefused: false }
  const quota = createQuota({ ...base, name: 'q', algorithm, limit: 10, slot: 0 })
  store.init({ name: 'state', penalty: undefined, groups: [{ name: 'k', quotas: [quota] }] })
  const quotas: readonly Quota[] = [quota]
  const costs = [1]
  const take = async (key = 'a'): Promise<Verdict> => {
    const verdict = new Verdict()
    const claim: Claim = { group: 0, key, quotas, costs }
    await store.take([claim], verdict)
    return verdict
  }
  const passing = async (count: number): Promise<number> => {
    let passed = 0
    for (let at = 0; at < count; at++) if ((await take()).allowed) passed++
    return passed
  }
  const keyOf = async (): Promise<string> =>
    ((await own.server.command('KEYS', `${prefix}:*`)) as string[])[0] as string
  return { time, take, passing, keyOf }
}

describe.each(algorithms)('%s in Redis', (algorithm) => {
  it("[RL-1] keeps its count when the server's clock goes back, and is never locked for longer than its window", async () => {
    const { time, take, passing } = storeOf(algorithm)
    expect(await passing(12)).toBe(10)
    time.now -= day
    expect(await passing(3)).toBe(0)
    const { waitMs } = await take()
    expect(waitMs[0]).toBeGreaterThan(0)
    expect(waitMs[0]).toBeLessThanOrEqual(120_000)
    time.now += waitMs[0] as number
    expect((await take()).allowed).toBe(true)
  })

  it("[RL-1] begins anew when the server's clock jumps ahead", async () => {
    const { time, passing } = storeOf(algorithm)
    expect(await passing(12)).toBe(10)
    time.now += day
    expect(await passing(12)).toBe(10)
  })

  it('[RL-3] a key is kept for as long as any of it matters, and no longer', async () => {
    const { time, take, keyOf } = storeOf(algorithm)
    await take()
    const key = await keyOf()
    const left = async (): Promise<number> => Number(await own.server.command('PTTL', key))
    expect(await left()).toBeGreaterThan(60_000 - 10_000)
    expect(await left()).toBeLessThanOrEqual(120_000)
    // As if most of its time were over: what begins with this request has to be kept to its end.
    await own.server.command('PEXPIRE', key, 5000)
    time.now += 60_000
    await take()
    expect(await left()).toBeGreaterThan(60_000 - 10_000)
  })
})

it("[RL-6] a block lasts as long as it was meant to when the server's clock goes back", async () => {
  let now = 1_800_000_000_000
  const store = own.store(() => now)
  const penalty = { after: 2, withinMs: 60_000, forMs: [60_000], decayMs: 60_000 }
  store.init({ name: 'state', penalty, groups: [{ name: 'k', quotas: [] }] })
  const [struck, blocked] = [
    { group: 0, key: 'struck' },
    { group: 0, key: 'blocked' },
  ]
  expect(await store.strike(struck, 2)).toBe(60_000)
  await store.block(blocked, 30_000)
  now -= day
  expect((await store.inspect(struck, [])).blockedMs).toBe(60_000)
  now += 10_000
  expect((await store.inspect(struck, [])).blockedMs).toBe(50_000)
  expect((await store.inspect(blocked, [])).blockedMs).toBe(30_000)
})

describe('what is in Redis', () => {
  it('[RL-3] is twenty bytes a window, and an end to each key', async () => {
    const name = `bytes-${++names}`
    const policies = [
      { name: 'a', limit: 5, window: '1m' },
      { name: 'b', limit: 50, window: '1h' },
    ] as const
    const limiter = rateLimit({ name, redis: own.redis, policies, timeout: '10s' })
    await driveMany(limiter, 3)
    const [key = ''] = (await own.server.command('KEYS', `hd:rl:v1:${name}:*`)) as string[]
    expect(Number(await own.server.command('STRLEN', key))).toBe(40)
    expect(Number(await own.server.command('PTTL', key))).toBeGreaterThan(3_600_000)
    limiter.close()
  })

  it('[RL-3] is counted by paths of different windows side by side, each exactly', async () => {
    const name = `paths-${++names}`
    const policies = [
      { name: 'all', limit: 6, window: '1m' },
      { name: 'login', limit: 2, window: '1m', paths: ['/login'] },
    ] as const
    const limiter = rateLimit({ name, redis: own.redis, policies, timeout: '10s', maxDenied: 0 })
    expect(await driveMany(limiter, 3, { url: '/login' })).toEqual([200, 200, 429])
    expect(await driveMany(limiter, 3)).toEqual([200, 200, 200])
    expect(await driveMany(limiter, 1, { url: '/login' })).toEqual([429])
    expect(await driveMany(limiter, 2)).toEqual([200, 429])
    const { windows } = await limiter.inspect('192.0.2.1')
    expect(windows.map(({ remaining }) => remaining)).toEqual([0, 0])
    limiter.close()
  })

  it.each([
    ['of another kind', ['RPUSH', 'x']],
    ['of another length', ['SET', 'x'.repeat(33)]],
    ['of somebody else', ['SET', 'x'.repeat(60)]],
    ['of absurd length', ['SET', 'x'.repeat(400_000)]],
    ['that is empty', ['SET', '']],
  ])('[RL-4] a value %s is taken for nothing', async (_what, [command, value]) => {
    const name = `foreign-${++names}`
    const limiter = rateLimit({
      name,
      redis: own.redis,
      timeout: '10s',
      policies: [{ limit: 2, window: '1m' }],
      maxDenied: 0,
    })
    await driveMany(limiter, 1)
    const [key = ''] = (await own.server.command('KEYS', `hd:rl:v1:${name}:{*`)) as string[]
    await own.server.command('DEL', key)
    await own.server.command(command as string, key, value as string)
    expect(await driveMany(limiter, 3)).toEqual([200, 200, 429])
    expect(limiter.degraded).toBe(false)
    limiter.close()
  })
})

it.each([['text'], [Buffer.from('short')], [null], [[]]])(
  '[RL-4] an answer that is none (%p) is a failure of the store, and not of the request',
  async (answer) => {
    const guard = {
      available: true,
      script: async () => answer,
      scriptBuffer: async () => answer,
      close: () => undefined,
    }
    const limiter = rateLimit({
      redis: guard as unknown as RedisGuard,
      policies: [{ limit: 2, window: '1m' }],
      clock: new FakeClock(),
    })
    expect(await driveMany(limiter, 3)).toEqual([200, 200, 429])
    expect(limiter.degraded).toBe(true)
  },
)

it('[RL-4] a guard that throws is a failure of the store, and does not end the process', async () => {
  const broken = (): never => {
    throw new Error('broken')
  }
  const guard = { available: true, script: broken, scriptBuffer: broken, close: () => undefined }
  const limiter = rateLimit({ redis: guard as unknown as RedisGuard, policies: [{ limit: 2, window: '1m' }] })
  expect(await driveMany(limiter, 3)).toEqual([200, 200, 429])
})

it('[RL-4] a cluster of which a part is lost is asked often enough to be found back within 2 s', async () => {
  const clock = new FakeClock()
  let isWhole = false
  const answer = async (command: string): Promise<unknown> => {
    if (command === 'ping') return 'PONG'
    // Any refusal of a node that is alive.
    if (!isWhole) throw Object.assign(new Error('CLUSTERDOWN The cluster is down'), { name: 'ReplyError' })
    const reply = Buffer.alloc(29)
    reply.writeUInt8(1, 8)
    return reply
  }
  const client = {
    isCluster: true,
    status: 'ready',
    call: answer,
    callBuffer: answer,
    on: () => client,
    off: () => client,
  }
  const limiter = rateLimit({ redis: client as never, policies: [{ limit: 1_000_000, window: '1m' }], clock })
  for (let at = 0; at < 500; at++) {
    await driveMany(limiter, 1)
    await clock.advance(100)
  }
  expect(limiter.degraded).toBe(true)
  isWhole = true
  for (let at = 0; at < 20 && limiter.degraded; at++) {
    await clock.advance(100)
    await driveMany(limiter, 1)
  }
  expect(limiter.degraded).toBe(false)
  limiter.close()
})
