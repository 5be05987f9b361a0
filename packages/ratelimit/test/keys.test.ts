import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { currentContext, requestContext } from '@hardening/core'
import { rawHttp } from '@hardening/test-utils'
import { rateLimit, type RateLimitOptions } from '../src/index.js'
import { closeAll, serve, statuses, versions } from './apps.js'
import { drive, driveMany, message, passing } from './drive.js'

afterEach(closeAll)

const one = { policies: [{ name: 'one', limit: 1, window: '1m' }] } as const satisfies RateLimitOptions

/** How many limits the addresses have among them. */
async function keysAmong(addresses: string[], options: RateLimitOptions = one): Promise<number> {
  const limiter = rateLimit(options)
  let passed = 0
  for (const address of addresses) passed += await passing(limiter, 1, { address })
  return passed
}

describe('addresses', () => {
  it('[RL-2] 1.8.8 addresses of one IPv6 /56 share a limit, those of another do not', async () => {
    expect(await keysAmong(['2001:db8:0:100::1', '2001:db8:0:1ff:ffff::9', '2001:DB8:0:0100:0::5'])).toBe(1)
    expect(await keysAmong(['2001:db8:0:100::1', '2001:db8:0:200::1'])).toBe(2)
    expect(await keysAmong(['2001:db8:0:100::1', '2001:db8:0:1ff::1'], { ...one, ipv6Subnet: 64 })).toBe(2)
    expect(await keysAmong(['2001:db8::1', '2001:db8::2'], { ...one, ipv6Subnet: false })).toBe(2)
  })

  it('[RL-2] 1.8.8 all spellings of a mapped IPv4 address are that address, and two clients are two', async () => {
    expect(await keysAmong(['::ffff:1.2.3.4', '::ffff:102:304', '1.2.3.4', '0:0:0:0:0:FFFF:0102:0304'])).toBe(1)
    expect(await keysAmong(['::ffff:1.2.3.4', '::ffff:1.2.3.5'])).toBe(2)
  })

  it('[RL-2] a zone is no new client', async () => {
    expect(await keysAmong(['fe80::1%eth0', 'fe80::1%eth1', 'fe80::1'])).toBe(1)
  })

  it('[RL-2] requests without an address share a limit, and that is told once', async () => {
    const warned = warnings()
    expect(await keysAmong(['', ''])).toBe(1)
    expect(warned()).toEqual(['HARDENING_RATELIMIT_NO_ADDRESS'])
  })
})

/** Codes of the warnings from now on. */
function warnings(): () => unknown[] {
  const spy = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
  return () => {
    const codes = spy.mock.calls.map(([, options]) => (options as unknown as { code: string }).code)
    spy.mockRestore()
    return codes
  }
}

describe.each(versions)('proxies on %s', (_name, express) => {
  const forwarded = (value: string): RequestInit => ({ headers: { 'X-Forwarded-For': value } })

  it('[RL-2] X-Forwarded-For is not believed while trust proxy is off, and warned of once', async () => {
    const warned = warnings()
    const { url } = await serve((app) => app.use(rateLimit(one)), express)
    expect(await statuses(url, 1, forwarded('203.0.113.1'))).toEqual([200])
    expect(await statuses(url, 1, forwarded('203.0.113.2'))).toEqual([429])
    expect(warned()).toEqual(['HARDENING_RATELIMIT_FORWARDED_FOR'])
  })

  it('[RL-2] trust proxy: true is named as unsafe once', async () => {
    const warned = warnings()
    const { url } = await serve((app) => app.set('trust proxy', true).use(rateLimit(one)), express)
    await statuses(url, 3, forwarded('203.0.113.1'))
    expect(warned()).toEqual(['HARDENING_RATELIMIT_TRUST_PROXY'])
  })

  it('[RL-2] behind one proxy the address that it saw counts, whatever the client wrote before it', async () => {
    const { url } = await serve((app) => app.set('trust proxy', 1).use(rateLimit(one)), express)
    expect(await statuses(url, 1, forwarded('1.1.1.1, 203.0.113.1'))).toEqual([200])
    expect(await statuses(url, 1, forwarded('2.2.2.2, 203.0.113.1'))).toEqual([429])
    expect(await statuses(url, 1, forwarded('1.1.1.1, 203.0.113.2'))).toEqual([200])
  })

  it('[RL-2] a port behind the address makes no new client, and what is no address counts as the connection', async () => {
    const { url } = await serve((app) => app.set('trust proxy', 1).use(rateLimit(one)), express)
    expect(await statuses(url, 1, forwarded('203.0.113.7:1111'))).toEqual([200])
    expect(await statuses(url, 1, forwarded('203.0.113.7:2222'))).toEqual([429])
    expect(await statuses(url, 1, forwarded('[2001:db8::1]:3333'))).toEqual([200])
    expect(await statuses(url, 1, forwarded('[2001:db8::1]:4444'))).toEqual([429])
    expect(await statuses(url, 1, forwarded('unknown'))).toEqual([200])
    expect(await statuses(url, 1, forwarded('_hidden'))).toEqual([429])
    expect(await statuses(url, 1, forwarded('x'.repeat(5000)))).toEqual([429])
  })
})

describe('keys', () => {
  it('[RL-2] by API key, from its header or a bearer token; without one by address', async () => {
    const limiter = rateLimit({ ...one, key: 'api-key' })
    const by = (headers: Record<string, string>) => driveMany(limiter, 2, { headers })
    expect(await by({ 'x-api-key': 'a' })).toEqual([200, 429])
    expect(await by({ 'x-api-key': 'b' })).toEqual([200, 429])
    expect(await by({ authorization: 'Bearer c' })).toEqual([200, 429])
    expect(await by({})).toEqual([200, 429])
    expect(await by({ 'x-api-key': '' })).toEqual([429, 429])
  })

  it('[RL-2] by user, once the context knows one', async () => {
    const limiter = rateLimit({ ...one, key: 'user' })
    const { url } = await serve((app) => {
      app.use(requestContext())
      app.use((req, _res, next) => {
        const context = currentContext()
        if (context !== undefined) context.user = req.query['user'] as string | undefined
        next()
      })
      app.use(limiter)
    })
    expect(await statuses(`${url}?user=1`, 2)).toEqual([200, 429])
    expect(await statuses(`${url}?user=2`, 2)).toEqual([200, 429])
    expect(await statuses(url, 2)).toEqual([200, 429])
  })

  it('[RL-2] by any function, where the name of one key cannot pass for the address of another client', async () => {
    const limiter = rateLimit({ ...one, key: ({ req }) => req.headers['x-tenant'] as string | undefined })
    expect(await driveMany(limiter, 2, { address: '192.0.2.1' })).toEqual([200, 429])
    expect(await driveMany(limiter, 2, { headers: { 'x-tenant': '192.0.2.1' } })).toEqual([200, 429])
    expect(await driveMany(limiter, 2, { headers: { 'x-tenant': '@192.0.2.1' } })).toEqual([200, 429])
  })

  it('[RL-2] long keys are told apart and cost no memory', async () => {
    const limiter = rateLimit({ ...one, key: 'api-key' })
    const long = 'k'.repeat(1_000_000)
    expect(await driveMany(limiter, 2, { headers: { 'x-api-key': long } })).toEqual([200, 429])
    expect(await driveMany(limiter, 2, { headers: { 'x-api-key': `${long}!` } })).toEqual([200, 429])
  })

  it('[RL-2] what a key function throws goes to the error handlers, and is no way past the limit', async () => {
    const key = () => {
      throw Object.assign(new Error('broken'), { status: 500 })
    }
    expect((await drive(rateLimit({ ...one, key }))).error).toMatchObject({ message: 'broken' })
  })

  it('[RL-2] a key function may put the address into its key, by subnet as ever', async () => {
    const perPath = rateLimit({ ...one, key: (exchange, addressOf) => `${exchange.path} ${addressOf(exchange)}` })
    const ask = (address: string, url: string) => driveMany(perPath, 1, { address, url })
    expect([...(await ask('2001:db8::1', '/a')), ...(await ask('2001:db8::2', '/a'))]).toEqual([200, 429])
    expect([...(await ask('2001:db8::2', '/b')), ...(await ask('192.0.2.1', '/a'))]).toEqual([200, 200])
  })

  it('[RL-2] a policy of its own key is counted beside the others', async () => {
    const policies = [
      { name: 'address', limit: 3, window: '1m' },
      {
        name: 'tenant',
        limit: 2,
        window: '1m',
        key: { by: 'tenant', of: ({ req }) => req.headers['x-tenant'] as string },
      },
    ] as const satisfies RateLimitOptions['policies']
    const limiter = rateLimit({ policies })
    expect(await driveMany(limiter, 3, { headers: { 'x-tenant': 'a' } })).toEqual([200, 200, 429])
    expect(await driveMany(limiter, 2, { headers: { 'x-tenant': 'b' } })).toEqual([200, 429])
    // What one of them refused has taken nothing from the other.
    const { windows } = await limiter.inspect('b', { by: 'tenant' })
    expect(windows).toEqual([expect.objectContaining({ name: 'tenant', remaining: 1 })])
  })
})

describe('limits by request', () => {
  it('[RL-2] by route and method, whatever the case of the path or a slash at its end', async () => {
    const policies = [
      { name: 'login', limit: 1, window: '1m', paths: ['/login', '/users/:id/*'], methods: ['POST'] },
    ] as const
    const limiter = rateLimit({ policies })
    const post = (url: string) => driveMany(limiter, 1, { url, method: 'POST' })
    expect(await driveMany(limiter, 3, { url: '/login' })).toEqual([200, 200, 200])
    expect(await post('/other')).toEqual([200])
    expect(await post('/login')).toEqual([200])
    expect([...(await post('/LOGIN')), ...(await post('/login/')), ...(await post('/login?x=1'))]).toEqual([
      429, 429, 429,
    ])
    expect([...(await post('/users/1')), ...(await post('/users/2/posts'))]).toEqual([429, 429])
    expect(await post('/users')).toEqual([200])
  })

  it('[RL-2] a limit for GET is one for HEAD, which Express answers in the same way', async () => {
    const limiter = rateLimit({ policies: [{ ...one.policies[0], methods: ['get'] }] })
    expect(await driveMany(limiter, 2, { method: 'HEAD' })).toEqual([200, 429])
    expect(await driveMany(limiter, 2, { method: 'POST' })).toEqual([200, 200])
  })

  it('[RL-2] by plan', async () => {
    const limiter = rateLimit({
      policies: [{ name: 'p', limit: { default: 1, pro: 3, none: Infinity }, window: '1m' }],
      key: ({ req }) => req.headers['x-plan'] as string,
      plan: ({ req }) => req.headers['x-plan'] as string,
    })
    const by = (plan: string) => driveMany(limiter, 4, { headers: { 'x-plan': plan } })
    expect(await by('free')).toEqual([200, 429, 429, 429])
    expect(await by('pro')).toEqual([200, 200, 200, 429])
    expect(await by('none')).toEqual([200, 200, 200, 200])
    expect(await by('__proto__')).toEqual([200, 429, 429, 429])
  })

  it('[RL-2] by functions for limit and window', async () => {
    const limiter = rateLimit({
      policies: [{ name: 'p', limit: ({ path }) => (path === '/a' ? 2 : 1), window: () => '1m' }],
      key: ({ path }) => path,
    })
    expect(await driveMany(limiter, 3, { url: '/a' })).toEqual([200, 200, 429])
    expect(await driveMany(limiter, 3, { url: '/b' })).toEqual([200, 429, 429])
  })

  it('[RL-2] a limit or window that is none is a clear error, not a way past', async () => {
    for (const value of [0, -1, 1.5, Number.NaN, '5' as never]) {
      const { error } = await drive(rateLimit({ policies: [{ name: 'p', limit: () => value, window: '1m' }] }))
      expect(error).toMatchObject({ code: 'ERR_RATELIMIT_VALUE', status: 500 })
    }
    const { error } = await drive(rateLimit({ policies: [{ name: 'p', limit: 1, window: () => -5 }] }))
    expect(error).toMatchObject({ code: 'ERR_RATELIMIT_VALUE' })
  })

  it('[RL-2] 1.8.12 a cost of 5 takes 5', async () => {
    const limiter = rateLimit({ policies: [{ name: 'p', limit: 10, window: '1m', cost: 5 }] })
    expect(await driveMany(limiter, 3)).toEqual([200, 200, 429])
  })

  it('[RL-2] 1.8.12 a cost above the limit, below zero or with a fraction is refused with a clear error', async () => {
    for (const cost of [11, -1, 0.5]) {
      expect(() => rateLimit({ policies: [{ limit: 10, window: '1m', cost }] })).toThrow(
        expect.objectContaining({ code: 'ERR_CONFIG_INVALID', option: 'policies[0].cost' }),
      )
    }
    for (const cost of [11, -1, 0.5, Number.NaN, Infinity]) {
      const { error } = await drive(rateLimit({ policies: [{ limit: 10, window: '1m', cost: () => cost }] }))
      expect(error).toMatchObject({ code: 'ERR_RATELIMIT_VALUE', status: 500 })
    }
  })

  it('[RL-2] a request of small cost passes where a larger one has no room', async () => {
    const limiter = rateLimit({ policies: [{ limit: 10, window: '1m', cost: ({ path }) => Number(path.slice(1)) }] })
    expect(await driveMany(limiter, 1, { url: '/8' })).toEqual([200])
    expect(await driveMany(limiter, 1, { url: '/5' })).toEqual([429])
    expect(await driveMany(limiter, 1, { url: '/2' })).toEqual([200])
  })

  it('[RL-2] skip leaves requests uncounted', async () => {
    const limiter = rateLimit({ ...one, skip: ({ req }) => req.headers['x-skip'] === '1' })
    expect(await driveMany(limiter, 3, { headers: { 'x-skip': '1' } })).toEqual([200, 200, 200])
    expect(await driveMany(limiter, 2)).toEqual([200, 429])
    expect(await driveMany(rateLimit({ ...one, skipPaths: [] }), 2, { url: '/health' })).toEqual([200, 429])
  })
})

describe('bad input', () => {
  it.each([
    ['skip', { skip: (async () => false) as never }],
    ['key', { key: (async () => 'tenant') as never }],
    ['plan', { plan: (async () => 'pro') as never, policies: [{ limit: { default: 1 }, window: '1m' }] }],
    ['cost', { policies: [{ limit: 1, window: '1m', cost: (async () => 1) as never }] }],
    ['limit', { policies: [{ limit: (async () => 1) as never, window: '1m' }] }],
    ['window', { policies: [{ limit: 1, window: (async () => '1m') as never }] }],
  ] satisfies [string, RateLimitOptions][])(
    '[RL-2] a promise of %s is a clear error, and no way past the limit',
    async (what, options) => {
      const { error } = await drive(rateLimit({ ...one, ...options }))
      expect(error).toMatchObject({ code: 'ERR_RATELIMIT_VALUE', status: 500 })
      expect(error?.message).toContain(what)
    },
  )

  it('[RL-2] absurd keys are keys: each of its own, none a way past', async () => {
    const keys = ['\0', '\n', ' ', '{}', '__proto__', 'constructor', '*', '../..', '\u{1f600}', 'k'.repeat(1_000_000)]
    const limiter = rateLimit({ ...one, key: ({ req }) => req.headers['x-key'] as string })
    for (const key of keys) expect(await driveMany(limiter, 2, { headers: { 'x-key': key } })).toEqual([200, 429])
  })

  it('[RL-2] headers of megabytes are the business of the server, and do not reach the limiter', async () => {
    const { url } = await serve((app) => app.use(rateLimit({ ...one, key: 'api-key' })))
    const reply = await rawHttp(url, `GET / HTTP/1.1\r\nHost: a\r\nX-Api-Key: ${'k'.repeat(2_000_000)}\r\n\r\n`)
    expect(reply.status === 431 || reply.isClosed).toBe(true)
    expect(await statuses(url, 2)).toEqual([200, 429])
  })

  it('[RL-2] a limiter works without Express', () => {
    const { req, res } = message()
    let passed = 0
    rateLimit(one)(req, res, (error) => {
      expect(error).toBeUndefined()
      passed++
    })
    expect(passed).toBe(1)
  })
})
