import { afterEach, describe, expect, it } from '@jest/globals'
import { FakeClock } from '@hardening/test-utils'
import { rateLimit, presets, type RateLimitOptions } from '../src/index.js'
import { closeAll, decisions, serve, statuses } from './apps.js'
import { drive, driveMany, driveNow, message, passing, type DriveOptions } from './drive.js'

const told = decisions()
const one = { policies: [{ name: 'one', limit: 1, window: '1m' }] } as const satisfies RateLimitOptions

afterEach(closeAll)

describe('blocks', () => {
  const options = { policies: [{ limit: 1, window: '1s', algorithm: 'fixed-window' }], block: { after: 3 } } as const

  it('[RL-6] 1.8.10 a key that goes on is blocked for 1, 5 and 30 minutes, and the steps decay', async () => {
    const clock = new FakeClock()
    const limiter = rateLimit({ ...options, clock })
    const provoke = async (): Promise<unknown[]> => {
      await driveMany(limiter, 4)
      const { error } = await drive(limiter)
      return [error?.code, error?.headers['Retry-After']]
    }
    expect(await provoke()).toEqual(['ERR_RATELIMIT_BLOCKED', '60'])
    await clock.advance(60_000)
    expect(await provoke()).toEqual(['ERR_RATELIMIT_BLOCKED', '300'])
    await clock.advance(300_000)
    expect(await provoke()).toEqual(['ERR_RATELIMIT_BLOCKED', '1800'])
    await clock.advance(1_800_000)
    expect(await provoke()).toEqual(['ERR_RATELIMIT_BLOCKED', '1800'])
    await clock.advance(1_800_000 + 2 * 3_600_000)
    expect(await provoke()).toEqual(['ERR_RATELIMIT_BLOCKED', '300'])
  })

  it('[RL-6] refusals that lie far apart do not lead to a block', async () => {
    const clock = new FakeClock()
    const limiter = rateLimit({ ...options, clock })
    for (let time = 0; time < 5; time++) {
      await driveMany(limiter, 3)
      await clock.advance(11 * 60_000)
    }
    expect((await drive(limiter)).status).toBe(200)
  })

  it('[RL-6] blocks tell their problem type and nobody is blocked by default', async () => {
    const limiter = rateLimit({ ...options, clock: new FakeClock() })
    await driveMany(limiter, 4)
    const { error } = await drive(limiter)
    expect(error).toMatchObject({
      status: 429,
      type: 'https://iana.org/assignments/http-problem-types#abnormal-usage-detected',
    })
    const plain = rateLimit({ policies: options.policies })
    await driveMany(plain, 50)
    expect((await drive(plain)).error?.code).toBe('ERR_RATELIMIT_EXCEEDED')
  })

  it('[RL-6] block, inspect, unblock and reset by hand', async () => {
    const limiter = rateLimit({ ...one, clock: new FakeClock() })
    await limiter.block('::ffff:192.0.2.1', '10m')
    expect((await drive(limiter)).error?.headers['Retry-After']).toBe('600')
    expect(await limiter.inspect('192.0.2.1')).toEqual({
      by: 'ip',
      blockedMs: 600_000,
      strikes: 0,
      level: 0,
      windows: [{ name: 'one', remaining: 1, resetMs: 60_000 }],
    })
    await limiter.unblock('192.0.2.1')
    expect(await driveMany(limiter, 2)).toEqual([200, 429])
    await limiter.reset('192.0.2.1')
    expect(await driveMany(limiter, 2)).toEqual([200, 429])
  })

  it('[RL-6] what is done by hand refuses what cannot be meant', async () => {
    const limiter = rateLimit({ policies: [...one.policies, { name: 'user', limit: 1, window: '1m', key: 'user' }] })
    await expect(limiter.block('192.0.2.1', '1m')).rejects.toMatchObject({ code: 'ERR_CONFIG_INVALID', option: 'by' })
    await expect(limiter.block('192.0.2.1', -1, { by: 'ip' })).rejects.toMatchObject({ option: 'duration' })
    await expect(limiter.inspect('', { by: 'ip' })).rejects.toMatchObject({ option: 'key' })
  })

  it('[RL-6] addresses on the allow list are never limited, those on the deny list always refused', async () => {
    const limiter = rateLimit({ ...one, allow: ['10.0.0.0/8'], deny: ['203.0.113.0/24', '2001:db8::/32'] })
    expect(await driveMany(limiter, 3, { address: '10.1.2.3' })).toEqual([200, 200, 200])
    expect(await driveMany(limiter, 1, { address: '::ffff:203.0.113.9' })).toEqual([403])
    const { error } = await drive(limiter, { address: '2001:db8::1' })
    expect(error).toMatchObject({ status: 403, code: 'ERR_RATELIMIT_DENIED' })
    expect(await driveMany(limiter, 2)).toEqual([200, 429])
  })

  it('[RL-6] both lists know an address with a port, as some proxies pass it on', async () => {
    const limiter = rateLimit({ ...one, allow: ['10.0.0.0/8'], deny: ['203.0.113.0/24', '2001:db8::/32'] })
    const { url } = await serve((app) => app.set('trust proxy', 1).use(limiter))
    const ask = async (address: string): Promise<number | undefined> =>
      (await statuses(url, 1, { headers: { 'X-Forwarded-For': address } }))[0]
    expect([await ask('203.0.113.9:4711'), await ask('[2001:db8::7]:443')]).toEqual([403, 403])
    expect([await ask('10.1.2.3:1'), await ask('10.1.2.3:2'), await ask('10.1.2.3')]).toEqual([200, 200, 200])
  })
})

describe('dry run', () => {
  it('[RL-7] 1.8.12 a dry run never refuses and tells would_block each time it would have', async () => {
    const limiter = rateLimit({ policies: [{ name: 'dry', limit: 2, window: '1m', dryRun: true }] })
    expect(await driveMany(limiter, 5)).toEqual([200, 200, 200, 200, 200])
    expect(told.map(({ policy, outcome }) => `${policy} ${outcome}`)).toEqual(Array(3).fill('dry would_block'))
  })

  it('[RL-7] a dry run beside an enforced policy neither refuses nor shows in headers', async () => {
    const policies = [
      { name: 'dry', limit: 1, window: '1m', dryRun: true },
      { name: 'real', limit: 3, window: '1m' },
    ] as const
    const limiter = rateLimit({ policies, clock: new FakeClock() })
    const { res } = await drive(limiter)
    expect(res.getHeader('RateLimit-Policy')).toBe('"real";q=3;w=60')
    expect(res.getHeader('RateLimit')).toBe('"real";r=2;t=60')
    expect(await driveMany(limiter, 3)).toEqual([200, 200, 429])
  })
})

describe('decisions', () => {
  it('[RL-7] tells of every decision with the policy that decided', async () => {
    const policies = [
      { name: 'wide', limit: 100, window: '1m' },
      { name: 'tight', limit: 1, window: '1m' },
    ] as const
    const limiter = rateLimit({ name: 'site', policies })
    await driveMany(limiter, 2)
    expect(told).toEqual([
      expect.objectContaining({ limiter: 'site', policy: 'tight', outcome: 'allowed', degraded: false }),
      expect.objectContaining({ limiter: 'site', policy: 'tight', outcome: 'limited', degraded: false }),
    ])
    expect(told[0]?.exchange?.path).toBe('/')
  })

  it('[RL-7] tells of blocks', async () => {
    const limiter = rateLimit({ ...one })
    await limiter.block('192.0.2.1', '1m')
    await drive(limiter)
    expect(told.map(({ outcome }) => outcome)).toEqual(['blocked'])
  })
})

describe('concurrency', () => {
  it('[RL-7] lets so many requests of a key run side by side, and the next one when one has ended', async () => {
    const limiter = rateLimit({ concurrency: { limit: 2 } })
    const [first, second] = [await drive(limiter), await drive(limiter)]
    const third = await drive(limiter)
    expect([first.status, second.status, third.status]).toEqual([200, 200, 429])
    expect(third.error).toMatchObject({ policies: ['concurrency'] })
    expect((await drive(limiter, { address: '192.0.2.2' })).status).toBe(200)
    first.end()
    third.end()
    expect((await drive(limiter)).status).toBe(200)
    expect((await drive(limiter)).status).toBe(429)
  })

  it('[RL-7] a refused place takes nothing from the windows', async () => {
    const limiter = rateLimit({ ...one, policies: [{ name: 'p', limit: 2, window: '1m' }], concurrency: { limit: 1 } })
    const first = await drive(limiter)
    await driveMany(limiter, 5)
    first.end()
    expect((await drive(limiter)).status).toBe(200)
  })

  it('[RL-7] in a dry run it tells and refuses nothing', async () => {
    const limiter = rateLimit({ concurrency: { limit: 1, dryRun: true } })
    expect(await driveMany(limiter, 2)).toEqual([200, 200])
    expect(told.map(({ outcome, policy }) => [outcome, policy])).toEqual(
      expect.arrayContaining([['would_block', 'concurrency']]),
    )
  })
})

describe('costs after the response', () => {
  async function attempt(
    limiter: Parameters<typeof drive>[0],
    status: number,
    options?: DriveOptions,
  ): Promise<number> {
    const outcome = await drive(limiter, options)
    if (outcome.status === 200) outcome.end(status)
    return outcome.status
  }

  it('[RL-2] only failures count', async () => {
    const limiter = rateLimit({ policies: [{ limit: 2, window: '1m', count: 'failures' }] })
    for (let at = 0; at < 10; at++) expect(await attempt(limiter, 200)).toBe(200)
    expect([await attempt(limiter, 401), await attempt(limiter, 500), await attempt(limiter, 200)]).toEqual([
      200, 200, 429,
    ])
  })

  it('[RL-2] only successes count', async () => {
    const limiter = rateLimit({ policies: [{ limit: 1, window: '1m', count: 'successes' }] })
    expect([await attempt(limiter, 404), await attempt(limiter, 200), await attempt(limiter, 404)]).toEqual([
      200, 200, 429,
    ])
  })

  it('[RL-2] attempts side by side cannot slip past what only counts afterwards', async () => {
    const limiter = rateLimit({ policies: [{ limit: 3, window: '1m', count: 'failures' }] })
    expect(await passing(limiter, 10)).toBe(3)
  })

  it('[RL-2] a function says what a response has cost in the end', async () => {
    const policies = [
      { limit: 100, window: '1m', count: ({ status }: { status: number }) => (status === 200 ? 40 : 0) },
    ] as const
    const limiter = rateLimit({ policies })
    for (let at = 0; at < 3; at++) expect(await attempt(limiter, 200)).toBe(200)
    expect(await attempt(limiter, 200)).toBe(429)
    expect((await limiter.inspect('192.0.2.1')).windows[0]?.remaining).toBe(0)
  })
})

describe('presets', () => {
  const login = (email: string, address = '192.0.2.1') =>
    ({ method: 'POST', url: '/login', address, headers: { 'x-email': email } }) satisfies DriveOptions
  const account = ({ req }: { req: { headers: Record<string, unknown> } }) => req.headers['x-email'] as string

  it('[RL-2] login counts failures per account and address', async () => {
    const limiter = rateLimit({ ...presets.login({ account: account }), clock: new FakeClock() })
    const fail = async (options: DriveOptions): Promise<number> => {
      const outcome = await drive(limiter, options)
      if (outcome.status === 200) outcome.end(401)
      return outcome.status
    }
    const tries: number[] = []
    for (let at = 0; at < 6; at++) tries.push(await fail(login(at % 2 ? 'A@example.com ' : 'a@EXAMPLE.com')))
    expect(tries).toEqual([200, 200, 200, 200, 200, 429])
    expect(await fail(login('a@example.com', '192.0.2.2'))).toBe(200)
    // One password on many accounts ends at the limit of the address.
    const spray: number[] = []
    for (let at = 0; at < 20; at++) spray.push(await fail(login(`user-${at}@example.com`)))
    expect(spray.filter((status) => status === 200)).toHaveLength(15)
  })

  it('[RL-2] login takes the addresses of one subnet for one, with a port or without', async () => {
    const limiter = rateLimit({ ...presets.login({ account: account }), clock: new FakeClock() })
    const tries: number[] = []
    for (let at = 0; at < 6; at++) {
      const outcome = await drive(limiter, login('a@example.com', `2001:db8::${at}`))
      if (outcome.status === 200) outcome.end(401)
      tries.push(outcome.status)
    }
    expect(tries).toEqual([200, 200, 200, 200, 200, 429])
  })

  it('[RL-2] successful logins do not count', async () => {
    const limiter = rateLimit(presets.login({ account: account }))
    for (let at = 0; at < 30; at++) {
      const outcome = await drive(limiter, login('a@example.com'))
      expect(outcome.status).toBe(200)
      outcome.end(200)
    }
  })

  it('[RL-2] api, register and upload limit what their name says', async () => {
    const clock = new FakeClock()
    expect(await passing(rateLimit({ ...presets.api(), clock }), 30)).toBe(20)
    expect(await passing(rateLimit({ ...presets.register(), clock }), 10, { method: 'POST' })).toBe(5)
    expect(await passing(rateLimit({ ...presets.register(), clock }), 10)).toBe(10)
    const upload = rateLimit({ ...presets.upload(), clock })
    expect(await passing(upload, 10, { method: 'POST' })).toBe(3)
  })
})

describe('the gate before Express', () => {
  const request = (options: DriveOptions = {}) => message(options).req

  it('[RL-6] knows a refused client by a look into a map, with an answer that is ready', () => {
    const clock = new FakeClock()
    const limiter = rateLimit({ ...one, clock })
    expect(limiter.gate(request())).toBeUndefined()
    driveNow(limiter)
    expect(limiter.gate(request())).toBeUndefined()
    driveNow(limiter)
    const refusal = limiter.gate(request())
    expect(refusal).toMatchObject({ status: 429, retryAfter: 120 })
    expect(refusal?.head).toBe(
      'HTTP/1.1 429 Too Many Requests\r\nContent-Type: application/problem+json\r\n' +
        `Content-Length: ${refusal?.body.length}\r\nCache-Control: no-store\r\nRetry-After: 120\r\n` +
        'RateLimit: "one";r=0;t=120\r\nRateLimit-Policy: "one";q=1;w=60\r\n',
    )
    expect(JSON.parse(String(refusal?.body))).toMatchObject({
      status: 429,
      code: 'ERR_RATELIMIT_EXCEEDED',
      'violated-policies': ['one'],
    })
    expect(limiter.gate(request())).toBe(refusal)
    expect(limiter.gate(request({ address: '192.0.2.2' }))).toBeUndefined()
  })

  it('[RL-6] lets pass again when the time is over, and leads to blocks as well', async () => {
    const clock = new FakeClock()
    const limiter = rateLimit({ ...one, clock, block: { after: 3 } })
    await driveMany(limiter, 2)
    limiter.gate(request())
    limiter.gate(request())
    expect((await drive(limiter)).error?.code).toBe('ERR_RATELIMIT_BLOCKED')
    await clock.advance(120_000)
    expect(limiter.gate(request())).toBeUndefined()
  })

  it('[RL-6] respects skip rules, and knows nothing of limits for some paths or by other keys', async () => {
    const limiter = rateLimit(one)
    await driveMany(limiter, 2)
    expect(limiter.gate(request({ url: '/health?x' }))).toBeUndefined()
    expect(limiter.gate(request({ url: '/other' }))).toBeDefined()
    for (const options of [
      { ...one, skip: () => false },
      { ...one, key: 'api-key' },
      { policies: [{ ...one.policies[0], paths: ['/login'] }] },
    ] as const) {
      const other = rateLimit(options)
      await driveMany(other, 3, { url: '/login' })
      expect(other.gate(request({ url: '/login' }))).toBeUndefined()
    }
  })

  it('[RL-6] never refuses an address on the allow list for its neighbours or a block', async () => {
    const limiter = rateLimit({ ...one, allow: ['2001:db8::1'], clock: new FakeClock() })
    await driveMany(limiter, 2, { address: '2001:db8::2' })
    await limiter.block('2001:db8::1', '1m')
    expect(limiter.gate(request({ address: '2001:db8::2' }))).toBeDefined()
    expect(limiter.gate(request({ address: '2001:db8::1' }))).toBeUndefined()
    expect(await driveMany(limiter, 2, { address: '2001:db8::1' })).toEqual([200, 200])
  })

  it('[RL-5] tells of the limits that refused in the form that was chosen, as does Express afterwards', async () => {
    const clock = new FakeClock()
    const limiter = rateLimit({
      policies: [...one.policies, { name: 'wide', limit: 100, window: '1h' }],
      headers: 'legacy',
      clock,
    })
    await driveMany(limiter, 2)
    const end = String(Math.ceil(clock.now() / 1000) + 120)
    expect(limiter.gate(request())?.head).toContain(
      `X-RateLimit-Limit: 1\r\nX-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: ${end}\r\n`,
    )
    const { res } = await drive(limiter)
    expect([res.getHeader('X-RateLimit-Limit'), res.getHeader('X-RateLimit-Reset')]).toEqual(['1', end])
    limiter.block('192.0.2.9', '1m').catch(() => undefined)
    expect(limiter.gate(request({ address: '192.0.2.9' }))?.head).not.toContain('X-RateLimit')
  })

  it('[RL-5] a writer cannot end the line that it is given', async () => {
    let value = 'a'
    const limiter = rateLimit({ ...one, headers: () => [['X-Limit', value]] })
    await driveMany(limiter, 2)
    value = 'a\r\nSet-Cookie: b'
    expect(() => limiter.gate(request())).toThrow('Invalid character in header content')
  })

  it('[RL-6] gives each of many refused clients its own answer, made once a second', async () => {
    const clock = new FakeClock()
    const limiter = rateLimit({ ...one, clock })
    const clients = ['192.0.2.1', '192.0.2.2'].map((address) => ({ address }))
    for (const client of clients) {
      await driveMany(limiter, 2, client)
      await clock.advance(5000)
    }
    const [first, second] = clients.map((client) => limiter.gate(request(client)))
    expect([first?.retryAfter, second?.retryAfter]).toEqual([110, 115])
    expect(limiter.gate(request(clients[0]))).toBe(first)
    expect(limiter.gate(request(clients[1]))).toBe(second)
    await clock.advance(1000)
    expect(limiter.gate(request(clients[0]))?.retryAfter).toBe(109)
  })

  it('[RL-6] tells of what it refuses in numbers, one message for a hundred', async () => {
    const clock = new FakeClock()
    const limiter = rateLimit({ ...one, clock })
    await driveMany(limiter, 2)
    told.length = 0
    for (let at = 0; at < 250; at++) limiter.gate(request())
    await clock.advance(120_000)
    limiter.gate(request())
    expect(told.map(({ outcome, count }) => [outcome, count])).toEqual([
      ['limited', 100],
      ['limited', 100],
      ['limited', 50],
    ])
  })
})

afterEach(() => {
  told.length = 0
})
