import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { until } from '@hardening/test-utils'
import request from 'supertest'
import { startDemo, type RunningDemo } from './demo.js'

describe('the service that the demo asks', () => {
  let demo: RunningDemo
  const api = (): ReturnType<typeof request> => request(demo.app)
  const rates = (): request.Test => api().get('/api/upstream/rates')
  const switchTo = (fault: string): request.Test => api().put('/api/upstream/fault').send({ fault })
  const state = async (): Promise<string> =>
    ((await api().get('/api/upstream')).body as { breaker: { state: string } }).breaker.state

  beforeAll(async () => {
    demo = await startDemo()
  }, 60_000)
  afterAll(() => demo.close())
  // Back to well, and the breaker closed again by a probe.
  beforeEach(async () => {
    await switchTo('well').expect(200)
    await until(async () => (await rates()).status === 200, { within: 25_000, every: 100 })
  })

  it('[DE-3] answers while it is well', async () => {
    const { body } = await rates().expect(200)
    expect(body).toEqual({ base: 'EUR', rates: { USD: 1.09, CHF: 0.94 } })
    expect(await state()).toBe('closed')
  })

  it('[DE-3] [RE-2] dead: 502, then 503 with Retry-After while the breaker is open, shown by health and metrics', async () => {
    await switchTo('dead').expect(200)
    const first = await rates()
    expect([502, 503]).toContain(first.status)
    const refused = await rates().expect(503)
    expect(refused.body).toMatchObject({ code: 'ERR_RESILIENCE_OPEN' })
    expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1)
    expect(await state()).toBe('open')
    const health = await api().get('/health/circuit-breakers').set('authorization', 'Bearer health-token-of-the-tests')
    expect(health.body).toEqual({
      breakers: [
        { name: 'rates', state: 'open' },
        { name: 'model', state: 'closed' },
      ],
    })
    const readiness = await api().get('/health/readiness')
    expect(readiness.status).toBe(200)
    const metrics = await api().get('/metrics').set('authorization', 'Bearer metrics-token-of-the-tests')
    expect(metrics.text).toMatch(/circuit_breaker_state\{[^}]*breaker="rates"[^}]*\} 2/)
  })

  it('[DE-3] [RE-1] flapping and busy: an answer after a retry', async () => {
    for (const fault of ['flapping', 'limited']) {
      await switchTo(fault).expect(200)
      await rates().expect(200)
      await rates().expect(200)
    }
    const { body } = await api().get('/api/upstream')
    expect((body as { stats: { retries: number } }).stats.retries).toBeGreaterThanOrEqual(2)
  })

  it('[DE-3] [RE-3] slow: 504 or a refusal, never a wait of five seconds', async () => {
    await switchTo('slow').expect(200)
    const { status, body } = await rates()
    expect([503, 504]).toContain(status)
    expect((body as { code: string }).code).toMatch(/^ERR_RESILIENCE_(?:TIMEOUT|OPEN)$/)
  })

  it('[DE-3] [RE-4] [ME-3] a model: asked again where it is busy, with its tokens and cost measured', async () => {
    const ask = (): request.Test => api().post('/api/upstream/summary').send({ text: 'One thing. Another thing.' })
    const { body } = await ask().expect(200)
    expect(body).toEqual({ summary: 'One thing', tokens: { prompt: 7, completion: 3 } })
    await switchTo('limited').expect(200)
    await ask().expect(200)
    await ask().expect(200)
    const { llm, operations } = (await api().get('/api/figures')).body
    expect(llm).toEqual([expect.objectContaining({ model: 'demo-1', promptTokens: 21, completionTokens: 9 })])
    expect(llm[0].dollars).toBeCloseTo((21 * 0.5 + 9 * 1.5) / 1e6, 12)
    expect(operations).toEqual(expect.arrayContaining([expect.objectContaining({ kind: 'llm', name: 'demo/demo-1' })]))
    await switchTo('dead').expect(200)
    const refused = await ask()
    expect([502, 503]).toContain(refused.status)
    await api().post('/api/upstream/summary').send({ text: '' }).expect(400)
  })

  it('[DE-3] faults are checked', async () => {
    await switchTo('broken').expect(400)
  })

  it('[DE-3] faults cannot be switched in production', async () => {
    const production = await startDemo(
      {},
      { NODE_ENV: 'production', ALLOWED_HOSTS: '127.0.0.1', HTTPS_REDIRECT: 'false' },
    )
    try {
      const { status } = await request(production.app).put('/api/upstream/fault').send({ fault: 'dead' })
      expect(status).toBe(403)
    } finally {
      await production.close()
    }
  })
})
