import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createTestDatabase, hasService, startRedis, type RedisServer } from '@hardening/test-utils'
import request from 'supertest'
import { password, startDemo, type RunningDemo, type Servers } from './demo.js'

const json = 'application/json'
const problem = /^application\/problem\+json/

/** PGlite and memory, and a real Postgres with a real Redis. */
const modes: [string, () => Promise<{ servers: Servers; stop(): Promise<void> }>][] = [
  ['PGlite and memory', () => Promise.resolve({ servers: {}, stop: () => Promise.resolve() })],
  [
    'Postgres and Redis',
    async () => {
      const [database, redis]: [Awaited<ReturnType<typeof createTestDatabase>>, RedisServer] = await Promise.all([
        createTestDatabase(),
        startRedis(),
      ])
      return {
        servers: { databaseUrl: database.url, redisUrl: redis.url },
        async stop() {
          await redis.stop()
          await database.drop()
        },
      }
    },
  ],
]

describe.each(modes)('the demo on %s', (mode, open) => {
  const runs = mode.startsWith('PGlite') || (hasService('redis') && hasService('postgres'))
  const itRuns = runs ? it : it.skip
  let demo: RunningDemo
  let stop: () => Promise<void>
  let token: string
  const api = (): ReturnType<typeof request> => request(demo.app)
  const signedIn = (): [string, string] => ['authorization', `Bearer ${token}`]
  const name = (): string => `Project ${randomBytes(6).toString('hex')}`

  beforeAll(async () => {
    if (!runs) return
    const opened = await open()
    stop = opened.stop
    demo = await startDemo(opened.servers)
    token = await demo.token()
  }, 60_000)
  afterAll(async () => {
    if (!runs) return
    await demo.close()
    await stop()
  })

  itRuns('[DE-2] creates, reads, lists, changes and removes projects', async () => {
    const first = name()
    const created = await api()
      .post('/api/projects')
      .set(...signedIn())
      .send({ name: first, description: 'd' })
    expect(created.status).toBe(201)
    const at = `/api/projects/${created.body.id}`
    expect(created.headers['location']).toBe(at)
    expect(created.body).toMatchObject({ name: first, description: 'd', documents: 0 })

    expect((await api().get(at)).body).toEqual(created.body)
    const renamed = name()
    expect(
      (
        await api()
          .patch(at)
          .set(...signedIn())
          .send({ name: renamed })
      ).body.name,
    ).toBe(renamed)
    expect((await api().get(at)).body.name).toBe(renamed)
    expect(
      (
        await api()
          .delete(at)
          .set(...signedIn())
      ).status,
    ).toBe(204)
    expect((await api().get(at)).status).toBe(404)
    expect(
      (
        await api()
          .delete(at)
          .set(...signedIn())
      ).status,
    ).toBe(404)
  })

  itRuns('[DE-2] lists by pages and tells how many there are', async () => {
    for (let at = 0; at < 3; at++)
      await api()
        .post('/api/projects')
        .set(...signedIn())
        .send({ name: name() })
    const all = await api().get('/api/projects?limit=100')
    expect(Number(all.headers['x-total-count'])).toBe(all.body.length)
    const page = await api().get('/api/projects?limit=2&offset=1')
    expect(page.body).toEqual(all.body.slice(1, 3))
    expect(page.headers['x-total-count']).toBe(all.headers['x-total-count'])
    expect(page.headers['link']).toMatch(/rel="(?:prev|first)"/)
  })

  itRuns.each(['limit=0', 'limit=101', 'limit=x', 'offset=-1', 'limit=1&page=2'])(
    '[DE-2] refuses the page ?%s',
    async (query) => {
      const refused = await api().get(`/api/projects?${query}`)
      expect([refused.status, refused.type]).toEqual([400, 'application/problem+json'])
    },
  )

  itRuns('[DE-2] has documents in projects, sanitised and without duplicates', async () => {
    const project = (
      await api()
        .post('/api/projects')
        .set(...signedIn())
        .send({ name: name() })
    ).body
    const at = `/api/projects/${project.id}/documents`
    const html = '<p>Hello <b>world</b><script>alert(1)</script><img src=x onerror=alert(1)></p>'
    const created = await api()
      .post(at)
      .set(...signedIn())
      .send({ title: 'One', html })
    expect(created.status).toBe(201)
    expect(created.body.html).not.toMatch(/script|onerror/)
    expect(created.body.html).toContain('<b>world</b>')
    expect(
      (
        await api()
          .post(at)
          .set(...signedIn())
          .send({ title: 'Two', html })
      ).status,
    ).toBe(409)
    const path = `${at}/${created.body.id}`
    expect((await api().get(path)).body).toEqual(created.body)
    expect((await api().get(at)).body).toEqual([created.body])
    expect(
      (
        await api()
          .patch(path)
          .set(...signedIn())
          .send({ title: 'Other' })
      ).body.title,
    ).toBe('Other')
    expect((await api().get(`/api/projects/${project.id}`)).body.documents).toBe(1)
    expect(
      (
        await api()
          .delete(path)
          .set(...signedIn())
      ).status,
    ).toBe(204)
    expect((await api().get(path)).status).toBe(404)
    expect((await api().get(`/api/projects/${project.id}`)).body.documents).toBe(0)
    expect(
      (
        await api()
          .post('/api/projects/999999/documents')
          .set(...signedIn())
          .send({ title: 'x', html })
      ).status,
    ).toBe(404)
    expect((await api().get('/api/projects/999999/documents')).status).toBe(404)
  })

  itRuns('[DE-2] refuses a second project of the same name, whatever its case', async () => {
    const taken = name()
    await api()
      .post('/api/projects')
      .set(...signedIn())
      .send({ name: taken })
    const again = await api()
      .post('/api/projects')
      .set(...signedIn())
      .send({ name: taken.toUpperCase() })
    expect([again.status, again.body.code]).toEqual([409, 'ERR_HTTP_CONFLICT'])
  })

  itRuns('[DE-2] writes for those alone who are signed in', async () => {
    for (const authorization of ['', 'Bearer x', `Bearer ${'A'.repeat(43)}`, 'Basic eDp5']) {
      const refused = await api().post('/api/projects').set('authorization', authorization).send({ name: name() })
      expect([refused.status, refused.body.code]).toEqual([401, 'ERR_HTTP_AUTHENTICATION'])
      expect(refused.headers['www-authenticate']).toMatch(/^Bearer/)
    }
  })

  itRuns('[DE-2] signs in with the right password and out again, telling nothing of which was wrong', async () => {
    const right = await api().post('/api/login').send({ email: 'Demo@Example.com', password })
    expect(right.status).toBe(200)
    expect(right.headers['cache-control']).toBe('no-store')
    const wrong = await api().post('/api/login').send({ email: 'demo@example.com', password: 'wrong' })
    const unknown = await api().post('/api/login').send({ email: 'nobody@example.com', password: 'wrong' })
    expect([wrong.status, wrong.body.detail]).toEqual([unknown.status, unknown.body.detail])
    expect(wrong.status).toBe(401)
    const bearer: [string, string] = ['authorization', `Bearer ${right.body.token}`]
    await api()
      .post('/api/logout')
      .set(...bearer)
    expect(
      (
        await api()
          .post('/api/projects')
          .set(...bearer)
          .send({ name: name() })
      ).status,
    ).toBe(401)
  })

  itRuns('[KI-1] answers every request with headers, request id and limits', async () => {
    const { headers, status } = await api().get('/api/projects').set('x-request-id', 'my-id-1')
    expect(status).toBe(200)
    expect(headers).toMatchObject({
      'x-request-id': 'my-id-1',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining("default-src 'self'"),
      ratelimit: expect.stringContaining('"minute"'),
      'ratelimit-policy': expect.stringContaining('"hour"'),
    })
    expect(headers['x-powered-by']).toBeUndefined()
  })

  const bad: [string, () => request.Test, number][] = [
    ['malformed JSON', () => api().post('/api/login').type(json).send('{'), 400],
    ['wrong types', () => api().post('/api/login').send({ email: 1, password: [] }), 400],
    ['unknown members', () => api().post('/api/login').send({ email: 'a@b.co', password: 'x', admin: true }), 400],
    [
      'a body that is too large',
      () =>
        api()
          .post('/api/login')
          .type(json)
          .send(`"${'x'.repeat(1_100_000)}"`),
      413,
    ],
    ['a route that is not', () => api().get('/api/nothing'), 404],
    ['a method that is not', () => api().put('/api/login').send({}), 404],
    ['an id that is none', () => api().get('/api/projects/x'), 400],
    ['an id beyond all bounds', () => api().get(`/api/projects/${'9'.repeat(40)}`), 400],
    ['a forged prototype', () => api().post('/api/login').type(json).send('{"__proto__":{"admin":true}}'), 400],
    ['a path that cannot be decoded', () => api().get('/api/projects/%E0%A4%A'), 400],
    [
      'an encoding that is none',
      () => api().post('/api/login').type(json).set('content-encoding', 'zip').send('{}'),
      415,
    ],
    [
      'a charset that is none',
      () => api().post('/api/login').type('application/json; charset=klingon').send('{}'),
      415,
    ],
  ]
  itRuns.each(bad)(
    '[KI-1] answers %s with a problem that has the request id and leaks nothing',
    async (_what, send, status) => {
      const answer = await send()
      expect(answer.status).toBe(status)
      expect(answer.headers['content-type']).toMatch(problem)
      expect(answer.body).toMatchObject({ status, requestId: answer.headers['x-request-id'] })
      expect(answer.text).not.toMatch(/node_modules|\.ts:|\.js:|SELECT|stack/)
      expect(answer.headers['x-content-type-options']).toBe('nosniff')
    },
  )

  itRuns('[KI-1] takes no forged request id', async () => {
    const { headers } = await api().get('/api/projects').set('x-request-id', 'a b<script>')
    expect(headers['x-request-id']).toMatch(/^[A-Za-z0-9._-]{1,128}$/)
  })

  itRuns('[KI-1] answers a failing route with 500, and only the log knows why', async () => {
    demo.app.get('/fails', () => {
      throw new Error('canary of the failure')
    })
    const answer = await api().get('/fails')
    expect([answer.status, answer.body.status]).toEqual([500, 500])
    expect(answer.text).not.toContain('canary')
    const line = demo.lines.find(({ message }) => message === 'A request failed')
    expect(line).toMatchObject({ requestId: answer.headers['x-request-id'] })
    expect(JSON.stringify(line)).toContain('canary')
  })

  itRuns('[LO-3] leaves one line a request, with the id of the answer', async () => {
    const id = randomBytes(8).toString('hex')
    await api().get('/api/projects/1').set('x-request-id', id)
    const lines = demo.lines.filter(({ requestId, message }) => requestId === id && message === 'request')
    expect(lines).toEqual([
      expect.objectContaining({
        method: 'GET',
        path: '/api/projects/1',
        route: '/api/projects/:project',
        level: 'info',
      }),
    ])
  })

  itRuns('[HE-1] is alive and ready, with details for those with the token alone', async () => {
    expect((await api().get('/health/liveness')).body).toEqual({ status: 'pass' })
    const ready = await api().get('/health/readiness')
    expect([ready.status, Object.keys(ready.body)]).toEqual([200, ['status']])
    expect((await api().get('/health/detailed')).status).toBe(404)
    const detailed = await api().get('/health/detailed').set('authorization', 'Bearer health-token-of-the-tests')
    expect(detailed.body.checks['postgres:responseTime'][0].status).toBe('pass')
  })

  itRuns('[ME-2] shows metrics by route to those with the token', async () => {
    await api().get('/api/projects/1')
    expect((await api().get('/metrics').set('authorization', 'Bearer wrong-token-of-tests')).status).toBe(401)
    const shown = await api().get('/metrics').set('authorization', 'Bearer metrics-token-of-the-tests')
    expect(shown.text).toMatch(/http_requests_total\{method="GET",route="\/api\/projects\/:project",status="\d+"\}/)
    expect(shown.text).not.toContain('/api/projects/1"')
  })

  itRuns('[DE-3] serves its page and what belongs to it, under its own policy and beside the limits', async () => {
    const page = await api().get('/')
    expect([page.status, page.type]).toEqual([200, 'text/html'])
    expect(page.text).not.toMatch(/<script>|style="|onclick/)
    const script = await api().get('/assets/page.js')
    expect(script.status).toBe(200)
    expect(script.headers['ratelimit']).toBeUndefined()
  })

  itRuns('[RL-5] answers who goes on with 429 and when to come back', async () => {
    const statuses: number[] = []
    let last: request.Response | undefined
    for (let at = 0; at < 7; at++) {
      last = await api().get('/api/limited')
      statuses.push(last.status)
    }
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429])
    expect(Number(last?.headers['retry-after'])).toBeGreaterThanOrEqual(1)
    expect(last?.headers['content-type']).toMatch(problem)
  })
})

describe('the demo on servers that fail', () => {
  const itRedis = hasService('redis') ? it : it.skip

  itRedis(
    '[RL-4] answers everything while Redis is killed, frozen and back again',
    async () => {
      const redis = await startRedis()
      const demo = await startDemo({ redisUrl: redis.url })
      const ask = async (): Promise<number> => (await request(demo.app).get('/api/projects')).status
      const load = async (requests: number): Promise<Set<number>> =>
        new Set(await Promise.all(Array.from({ length: requests }, ask)))
      try {
        expect(await load(20)).toEqual(new Set([200]))
        const during = load(60)
        await redis.kill()
        expect(await during).toEqual(new Set([200]))
        expect(await load(20)).toEqual(new Set([200]))
        await redis.restart()
        expect(await load(20)).toEqual(new Set([200]))
        redis.freeze()
        expect(await load(40)).toEqual(new Set([200]))
        redis.thaw()
        expect(await load(20)).toEqual(new Set([200]))
      } finally {
        redis.thaw()
        await demo.close()
        await redis.stop()
      }
    },
    60_000,
  )

  itRedis(
    '[RL-4] starts without Redis',
    async () => {
      const redis = await startRedis({ start: false })
      const demo = await startDemo({ redisUrl: redis.url })
      try {
        expect((await request(demo.app).get('/api/projects')).status).toBe(200)
        const health = await request(demo.app).get('/health')
        expect([health.status, health.body.status]).toEqual([200, 'warn'])
      } finally {
        await demo.close()
        await redis.stop()
      }
    },
    60_000,
  )
})
