import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createTestDatabase, hasService, startRedis, until } from '@hardening/test-utils'
import request from 'supertest'
import { chunkSize, countChunks, findingsOf, readChunks } from '../src/background/findings.js'
import { startDemo, type RunningDemo, type Servers } from './demo.js'

const modes: [string, () => Promise<{ servers: Servers; stop(): Promise<void> }>][] = [
  ['PGlite and memory', () => Promise.resolve({ servers: {}, stop: () => Promise.resolve() })],
  [
    'Postgres and Redis',
    async () => {
      const [database, redis] = await Promise.all([
        createTestDatabase(),
        startRedis({ args: ['--maxmemory-policy', 'noeviction'] }),
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

describe.each(modes)('documents behind the requests, on %s', (mode, open) => {
  const runs = mode.startsWith('PGlite') || (hasService('redis') && hasService('postgres'))
  const itRuns = runs ? it : it.skip
  let demo: RunningDemo
  let stop: () => Promise<void>
  let bearer: [string, string]
  let documents: string
  const api = (): ReturnType<typeof request> => request(demo.app)
  const html = (text: string): string => `<h1>${text}</h1><p>${'Some words of a text. '.repeat(100)}</p>`
  const state = async (id: string): Promise<string> => (await api().get(`/api/jobs/${id}`)).body.state
  const create = (title: string, query = ''): request.Test =>
    api()
      .post(`${documents}${query}`)
      .set(...bearer)
      .send({ title, html: html(title) })

  beforeAll(async () => {
    if (!runs) return
    const opened = await open()
    stop = opened.stop
    demo = await startDemo(opened.servers, { REDIS_TIMEOUT: '2s' })
    bearer = ['authorization', `Bearer ${await demo.token()}`]
    const { body } = await api()
      .post('/api/projects')
      .set(...bearer)
      .send({ name: 'Background' })
    documents = `/api/projects/${body.id}/documents`
  }, 60_000)
  afterAll(async () => {
    if (!runs) return
    await demo.close()
    await stop()
  })

  itRuns(
    '[DE-2] [JO-1] background=true: 202 with the job, then chunks and hashes in the database',
    async () => {
      const { status, headers, body } = await create('Behind', '?background=true')
      expect(status).toBe(202)
      expect(headers['location']).toBe(`${documents}/${body.id}`)
      await until(async () => (await state(body.job)) === 'completed', { within: 20_000 })
      const found = await until(
        async () => {
          const answer = await api().get(`${documents}/${body.id}/findings`)
          return answer.status === 200 && answer.body
        },
        { within: 20_000 },
      )
      const expected = findingsOf(body.html, [...readChunks(body.html)])
      expect(found).toMatchObject({ processed: true, words: expected.words, chunks: expected.chunks })
    },
    60_000,
  )

  itRuns('[DE-2] without it the answer comes when all is done', async () => {
    const { status, body } = await create('At once', '?background=false')
    expect([status, body.job]).toEqual([201, undefined])
    const found = await api().get(`${documents}/${body.id}/findings`)
    expect([found.status, found.body.processed]).toEqual([200, true])
    // A change is processed anew.
    await api()
      .patch(`${documents}/${body.id}`)
      .set(...bearer)
      .send({ html: '<p>Three little words</p>' })
    const changed = await api().get(`${documents}/${body.id}/findings`)
    expect([changed.body.words, changed.body.chunks.length]).toEqual([3, 1])
  })

  itRuns('[DE-2] what was found out about an old version or a removed document is thrown away', async () => {
    const { body } = await create('Late')
    const old = findingsOf('<p>old</p>', [...readChunks('<p>old</p>')])
    expect(await demo.findings.save(body.id, old)).toBe(false)
    const now = findingsOf(body.html, [...readChunks(body.html)])
    expect([await demo.findings.save(body.id, now), await demo.findings.save(body.id, now)]).toEqual([true, true])
    await api()
      .delete(`${documents}/${body.id}`)
      .set(...bearer)
    expect(await demo.findings.save(body.id, now)).toBe(false)
    expect((await api().get(`${documents}/${body.id}/findings`)).status).toBe(404)
  })

  itRuns(
    '[DE-3] samples: one fails once, one for good and is replayed; all of it can be seen',
    async () => {
      const once = (await api().post('/api/jobs/samples').send({ failures: 1 })).body[0].id
      const dead = (await api().post('/api/jobs/samples').send({ failures: 3 })).body[0].id
      await until(async () => (await state(once)) === 'completed', { within: 20_000 })
      await until(async () => (await state(dead)) === 'dead', { within: 20_000 })
      expect((await api().get(`/api/jobs/${dead}`)).body).toMatchObject({ attempts: 3, maxAttempts: 3 })
      await until(async () => (await api().get('/api/jobs')).body.counts.dead === 1, { within: 5000, every: 100 })
      const view = (await api().get('/api/jobs')).body
      expect(view.totals).toMatchObject({ failed: 4, dead: 1 })
      expect(view.recent.map(({ id }: { id: string }) => id)).toEqual(expect.arrayContaining([once, dead]))
      expect(JSON.stringify(view)).not.toContain('<h1>')
      expect((await api().post('/api/jobs/replay').send({})).body).toEqual({ replayed: 1 })
      await until(async () => (await state(dead)) === 'completed', { within: 20_000 })
    },
    60_000,
  )

  itRuns('[DE-3] what is asked for is checked', async () => {
    for (const body of [{ count: 0 }, { count: 51 }, { failures: -1 }, { paceMs: 1e9 }, { more: 1 }]) {
      expect((await api().post('/api/jobs/samples').send(body)).status).toBe(400)
    }
    expect((await api().get('/api/jobs/nothing')).status).toBe(404)
    expect((await api().get('/api/jobs/a%20b')).status).toBe(400)
    expect((await create('x', '?background=maybe')).status).toBe(400)
  })

  itRuns(
    '[JO-1] 4.3.8 health and metrics know of the jobs',
    async () => {
      const metrics = async (): Promise<string> =>
        (await api().get('/metrics').set('authorization', 'Bearer metrics-token-of-the-tests')).text
      await until(async () => (await metrics()).includes('job_queue_jobs{queue="documents",state="completed"}'), {
        within: 20_000,
        every: 200,
      })
      expect(await metrics()).toContain('jobs_total{queue="findings",event="completed"}')
      const { body } = await api().get('/health/detailed').set('authorization', 'Bearer health-token-of-the-tests')
      expect(body.checks['jobs:measurement'][0].status).toBe('pass')
    },
    40_000,
  )
})

describe('the control room', () => {
  it('[DE-3] its look at the jobs has a limit of its own, and uses up none of the visitor', async () => {
    const demo = await startDemo({}, { RATE_LIMIT_PER_MINUTE: '5', RATE_LIMIT_PER_HOUR: '50' })
    try {
      const looks = async (): Promise<number> => (await request(demo.app).get('/api/jobs')).status
      for (let at = 0; at < 10; at++) expect(await looks()).toBe(200)
      expect(await looks()).toBe(429)
      expect((await request(demo.app).get('/api/projects')).status).toBe(200)
    } finally {
      await demo.close()
    }
  }, 60_000)

  it('[DE-3] in production nothing can be submitted, replayed or killed there', async () => {
    const env = { NODE_ENV: 'production', ALLOWED_HOSTS: '127.0.0.1', HTTPS_REDIRECT: 'false' }
    const demo = await startDemo({}, env)
    try {
      for (const path of ['samples', 'replay', 'worker/kill']) {
        expect((await request(demo.app).post(`/api/jobs/${path}`).send({})).status).toBe(403)
      }
      expect((await request(demo.app).get('/api/jobs')).status).toBe(200)
    } finally {
      await demo.close()
    }
  }, 60_000)

  const itRedis = hasService('redis') ? it : it.skip
  itRedis(
    '[JO-1] 4.3.6 Redis away: a document that cannot be processed is refused, and not kept',
    async () => {
      const redis = await startRedis()
      const demo = await startDemo({ redisUrl: redis.url }, { REDIS_TIMEOUT: '150ms' })
      try {
        const bearer: [string, string] = ['authorization', `Bearer ${await demo.token()}`]
        const post = (path: string, body: object): request.Test =>
          request(demo.app)
            .post(path)
            .set(...bearer)
            .send(body)
        const documents = `/api/projects/${(await post('/api/projects', { name: 'Away' })).body.id}/documents`
        await redis.kill()
        const refused = await post(`${documents}?background=true`, { title: 'T', html: '<p>T</p>' })
        expect([refused.status, refused.body.code]).toEqual([503, 'ERR_JOBS_UNAVAILABLE'])
        expect((await request(demo.app).get(documents)).body).toEqual([])
        expect((await post(documents, { title: 'T', html: '<p>T</p>' })).status).toBe(201)
        expect((await request(demo.app).get('/health/readiness')).status).toBe(200)
      } finally {
        await demo.close()
        await redis.stop()
      }
    },
    60_000,
  )
})

describe('chunks', () => {
  it('[DE-2] hold all the text in order, none too long, cut where a sentence ends', () => {
    const text = 'This is a sentence of some length. '.repeat(200).trim()
    const chunks = [...readChunks(`<p>${text}</p>`)]
    expect(chunks.map((chunk) => chunk.text).join(' ')).toBe(text)
    expect(chunks.every((chunk, at) => chunk.position === at && chunk.text.length <= chunkSize)).toBe(true)
    expect(chunks.every((chunk) => chunk.text.endsWith('.'))).toBe(true)
    expect(countChunks(`<p>${text}</p>`)).toBe(chunks.length)
  })

  it('[DE-2] no character is cut in two, and nothing gives nothing', () => {
    const text = `x${'🙂'.repeat(2000)}`
    const chunks = [...readChunks(text)].map((chunk) => chunk.text)
    expect(chunks.join('')).toBe(text)
    expect(chunks.every((chunk) => !/^[\udc00-\udfff]|[\ud800-\udbff]$/.test(chunk))).toBe(true)
    expect([...readChunks('')]).toEqual([])
    expect([...readChunks('<p> </p>\u0000')]).toEqual([])
  })
})
