import { afterEach, describe, expect, it } from '@jest/globals'
import { stepsOf } from '@hardening/core'
import { FakeClock } from '@hardening/test-utils'
import { rateLimit } from '../src/index.js'
import { drive, driveNow, passing } from './drive.js'
import { closeAll, serve, statuses, versions } from './apps.js'

afterEach(closeAll)

describe('rateLimit', () => {
  it('[RL-1] allows 1,000 requests an hour by default', async () => {
    const clock = new FakeClock()
    const limiter = rateLimit({ clock })
    let passed = 0
    for (let minute = 0; minute < 21; minute++) {
      passed += await passing(limiter, 50)
      await clock.advance(120_000)
    }
    expect(passed).toBe(1000)
    const refused = await drive(limiter)
    expect(refused.error).toMatchObject({ status: 429, policies: ['1000-in-1h'] })
  })

  it('[RL-1] decides before it returns in memory, without a promise', () => {
    const limiter = rateLimit({ policies: [{ limit: 1, window: '1m' }] })
    expect(driveNow(limiter)?.status).toBe(200)
    expect(driveNow(limiter)?.status).toBe(429)
    expect(limiter.name).toBe('rateLimitMiddleware')
    expect(stepsOf(limiter).map(({ name }) => name)).toEqual(['rateLimit'])
  })
})

describe.each(versions)('rateLimit on %s', (_name, express) => {
  it('[RL-1] allows 60 requests a minute by default, and refuses the next one', async () => {
    const limiter = rateLimit({ clock: new FakeClock() })
    const { url } = await serve((app) => app.use(limiter), express)
    expect(await statuses(url, 61)).toEqual([...Array<number>(60).fill(200), 429])
  })

  it('[RL-5] answers 429 with Retry-After, draft-8 fields and a problem that names the policies', async () => {
    const policies = [
      { name: 'burst', limit: 1, window: '10s' },
      { name: 'day', limit: 100, window: '1d' },
    ] as const
    const { url } = await serve((app) => app.use(rateLimit({ policies, clock: new FakeClock() })), express)
    const first = await fetch(url)
    expect(first.headers.get('RateLimit')).toBe('"burst";r=0;t=10, "day";r=99;t=86400')
    expect(first.headers.get('RateLimit-Policy')).toBe('"burst";q=1;w=10, "day";q=100;w=86400')
    const refused = await fetch(url)
    expect(refused.status).toBe(429)
    expect(refused.headers.get('Retry-After')).toBe('20')
    expect(refused.headers.get('Cache-Control')).toBe('no-store')
    expect(refused.headers.get('RateLimit')).toBe('"burst";r=0;t=10, "day";r=99;t=86400')
    expect(refused.headers.get('Content-Type')).toMatch(/^application\/problem\+json/)
    expect(await refused.json()).toEqual({
      type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
      title: 'Request cannot be satisfied as assigned quota has been exceeded',
      status: 429,
      code: 'ERR_RATELIMIT_EXCEEDED',
      detail: 'Too many requests. Try again in 20 seconds.',
      'violated-policies': ['burst'],
    })
  })

  it('[RL-1] counts a request in every window or in none', async () => {
    const policies = [
      { name: 'second', limit: 2, window: '1s', algorithm: 'fixed-window' },
      { name: 'minute', limit: 3, window: '1m', algorithm: 'fixed-window' },
    ] as const
    const clock = new FakeClock()
    const { url } = await serve((app) => app.use(rateLimit({ policies, clock })), express)
    expect(await statuses(url, 5)).toEqual([200, 200, 429, 429, 429])
    await clock.advance(1000)
    // The three refusals of the first window have taken nothing from the second one.
    expect(await statuses(url, 2)).toEqual([200, 429])
  })

  it('[RL-2] does not count reading health, docs and metrics by default', async () => {
    const options = { policies: [{ limit: 1, window: '1m' }] } as const
    const { url } = await serve((app) => app.use(rateLimit(options)), express)
    for (const path of ['/health', '/health/ready', '/livez', '/docs/', '/openapi.json', '/metrics']) {
      expect(await statuses(`${url}${path}`, 3)).toEqual([200, 200, 200])
    }
    expect(await statuses(`${url}/healthy`, 2)).toEqual([200, 429])
    expect(await statuses(`${url}/health`, 1, { method: 'POST' })).toEqual([429])
  })

  it('[RL-1] counts once where it is mounted twice, and beside another limiter each tells of its own', async () => {
    const limiter = rateLimit({ policies: [{ name: 'a', limit: 5, window: '1m' }], clock: new FakeClock() })
    const other = rateLimit({ policies: [{ name: 'b', limit: 9, window: '1m' }], clock: new FakeClock() })
    const { url } = await serve((app) => app.use(limiter).use(limiter).use(other), express)
    const { headers } = await fetch(url)
    expect(headers.get('RateLimit')).toBe('"a";r=4;t=60, "b";r=8;t=60')
    expect(headers.get('RateLimit-Policy')).toBe('"a";q=5;w=60, "b";q=9;w=60')
  })
})
