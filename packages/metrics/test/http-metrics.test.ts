import { connect } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import type { ConfigError } from '@hardening/core'
import { fuse, HttpError, middleware, stepsOf } from '@hardening/core'
import { until } from '@hardening/test-utils'
import { Registry } from 'prom-client'
import { httpMetrics, metricsEndpoint, type HttpMetrics, type HttpMetricsOptions } from '../src/index.js'
import { closeAll, pipeline, scrape, serve, versions, type Application } from './apps.js'

afterEach(closeAll)

describe.each(versions)('httpMetrics on %s', (_, express) => {
  async function start(
    build: (app: Application) => void,
    options: HttpMetricsOptions = { defaultMetrics: false },
    metrics: HttpMetrics = httpMetrics(options),
  ) {
    const server = await serve((app) => {
      app.use(metricsEndpoint({ registry: metrics.registry }), metrics)
      build(app)
    }, express)
    return { ...server, metrics }
  }

  it('[ME-1] F1 10,000 random 404s add one series', async () => {
    const { url, port } = await start(() => undefined)
    await pipeline(port, ['GET /first'])
    const before = (await scrape(url)).samples.length
    await pipeline(
      port,
      Array.from({ length: 10_000 }, (_, at) => `GET /wp-${(at * 7919).toString(36)}/${at}.php?x=${at}`),
    )
    const after = await scrape(url)
    expect(after.samples.length).toBe(before)
    expect(after.all('http_requests_total')).toEqual([
      { name: 'http_requests_total', labels: { method: 'GET', route: 'unmatched', status: '404' }, value: 10_001 },
    ])
  }, 60_000)

  it('[ME-1] F1 methods that a client invents share a label', async () => {
    const { url, port } = await start(() => undefined)
    await pipeline(port, ['PROPFIND /', 'MKCOL /', 'REPORT /', 'PURGE /a'])
    expect((await scrape(url)).all('http_requests_total')).toMatchObject([{ labels: { method: 'OTHER' }, value: 4 }])
  })

  it('[ME-1] F2 names routes by their template, mounts included, also where the handler fails', async () => {
    const { url, port } = await start((app) => {
      const users = express.Router({ mergeParams: true })
      users.get('/users/:id', (_req, res) => void res.send('ok'))
      users.get('/fail/:id', () => {
        throw new HttpError(418, 'no')
      })
      app.use('/api/:tenant/v/:ver', users)
      app.get(/^\/wild.*$/, (_req, res) => void res.send('ok'))
      app.get(['/a/:x', '/b/:y'], (_req, res) => void res.send('ok'))
      app.use('/static', (_req, res) => void res.send('ok'))
    })
    await pipeline(port, [
      'GET /api/t1/v/2/users/77',
      'GET /api/t9/v/3/users/78',
      'GET /api/t1/v/2/fail/1',
      'GET /wildcard/wildcard',
      'GET /a/1',
      'GET /b/2',
      'GET /static/x.js',
      'GET /static/y.js',
    ])
    const requests = (await scrape(url)).all('http_requests_total')
    const byRoute = Object.fromEntries(
      requests.map(({ labels, value }) => [`${labels['status']} ${labels['route']}`, value]),
    )
    expect(byRoute).toMatchObject({
      '200 /api/:tenant/v/:ver/users/:id': 2,
      '418 /api/:tenant/v/:ver/fail/:id': 1,
      '200 /a/:x': 1,
      '200 /b/:y': 1,
    })
    expect(Object.keys(byRoute).join()).not.toMatch(/wildcard|t1|\.js/)
    expect(requests).toHaveLength(6)
  })

  it('[ME-1] F3 routes beyond the limit share `other`, and are counted as dropped', async () => {
    const { url, port } = await start(
      (app) => {
        for (let at = 0; at < 6; at++) app.get(`/r${at}`, (_req, res) => void res.send('ok'))
      },
      { maxRoutes: 2, defaultMetrics: false },
    )
    const paths = [0, 1, 2, 3, 4, 5, 0, 5].map((at) => `GET /r${at}`)
    await pipeline(port, [...paths, 'GET /nowhere'])
    const found = await scrape(url)
    const counts = found.all('http_requests_total').map(({ labels, value }) => [labels['route'], value])
    expect(Object.fromEntries(counts)).toEqual({ '/r0': 2, '/r1': 1, other: 5, unmatched: 1 })
    expect(found.value('http_metrics_routes_dropped_total')).toBe(5)
  })

  it('[ME-1] F6 requests in flight return to 0 after aborts, which are counted', async () => {
    let waiting = 0
    const { url, port } = await start((app) => {
      app.get('/hang', () => void (waiting += 1))
    })
    const sockets = Array.from({ length: 20 }, () => connect(port, '127.0.0.1'))
    for (const socket of sockets) socket.write('GET /hang HTTP/1.1\r\nHost: a\r\n\r\n')
    await until(() => waiting === 20)
    expect((await scrape(url)).value('http_requests_in_flight')).toBe(20)
    for (const socket of sockets) socket.destroy()
    await until(async () => (await scrape(url)).value('http_requests_in_flight') === 0)
    const labels = { route: '/hang', status: '499' }
    expect((await scrape(url)).value('http_requests_aborted_total', labels)).toBe(20)
  })

  it('[ME-1] F6 requests that an earlier step of the pass refuses do not take from those in flight', async () => {
    const metrics = httpMetrics({ defaultMetrics: false })
    const refusing = middleware({
      name: 'no',
      request: (x) => void (x.path === '/no' && x.refuse(new HttpError(403, 'n'))),
    })
    const server = await serve((app) => {
      app.use(metricsEndpoint({ registry: metrics.registry }))
      app.use(fuse([...stepsOf(refusing), ...stepsOf(metrics)]))
    }, express)
    await pipeline(server.port, ['GET /no', 'GET /no', 'GET /no'])
    const found = await scrape(server.url)
    expect(found.value('http_requests_in_flight')).toBe(0)
    expect(found.value('http_requests_total', { status: '403' })).toBe(3)
  })

  it('[ME-1] counts a request once where it is mounted twice', async () => {
    const metrics = httpMetrics({ defaultMetrics: false })
    const between = middleware({ name: 'between', end: () => undefined })
    const { url, port } = await start((app) => void app.use(between, metrics), {}, metrics)
    await pipeline(port, ['GET /x'])
    const found = await scrape(url)
    expect(found.value('http_requests_total')).toBe(1)
    expect(found.value('http_requests_in_flight')).toBe(0)
  })

  it('[ME-1] tells methods and statuses of a route apart, whichever came before', async () => {
    const { url, port } = await start((app) => {
      app.all('/a', (req, res) => void res.status(Number(req.query['status'])).end())
    })
    const asked = ['GET /a?status=200', 'GET /a?status=201', 'POST /a?status=200', 'POST /a?status=200']
    await pipeline(port, [...asked, ...asked, 'GET /a?status=200'])
    const found = await scrape(url)
    const count = (method: string, status: string): unknown =>
      found.value('http_requests_total', { route: '/a', method, status })
    expect([count('GET', '200'), count('GET', '201'), count('POST', '200')]).toEqual([3, 2, 4])
  })

  it('[ME-1] measures durations in seconds and sizes in bytes', async () => {
    const { url, port } = await start((app) => {
      app.get('/big', (_req, res) => void res.send('x'.repeat(5_000)))
      app.get('/small', (_req, res) => void res.send('x'.repeat(50)))
    })
    await pipeline(port, ['GET /big', 'GET /small', 'HEAD /big'])
    const found = await scrape(url)
    expect(found.value('http_response_size_bytes_sum', { method: 'GET', route: '/big' })).toBe(5_000)
    expect(found.value('http_response_size_bytes_bucket', { route: '/big', method: 'GET', le: '1000' })).toBe(0)
    expect(found.value('http_response_size_bytes_bucket', { route: '/big', method: 'GET', le: '10000' })).toBe(1)
    expect(found.value('http_response_size_bytes_bucket', { route: '/small', le: '100' })).toBe(1)
    expect(found.value('http_response_size_bytes_sum', { method: 'HEAD' })).toBe(0)
    expect(found.value('http_request_duration_seconds_count', { route: '/small' })).toBe(1)
    expect(found.value('http_request_duration_seconds_bucket', { route: '/small', le: '10' })).toBe(1)
  })

  it('[ME-1] F9 two apps in one process have registries of their own, Node metrics in both', async () => {
    const one = await start((app) => void app.get('/one', (_req, res) => void res.send('1')), {})
    const two = await start((app) => void app.get('/two', (_req, res) => void res.send('2')), {})
    await pipeline(one.port, ['GET /one'])
    await pipeline(two.port, ['GET /two', 'GET /two'])
    const [first, second] = [await scrape(one.url), await scrape(two.url)]
    expect(first.all('http_requests_total')).toMatchObject([{ labels: { route: '/one' }, value: 1 }])
    expect(second.all('http_requests_total')).toMatchObject([{ labels: { route: '/two' }, value: 2 }])
    for (const each of [first, second]) {
      expect(each.value('process_resident_memory_bytes')).toBeGreaterThan(1e6)
      expect(each.value('nodejs_eventloop_lag_p99_seconds')).toBeDefined()
    }
  })

  it('[ME-1] F9 two prefixes share a registry', async () => {
    const registry = new Registry()
    const first = await start(() => undefined, { registry, prefix: 'shop_' })
    const second = await start(() => undefined, { registry, prefix: 'admin_' })
    await pipeline(first.port, ['GET /'])
    await pipeline(second.port, ['GET /', 'GET /'])
    const found = await scrape(first.url)
    expect(found.value('shop_http_requests_total')).toBe(1)
    expect(found.value('admin_http_requests_total')).toBe(2)
    expect(found.all('process_resident_memory_bytes')).toEqual([])
  })

  it('[ME-1] skips what it is told to, once the answer is known', async () => {
    const { url, port } = await start((app) => void app.get('/health', (_req, res) => void res.send('ok')), {
      defaultMetrics: false,
      skip: (x) => x.route === '/health' && x.status === 200,
    })
    await pipeline(port, ['GET /health', 'GET /other'])
    const found = await scrape(url)
    expect(found.all('http_requests_total')).toMatchObject([{ labels: { route: 'unmatched' }, value: 1 }])
    expect(found.value('http_requests_in_flight')).toBe(0)
  })
})

describe('httpMetrics', () => {
  it('[ME-1] starts again when the registry is reset', async () => {
    const metrics = httpMetrics({ defaultMetrics: false })
    const { port, url } = await serve((app) => app.use(metricsEndpoint({ registry: metrics.registry }), metrics))
    await pipeline(port, ['GET /'])
    metrics.registry.resetMetrics()
    expect((await scrape(url)).all('http_requests_total')).toEqual([])
  })

  it('[ME-1] is read by prom-client itself in both formats, in turn', async () => {
    const { registry, port } = await (async () => {
      const metrics = httpMetrics({ defaultMetrics: false })
      return { registry: metrics.registry, ...(await serve((app) => app.use(metrics))) }
    })()
    await pipeline(port, ['GET /'])
    const counted = 'http_requests_total{method="GET",route="unmatched",status="404"} 1'
    expect(await registry.metrics()).toContain(`# TYPE http_requests_total counter\n${counted}`)
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never)
    expect(await registry.metrics()).toContain(`# TYPE http_requests counter\n${counted}`)
    registry.setContentType(Registry.PROMETHEUS_CONTENT_TYPE)
    expect(await registry.metrics()).toContain(`# TYPE http_requests_total counter\n${counted}`)
  })

  it('[ME-1] takes a registry that has Node metrics, and undefined options', () => {
    const { registry } = httpMetrics({ registry: undefined as never, prefix: undefined as never })
    expect(() => httpMetrics({ registry, prefix: 'x_', defaultMetrics: true })).not.toThrow()
    expect(() => httpMetrics({ registry, prefix: 'y_', defaultMetrics: true })).not.toThrow()
  })

  it('[ME-1] refuses a second set of the same names', () => {
    const { registry } = httpMetrics({ defaultMetrics: false })
    expect(() => httpMetrics({ registry })).toThrow(/`registry` must be one that does not hold http_requests_total/)
  })

  it.each([
    [{ prefix: '1x' }, 'prefix'],
    [{ prefix: 'a-b' }, 'prefix'],
    [{ maxRoutes: 0 }, 'maxRoutes'],
    [{ maxRoutes: 1.5 }, 'maxRoutes'],
    [{ buckets: [] }, 'buckets'],
    [{ buckets: [2, 1] }, 'buckets'],
    [{ buckets: [Infinity] }, 'buckets'],
    [{ defaultMetrics: 1 }, 'defaultMetrics'],
    [{ exemplars: 'no' }, 'exemplars'],
    [{ skip: true }, 'skip'],
    [{ registry: {} }, 'registry.registerMetric'],
    [{ registry: null }, 'registry'],
    [{ bucket: [1] }, 'bucket'],
  ])('[ME-1] refuses %j', (options, option) => {
    try {
      httpMetrics(options as never)
    } catch (error) {
      return expect((error as ConfigError).option).toBe(option)
    }
    throw new Error('accepted')
  })
})
