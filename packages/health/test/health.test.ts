import { describe, expect, it } from '@jest/globals'
import { ConfigError, fuse, stepsOf, type Exchange } from '@hardening/core'
import { FakeClock, listen } from '@hardening/test-utils'
import { createHealthRegistry, health, type HealthCheck, type HealthOptions } from '../src/index.js'
import { fakeCheck, never, probe, versions } from './support.js'

const TOKEN = 'a-token-of-the-operators'
const CANARY = 'hunter2-canary'

const failing = (name: string, critical = true): HealthCheck => ({
  name,
  critical,
  check: () => Promise.reject(new Error(`no connection to postgres://app:${CANARY}@db/shop, password=${CANARY}`)),
})

describe.each(versions)('health on %s', (_name, express) => {
  function appWith(checks: readonly HealthCheck[] = [], options: HealthOptions = {}) {
    const registry = createHealthRegistry({ checks })
    const app = express()
    app.use(health({ registry, token: TOKEN, version: '3.1.4', serviceId: 'shop', ...options }))
    app.get('/', (_req, res) => void res.send('home'))
    return { app, registry }
  }

  it.each(['/health', '/health/', '/health/liveness', '/health/readiness', '/health/startup', '/health/readiness/'])(
    '[HE-1] %s answers 200 with application/health+json and no-store',
    async (path) => {
      const { status, headers, json } = await probe(appWith().app, path)
      expect({ status, json }).toEqual({ status: 200, json: { status: 'pass' } })
      expect(headers).toMatchObject({ 'content-type': 'application/health+json', 'cache-control': 'no-store' })
    },
  )

  it('[HE-1] says status, version, timestamp and checks where details may be seen', async () => {
    const { json } = await probe(appWith([fakeCheck('mail')]).app, '/health/detailed', TOKEN)
    expect(json).toMatchObject({ status: 'pass', version: '3', releaseId: '3.1.4', serviceId: 'shop' })
    expect(Date.parse(String(json['timestamp']))).toBeGreaterThan(0)
    expect(json.checks['mail:responseTime']?.[0]).toMatchObject({ status: 'pass', critical: true, observedUnit: 'ms' })
  })

  it.each(['/health?verbose=1', '/health/liveness?x=1', '/health/readiness?', '/health/startup?a=b&c=/health'])(
    '[HE-1] G8 takes a query string: %s',
    async (path) => expect((await probe(appWith().app, path)).status).toBe(200),
  )

  it.each(['/health', '/health/liveness', '/health/readiness', '/health/startup'])(
    '[HE-1] G8 answers HEAD on %s as GET, without a body',
    async (path) => {
      const { app } = appWith()
      const head = await probe(app, path, undefined, 'head')
      const get = await probe(app, path)
      expect([head.status, head.text]).toEqual([200, ''])
      expect(head.headers['content-type']).toBe(get.headers['content-type'])
      expect(head.headers['cache-control']).toBe('no-store')
    },
  )

  it('[HE-1] leaves other paths and methods to the application', async () => {
    const { app } = appWith()
    app.post('/health/liveness', (_req, res) => void res.status(201).json({}))
    app.get('/healthy', (_req, res) => void res.status(202).json({}))
    app.get('/health/other', (_req, res) => void res.status(203).json({}))
    expect((await probe(app, '/healthy')).status).toBe(202)
    expect((await probe(app, '/health/other')).status).toBe(203)
    const server = await listen(app)
    expect((await fetch(`${server.url}/health/liveness`, { method: 'POST' })).status).toBe(201)
    expect((await fetch(`${server.url}/`)).status).toBe(200)
    await server.close()
  })

  it('[HE-1] liveness asks no dependency, and stays 200 while they fail and while draining', async () => {
    const down = fakeCheck('db', failing('db'))
    const { app, registry } = appWith([down])
    expect((await probe(app, '/health/liveness')).status).toBe(200)
    registry.markDraining()
    expect((await probe(app, '/health/liveness')).status).toBe(200)
    expect(down.calls).toBe(0)
  })

  it('[HE-1] readiness is 503 while draining, and tells why to those who may see', async () => {
    const { app, registry } = appWith()
    registry.markDraining()
    expect(await probe(app, '/health/readiness')).toMatchObject({ status: 503, json: { status: 'fail' } })
    expect(await probe(app, '/health')).toMatchObject({ status: 503 })
    expect(await probe(app, '/health/detailed', TOKEN)).toMatchObject({
      status: 503,
      json: { output: 'shutting down' },
    })
  })

  it('[HE-2] G3 a failing check that is not critical is warn and 200', async () => {
    const { app } = appWith([failing('mail', false), fakeCheck('db')])
    expect(await probe(app, '/health/readiness')).toMatchObject({ status: 200, json: { status: 'warn' } })
  })

  it('[HE-2] G3 a failing critical check is fail and 503', async () => {
    const { app } = appWith([failing('db'), fakeCheck('mail')])
    expect(await probe(app, '/health/readiness')).toMatchObject({ status: 503, json: { status: 'fail' } })
  })

  it('[HE-1] G5 readiness and startup are 503 until markStarted()', async () => {
    const registry = createHealthRegistry({ started: false, checks: [fakeCheck('db')] })
    const app = express()
    app.use(health({ registry, token: TOKEN }))
    expect((await probe(app, '/health/startup')).status).toBe(503)
    expect((await probe(app, '/health/readiness')).status).toBe(503)
    expect((await probe(app, '/health/liveness')).status).toBe(200)
    expect((await probe(app, '/health/detailed', TOKEN)).json['output']).toBe('not started yet')
    registry.markStarted()
    expect((await probe(app, '/health/startup')).status).toBe(200)
    expect((await probe(app, '/health/readiness')).status).toBe(200)
  })

  it.each([
    ['plain', 'healthy', 'degraded', 'unhealthy'],
    ['actuator', 'UP', 'UP', 'DOWN'],
    ['health+json', 'pass', 'warn', 'fail'],
  ] as const)('[HE-1] format %s: %s, %s, %s', async (format, pass, warn, fail) => {
    const words = async (check: HealthCheck) => (await probe(appWith([check], { format }).app, '/health')).json.status
    expect(await words(fakeCheck('a'))).toBe(pass)
    expect(await words(failing('a', false))).toBe(warn)
    expect(await words(failing('a'))).toBe(fail)
  })

  it('[HE-1] the shape of the actuator has components and groups, as plain JSON', async () => {
    const { app } = appWith([fakeCheck('db'), failing('mail', false)], { format: 'actuator' })
    const { json, headers } = await probe(app, '/health/detailed', TOKEN)
    expect(headers['content-type']).toContain('application/json')
    expect(json).toMatchObject({
      status: 'UP',
      components: { db: { status: 'UP' }, mail: { status: 'DOWN' } },
      groups: ['liveness', 'readiness'],
    })
  })

  it('[HE-1] the actuator says OUT_OF_SERVICE before the start and while draining, DOWN where something is broken', async () => {
    const registry = createHealthRegistry({ checks: [fakeCheck('db')], started: false })
    const { app } = appWith([], { format: 'actuator', registry })
    const asked = (path: string, token?: string) => probe(app, path, token)
    expect(await asked('/health/startup')).toMatchObject({ status: 503, json: { status: 'OUT_OF_SERVICE' } })
    expect(await asked('/health/readiness', TOKEN)).toMatchObject({ status: 503, json: { status: 'OUT_OF_SERVICE' } })
    registry.markStarted()
    expect(await asked('/health/readiness')).toMatchObject({ status: 200, json: { status: 'UP' } })
    registry.markDraining()
    for (const token of [undefined, TOKEN]) {
      expect(await asked('/health/readiness', token)).toMatchObject({ status: 503, json: { status: 'OUT_OF_SERVICE' } })
    }
    expect(await asked('/health/liveness')).toMatchObject({ status: 200, json: { status: 'UP' } })
    registry.add(failing('mail'))
    expect(await asked('/health/readiness', TOKEN)).toMatchObject({ status: 503, json: { status: 'DOWN' } })
  })

  it('[HE-1] what the endpoints answer has their template for a route', async () => {
    const routes: string[] = []
    const app = express()
    app.use(fuse([{ name: 'watch', end: (x) => void routes.push(x.route) }, ...stepsOf(health({ token: TOKEN }))]))
    for (const path of ['/health', '/health/', '/health/liveness?x=1', '/health/detailed', '/health/nothing'])
      await probe(app, path)
    expect(routes).toEqual(['/health', '/health', '/health/liveness', '/health/detailed', 'unmatched'])
  })

  it.each([undefined, 'wrong-token-of-someone', `${TOKEN}x`, ''])(
    '[HE-3] G4 without the token (%s) there is only the status, and nothing at /detailed and /circuit-breakers',
    async (token) => {
      const { app } = appWith([failing('db')], { breakers: () => [{ name: 'mail', state: 'open' }] })
      expect((await probe(app, '/health', token)).json).toEqual({ status: 'fail' })
      expect((await probe(app, '/health/readiness', token)).json).toEqual({ status: 'fail' })
      for (const path of ['/health/detailed', '/health/circuit-breakers']) {
        expect(await probe(app, path, token)).toMatchObject({ status: 404, text: '' })
      }
    },
  )

  it('[HE-3] G4 what an error quotes never leaves, with the token neither', async () => {
    const { app } = appWith([
      failing('db'),
      fakeCheck('own', { check: () => ({ status: 'warn', output: `token=${CANARY}` }) }),
    ])
    for (const path of ['/health', '/health/readiness', '/health/detailed', '/health/liveness']) {
      for (const token of [undefined, TOKEN]) {
        const { text, headers } = await probe(app, path, token)
        expect(text + JSON.stringify(headers)).not.toContain(CANARY)
      }
    }
    expect((await probe(app, '/health/detailed', TOKEN)).text).toContain('no connection to')
  })

  it('[HE-3] shows details by a function, synchronous or not, and hides them where it fails', async () => {
    const details: [HealthOptions['details'], number][] = [
      [(x: Exchange) => x.req.headers['x-operator'] === undefined, 200],
      [() => Promise.resolve(true), 200],
      [() => false, 404],
      [() => Promise.reject(new Error(CANARY)), 404],
      [
        () => {
          throw new Error(CANARY)
        },
        404,
      ],
      ['always', 200],
      ['never', 404],
    ]
    for (const [option, status] of details) {
      const { app } = appWith([], { details: option as NonNullable<HealthOptions['details']> })
      expect((await probe(app, '/health/detailed')).status).toBe(status)
      expect((await probe(app, '/health/readiness')).status).toBe(200)
    }
  })

  it('[HE-1] /circuit-breakers shows name and state alone', async () => {
    const breakers = () => [{ name: 'mail', state: 'open', secret: CANARY }]
    const { json, status } = await probe(appWith([], { breakers }).app, '/health/circuit-breakers', TOKEN)
    expect({ json, status }).toEqual({ status: 200, json: { breakers: [{ name: 'mail', state: 'open' }] } })
  })

  it('[HE-1] lies elsewhere by option', async () => {
    const { app } = appWith([], { path: '/-/status' })
    expect((await probe(app, '/-/status/readiness')).status).toBe(200)
    expect((await probe(app, '/health')).status).toBe(404)
  })

  it('[HE-1] G8 two instances know nothing of one another', async () => {
    const one = appWith([failing('db')])
    const two = appWith([fakeCheck('cache')])
    one.registry.markDraining()
    expect((await probe(one.app, '/health')).status).toBe(503)
    expect((await probe(two.app, '/health')).status).toBe(200)
    expect(Object.keys((await probe(two.app, '/health/detailed', TOKEN)).json.checks)).toEqual(['cache:responseTime'])
    expect(Object.keys((await probe(one.app, '/health/detailed', TOKEN)).json.checks)).toEqual(['db:responseTime'])
  })

  it('[HE-2] G2 fifty probes at once run a check once', async () => {
    let asked = 0
    let answer!: () => void
    const allAsked = new Promise<void>((resolve) => (answer = resolve))
    const slow = fakeCheck('db', { check: () => allAsked.then(() => undefined) })
    // However long it takes until all have asked: the clock stands.
    const registry = createHealthRegistry({ checks: [slow], clock: new FakeClock() })
    const app = express()
    app.use((_req, _res, next) => {
      // The last of them comes to the check before the check answers.
      if (++asked === 50) setImmediate(answer)
      next()
    })
    app.use(health({ registry }))
    const server = await listen(app)
    const answers = await Promise.all(Array.from({ length: 50 }, () => fetch(`${server.url}/health/readiness`)))
    await server.close()
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200))
    expect(slow.calls).toBe(1)
  })

  it('[HE-2] G1 a hung check is fail and timeout in its time; the others are shown as they are', async () => {
    const clock = new FakeClock()
    const checks = [{ name: 'hung', check: never, timeoutMs: 300 }, fakeCheck('well')]
    const registry = createHealthRegistry({ clock, checks })
    const app = express()
    app.use(health({ registry, token: TOKEN, clock }))
    const answer = probe(app, '/health/detailed', TOKEN)
    const tick = setInterval(() => void clock.advance(100), 1)
    const { status, json } = await answer
    clearInterval(tick)
    expect(status).toBe(503)
    expect(json.checks['hung:responseTime']?.[0]).toMatchObject({ status: 'fail', output: 'timeout after 300 ms' })
    expect(json.checks['well:responseTime']?.[0]).toMatchObject({ status: 'pass' })
  })
})

describe('health', () => {
  it('[HE-1] is one step, and runs in a pass with others', async () => {
    const probes = health()
    expect(stepsOf(probes).map(({ name }) => name)).toEqual(['health'])
    expect(probes.name).toBe('healthMiddleware')
    const [, express] = versions[1] as (typeof versions)[number]
    const app = express()
    app.use(fuse([...stepsOf(probes)]))
    expect((await probe(app, '/health')).status).toBe(200)
    probes.registry.markDraining()
    expect((await probe(app, '/health')).status).toBe(503)
  })

  it.each<[string, unknown]>([
    ['unknown', { paths: '/x' }],
    ['path', { path: 'health' }],
    ['path', { path: '/a b' }],
    ['path', { path: '' }],
    ['format', { format: 'xml' }],
    ['details', { details: 'sometimes' }],
    ['token', { token: 'short' }],
    ['token', { token: 7 }],
    ['breakers', { breakers: [] }],
  ])('[HE-1] refuses a wrong %s', (_option, options) => {
    expect(() => health(options as HealthOptions)).toThrow(ConfigError)
  })

  it('[HE-3] does not quote a wrong token', () => {
    expect(() => health({ token: 'tooshort' })).toThrow(expect.not.stringContaining('tooshort'))
    expect(() => health({ token: 'tooshort' })).toThrow(/token/)
  })

  it('[HE-1] takes undefined for omitted', () => {
    const options = { path: undefined, format: undefined, details: undefined, token: undefined, breakers: undefined }
    expect(() => health(options as unknown as HealthOptions)).not.toThrow()
  })
})
