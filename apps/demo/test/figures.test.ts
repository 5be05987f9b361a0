import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { until } from '@hardening/test-utils'
import request from 'supertest'
import { nameOf } from '../src/figures/tracked-database.js'
import { startDemo, type RunningDemo } from './demo.js'

interface Figures {
  rules: number
  alerts: { alert: string; state: string }[]
  operations: { kind: string; name: string; calls: number; errors: number; p95Ms: number }[]
  caches: { cache: string; lookups: number }[]
  events: { event: string; count: number }[]
}

describe('what the demo measures', () => {
  let demo: RunningDemo
  let bearer: [string, string]
  const api = (): ReturnType<typeof request> => request(demo.app)
  const figures = async (): Promise<Figures> => (await api().get('/api/figures').expect(200)).body as Figures

  beforeAll(async () => {
    demo = await startDemo()
    bearer = ['authorization', `Bearer ${await demo.token()}`]
  }, 60_000)
  afterAll(() => demo.close())

  it('[DE-3] [ME-3] requests by route, queries by table, functions, other services, caches and events', async () => {
    const { body } = await api()
      .post('/api/projects')
      .set(...bearer)
      .send({ name: 'Measured' })
    await api()
      .post(`/api/projects/${body.id}/documents`)
      .set(...bearer)
      .send({ title: 'T', html: '<p>Some words</p>' })
    await api().get(`/api/projects/${body.id}`)
    await api().get('/api/upstream/rates')
    await api().get('/api/projects/999999')
    await until(async () => (await figures()).operations.some(({ name }) => name === 'GET /api/upstream/rates'))
    const { operations, caches, events } = await figures()
    const names = operations.map(({ kind, name }) => `${kind}: ${name}`)
    expect(names).toEqual(
      expect.arrayContaining([
        'http: GET /api/projects/:project',
        'query: insert projects',
        'query: insert documents',
        'query: insert document_chunks',
        'query: select sessions',
        'function: findings',
        'upstream: rates',
      ]),
    )
    expect(names.join()).not.toContain('999999')
    expect(caches.map(({ cache }) => cache)).toContain('demo')
    expect(events).toEqual(
      expect.arrayContaining([
        { event: 'project_created', count: 1 },
        { event: 'document_stored', count: 1 },
      ]),
    )
    const metrics = await api().get('/metrics').set('authorization', 'Bearer metrics-token-of-the-tests')
    expect(metrics.text).toContain('business_events_total{event="project_created"} 1')
  })

  it('[DE-3] [ME-5] alerts are quiet, and one that fires is shown', async () => {
    // Others may be told of on a machine that is busy.
    const about = async (name: string): Promise<string[]> =>
      (await figures()).alerts.filter(({ alert }) => alert === name).map(({ state }) => state)
    await demo.kit.alerts?.evaluate()
    expect((await figures()).rules).toBeGreaterThanOrEqual(7)
    expect(await about('BreakerOpen')).toEqual([])
    demo.kit.breakers.get('rates')?.isolate()
    await demo.kit.alerts?.evaluate()
    expect(await about('BreakerOpen')).toEqual([expect.stringMatching(/^(?:pending|firing)$/)])
    demo.kit.breakers.get('rates')?.setMode('auto')
    await demo.kit.alerts?.evaluate()
    expect(await about('BreakerOpen')).not.toContain('firing')
  })

  it('[DE-3] names of queries are made of verb and table alone', () => {
    expect(nameOf("\n SELECT 1 FROM projects WHERE name = 'from secrets'")).toBe('select projects')
    expect(nameOf('UPDATE documents SET title = $1')).toBe('update documents')
    expect(nameOf('INSERT INTO users (email) VALUES ($1)')).toBe('insert users')
    expect(nameOf('ROLLBACK')).toBe('rollback')
    expect(nameOf('')).toBe('statement')
  })
})
