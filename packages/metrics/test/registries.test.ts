import { afterEach, describe, expect, it } from '@jest/globals'
import { channels } from '@hardening/core'
import { FakeClock } from '@hardening/test-utils'
import * as promClient from 'prom-client'
import * as successor from '@prometheus-io/client'
import { alerts, channelMetrics, httpMetrics, metricsEndpoint, trackers } from '../src/index.js'
import { closeAll, pipeline, scrape, serve } from './apps.js'
import { parseExposition } from './exposition-parser.js'

afterEach(closeAll)

const libraries: [name: string, library: typeof promClient][] = [
  ['prom-client 15', promClient],
  ['@prometheus-io/client 0.16', successor as never],
]

describe.each(libraries)('a registry of %s', (_name, library) => {
  it("[ME-1] F9 holds the toolkit's metrics beside its own, through our endpoint and through its own text", async () => {
    const registry = new library.Registry()
    const orders = new library.Counter({
      name: 'orders_total',
      help: 'Orders.',
      labelNames: ['kind'],
      registers: [registry],
    })
    const heat = new library.Gauge({ name: 'heat', help: 'Heat.', registers: [registry] })
    const wait = new library.Histogram({
      name: 'wait_seconds',
      help: 'Wait.',
      buckets: [1, 2.5],
      registers: [registry],
    })
    const metrics = httpMetrics({ registry, defaultMetrics: true })
    const following = channelMetrics({ registry })
    const track = trackers({ registry })
    const watching = alerts({ registry, clock: new FakeClock() })
    try {
      const { url, port } = await serve((app) => {
        app.use(metricsEndpoint({ registry }), metrics)
        app.get('/x/:id', (_req, res) => void res.send('x'))
      })
      orders.inc({ kind: 'book' }, 3)
      heat.set(2.5)
      wait.observe(1.5)
      await pipeline(port, ['GET /x/1', 'GET /x/2', 'GET /nowhere'])
      channels.threat.publish({ kind: 'xss', rule: 'r', score: 1, field: 'f', blocked: false })
      track.count('sold')
      // 0.16 writes `Nan`, which Prometheus takes.
      const own = parseExposition((await registry.metrics()).replaceAll(' Nan\n', ' NaN\n'))
      for (const found of [await scrape(url), await scrape(url, true), own]) {
        expect(found.value('orders_total', { kind: 'book' })).toBe(3)
        expect(found.value('heat')).toBe(2.5)
        expect(found.value('wait_seconds_bucket', { le: '2.5' })).toBe(1)
        expect(found.value('http_requests_total', { route: '/x/:id', status: '200' })).toBe(2)
        expect(found.value('http_requests_total', { route: 'unmatched' })).toBe(1)
        expect(found.value('http_request_duration_seconds_count', { route: '/x/:id' })).toBe(2)
        expect(found.value('process_resident_memory_bytes')).toBeGreaterThan(1e6)
        expect(found.families.has('alerts_firing')).toBe(true)
      }
    } finally {
      following.close()
      track.close()
      watching.close()
    }
  })

  it('[ME-1] F9 two of them in one process do not meet', async () => {
    const registries = [new library.Registry(), new library.Registry()]
    const servers = await Promise.all(
      registries.map((registry) =>
        serve((app) => {
          const metrics = httpMetrics({ registry, defaultMetrics: true })
          app.use(metricsEndpoint({ registry }), metrics)
        }),
      ),
    )
    await pipeline(servers[0]!.port, ['GET /a'])
    await pipeline(servers[1]!.port, ['GET /a', 'GET /b'])
    const counts = await Promise.all(servers.map(async ({ url }) => (await scrape(url)).value('http_requests_total')))
    expect(counts).toEqual([1, 2])
    expect(() => httpMetrics({ registry: registries[0] as promClient.Registry })).toThrow(/use a prefix/)
  })
})
