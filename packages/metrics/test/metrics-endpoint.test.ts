import { request } from 'node:http'
import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { ConfigError, requestContext } from '@hardening/core'
import { FakeClock, flush, listen } from '@hardening/test-utils'
import express from 'express'
import { Counter, Gauge, Histogram, Registry, Summary } from 'prom-client'
import { httpMetrics, metricsEndpoint, type MetricsEndpointOptions } from '../src/index.js'
import { createScraper } from '../src/exposition/scrape.js'
import { closeAll, openMetricsType, pipeline, scrape, serve, versions } from './apps.js'
import { parseExposition } from './exposition-parser.js'

afterEach(closeAll)

const token = 'a-long-enough-token'
const nasty = 'a"b\\c\nd{e="f"} 1 # {x="y"} 2'

/** A registry of prom-client with one metric of each type. */
function foreignRegistry(): Registry {
  const registry = new Registry()
  const registers = [registry]
  new Counter({ name: 'orders_total', help: 'Orders.', labelNames: ['kind'], registers }).inc({ kind: nasty }, 3)
  new Counter({ name: 'bare', help: 'No _total in its name; with "quotes"\nand two lines.', registers }).inc(2)
  new Gauge({ name: 'heat', help: 'h', registers }).set(-Infinity)
  new Gauge({ name: 'nothing', help: 'h', registers }).set(NaN)
  const histogram = new Histogram({ name: 'wait_seconds', help: 'h', buckets: [1, 2.5], labelNames: ['a'], registers })
  histogram.observe({ a: 'x' }, 2)
  new Summary({ name: 'age_seconds', help: 'h', percentiles: [0.5], registers }).observe(4)
  return registry
}

describe.each(versions)('metricsEndpoint on %s', (_, version) => {
  async function status(
    options: Partial<MetricsEndpointOptions>,
    headers: Record<string, string> = {},
    trustProxy: unknown = false,
  ): Promise<number> {
    const { url } = await serve((app) => {
      app.set('trust proxy', trustProxy)
      app.use(metricsEndpoint({ registry: new Registry(), ...options }))
    }, version)
    return (await fetch(`${url}/metrics`, { headers })).status
  }

  it('[ME-2] F11 is open to loopback alone by default', async () => {
    expect(await status({})).toBe(200)
    expect(await status({ allow: [] })).toBe(401)
    expect(await status({ allow: ['10.0.0.0/8'] })).toBe(401)
  })

  it('[ME-2] scrapes are counted under the path of the endpoint, refused ones too', async () => {
    const metrics = httpMetrics({ defaultMetrics: false })
    const { url } = await serve((app) => {
      app.use(metrics, metricsEndpoint({ registry: metrics.registry }))
    }, version)
    await scrape(url)
    const found = await scrape(url)
    expect(found.all('http_requests_total')).toMatchObject([{ labels: { route: '/metrics', status: '200' }, value: 1 }])
    expect(await status({ allow: [] })).toBe(401)
  })

  it('[ME-2] F11 takes the token, its scheme in any case, and nothing like it', async () => {
    const closed = { token, allow: [] }
    expect(await status(closed, { authorization: `Bearer ${token}` })).toBe(200)
    expect(await status(closed, { authorization: `bearer ${token}` })).toBe(200)
    expect(await status(closed)).toBe(401)
    for (const wrong of [token, `Bearer ${token}x`, `Bearer ${token.slice(1)}`, 'Bearer', `Basic ${token}`]) {
      expect(await status(closed, { authorization: wrong })).toBe(401)
    }
  })

  it('[ME-2] F11 refuses a wrong token also from an allowed address', async () => {
    expect(await status({ token }, { authorization: 'Bearer wrong' })).toBe(401)
    expect(await status({ token })).toBe(200)
  })

  it('[ME-2] F11 asks for a token in its answer and keeps that out of caches', async () => {
    const { url } = await serve((app) => app.use(metricsEndpoint({ registry: new Registry(), allow: [] })), version)
    const response = await fetch(`${url}/metrics`)
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="metrics"')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await response.json()).toEqual({ code: 'ERR_METRICS_ACCESS' })
  })

  it.each(['x-forwarded-for', 'forwarded', 'x-real-ip', 'via', 'x-forwarded-proto'])(
    '[ME-2] F11 is closed behind a proxy on loopback that is not trusted and sends %s',
    async (name) => {
      expect(await status({}, { [name]: '203.0.113.9' })).toBe(401)
    },
  )

  it('[ME-2] F11 is closed behind a proxy that is not trusted on a listener for both families', async () => {
    const app = version()
    app.use(metricsEndpoint({ registry: new Registry() }))
    const server = app.listen(0, '::')
    await new Promise((resolve) => server.once('listening', resolve))
    try {
      const url = `http://127.0.0.1:${(server.address() as { port: number }).port}/metrics`
      expect((await fetch(url)).status).toBe(200)
      expect((await fetch(url, { headers: { 'x-forwarded-for': '203.0.113.9' } })).status).not.toBe(200)
    } finally {
      server.close()
    }
  })

  it('[ME-2] F11 believes the address that a trusted proxy tells, but no client that claims loopback', async () => {
    const allow = ['10.0.0.0/8', '127.0.0.1']
    expect(await status({ allow }, { 'x-forwarded-for': '10.1.2.3' }, 1)).toBe(200)
    expect(await status({ allow }, { 'x-forwarded-for': '11.1.2.3' }, 1)).toBe(401)
    expect(await status({ allow }, { 'x-forwarded-for': '127.0.0.1' }, 1)).toBe(401)
    expect(await status({ allow }, { 'x-forwarded-for': '10.1.2.3' }, true)).toBe(401)
  })

  it('[ME-2] answers HEAD as GET without the body, and leaves other methods and paths to the app', async () => {
    const { url } = await serve((app) => {
      app.use(metricsEndpoint({ registry: foreignRegistry() }))
      app.use((req, res) => void res.send(`app ${req.method}`))
    }, version)
    const get = await fetch(`${url}/metrics`)
    const head = await fetch(`${url}/metrics`, { method: 'HEAD' })
    expect(head.status).toBe(200)
    for (const name of ['content-type', 'content-length', 'cache-control', 'vary']) {
      expect(head.headers.get(name)).toBe(get.headers.get(name))
    }
    expect(await head.text()).toBe('')
    expect(Number(get.headers.get('content-length'))).toBe(Buffer.byteLength(await get.text()))
    expect(await (await fetch(`${url}/metrics`, { method: 'POST' })).text()).toBe('app POST')
    expect(await (await fetch(`${url}/metrics/x`)).text()).toBe('app GET')
  })

  it('[ME-2] F4 shows the text format, which an independent parser reads', async () => {
    const metrics = httpMetrics({ registry: foreignRegistry(), defaultMetrics: true })
    metrics.registry.setDefaultLabels({ app: 'shop', method: 'never' })
    const { url, port } = await serve(
      (app) => app.use(metricsEndpoint({ registry: metrics.registry }), metrics),
      version,
    )
    await pipeline(port, ['GET /'])
    const found = await scrape(url)
    expect(found.value('orders_total', { kind: nasty, app: 'shop' })).toBe(3)
    expect(found.value('bare')).toBe(2)
    expect(found.value('heat')).toBe(-Infinity)
    expect(found.value('nothing')).toBeNaN()
    expect(found.value('wait_seconds_bucket', { le: '2.5', a: 'x' })).toBe(1)
    expect(found.value('age_seconds', { quantile: '0.5' })).toBe(4)
    expect(found.value('http_requests_total', { method: 'GET', app: 'shop' })).toBe(1)
  })

  it('[ME-2] F4 shows OpenMetrics, ended by # EOF, which an independent parser reads', async () => {
    const metrics = httpMetrics({ registry: foreignRegistry(), defaultMetrics: true })
    const { url, port } = await serve(
      (app) => app.use(metricsEndpoint({ registry: metrics.registry }), metrics),
      version,
    )
    await pipeline(port, ['GET /'])
    const found = await scrape(url, true)
    expect(found.families.get('orders')?.type).toBe('counter')
    expect(found.value('orders_total', { kind: nasty })).toBe(3)
    expect(found.value('bare_total')).toBe(2)
    expect(found.families.get('http_requests')?.type).toBe('counter')
    expect(found.value('http_requests_total')).toBe(1)
    expect(found.value('wait_seconds_bucket', { le: '1.0' })).toBe(0)
    expect(found.value('http_request_duration_seconds_bucket', { le: '10.0' })).toBe(1)
    // One format leaves no trace in the other.
    expect((await scrape(url)).value('orders_total', { kind: nasty })).toBe(3)
  })

  it('[ME-2] F4 OpenMetrics carries the trace id of a sampled request as an exemplar of its bucket', async () => {
    const metrics = httpMetrics({ defaultMetrics: false })
    const { url } = await serve((app) => {
      app.use(requestContext(), metricsEndpoint({ registry: metrics.registry }), metrics)
      app.get('/x', (_req, res) => void res.send('x'))
    }, version)
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
    const call = (flags: string, id = traceId) =>
      fetch(`${url}/x`, { headers: { traceparent: `00-${id}-00f067aa0ba902b7-${flags}` } })
    await (await call('00', 'ffffffffffffffffffffffffffffffff')).text()
    await (await fetch(`${url}/x`)).text()
    const name = 'http_request_duration_seconds_bucket'
    expect((await scrape(url, true)).all(name, { route: '/x' }).some(({ exemplar }) => exemplar)).toBe(false)
    await (await call('01')).text()
    const found = (await scrape(url, true)).all(name, { route: '/x' }).flatMap(({ exemplar }) => exemplar ?? [])
    expect(found).toHaveLength(1)
    expect(found[0]?.labels).toEqual({ trace_id: traceId, span_id: expect.stringMatching(/^[0-9a-f]{16}$/) })
    expect(found[0]?.timestamp).toBeGreaterThan(1_700_000_000)
    const text = await (await fetch(`${url}/metrics`, { headers: { accept: 'text/plain' } })).text()
    expect(text).not.toContain(traceId)
  })
})

describe('metricsEndpoint', () => {
  it.each([
    [undefined, 'text'],
    ['*/*', 'text'],
    ['text/html', 'text'],
    [openMetricsType, 'openmetrics'],
    [`${openMetricsType};version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.4,*/*;q=0.1`, 'openmetrics'],
    [`${openMetricsType};version="1.0.0",text/plain;q=0.5`, 'openmetrics'],
    [`${openMetricsType};q=0.3,text/plain;q=0.5`, 'text'],
    [`${openMetricsType};version=0.0.1,text/plain;version=0.0.4;q=0.5`, 'text'],
    [`${openMetricsType};version=2.0.0`, 'text'],
    [`${openMetricsType};q=0`, 'text'],
    [`${openMetricsType};q=x,${','.repeat(1_000)}`, 'text'],
  ])('[ME-2] answers Accept: %s with %s', async (accept, format) => {
    const { url } = await serve((app) => app.use(metricsEndpoint({ registry: new Registry() })))
    // Node's fetch sends `*/*` where none is given.
    const type = await new Promise<string>((resolve, reject) => {
      const headers = accept === undefined ? {} : { accept }
      const sent = request(`${url}/metrics`, { headers, agent: false }, (response) => {
        response.resume()
        resolve(response.headers['content-type'] as string)
      })
      sent.on('error', reject).end()
    })
    expect(type).toBe(
      format === 'text'
        ? 'text/plain; version=0.0.4; charset=utf-8'
        : 'application/openmetrics-text; version=1.0.0; charset=utf-8',
    )
  })

  it('[ME-2] F11 renders 10,000 series of histograms in slices of bounded work', async () => {
    const metrics = httpMetrics({ defaultMetrics: false, maxRoutes: 10_000 })
    const app = express()
    app.use(metrics)
    for (let at = 0; at < 400; at++) app.get(`/route-${at}`, (_req, res) => void res.end())
    const server = await listen(app)
    await pipeline(
      server.port,
      Array.from({ length: 400 }, (_, at) => `GET /route-${at}`),
    )
    await server.close()
    let slice = 0
    let slices = 1
    const largest: number[] = []
    const encode = Buffer.from.bind(Buffer) as (text: string) => Buffer
    const write = jest.spyOn(Buffer, 'from').mockImplementation(((text: string) => {
      slice += text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length
      return encode(text)
    }) as never)
    const turn = jest.spyOn(globalThis, 'setImmediate').mockImplementation(((run: () => void) => {
      largest.push(slice)
      slice = 0
      slices += 1
      queueMicrotask(run)
    }) as never)
    let body: Buffer
    try {
      body = await createScraper(metrics.registry, 5_000, new FakeClock())('text')
    } finally {
      write.mockRestore()
      turn.mockRestore()
    }
    const { samples } = parseExposition(body.toString())
    expect(samples.length).toBeGreaterThan(10_000)
    expect(slices).toBeGreaterThanOrEqual(3)
    // 4,000 samples and the last series, at a microsecond or so each: a fifth of the 25 ms.
    expect(Math.max(...largest)).toBeLessThanOrEqual(4_000 + 20)
  }, 60_000)

  it('[ME-2] F11 scrapes that come together cost one', async () => {
    const registry = new Registry()
    let collected = 0
    const gauge = new Gauge({ name: 'g', help: 'h', registers: [registry], collect: () => void (collected += 1) })
    const scrapeOnce = createScraper(registry, 5_000, new FakeClock())
    const bodies = await Promise.all(Array.from({ length: 10 }, () => scrapeOnce('text')))
    expect(collected).toBe(1)
    expect(bodies.every((body) => body.toString().endsWith('g 0\n'))).toBe(true)
    await scrapeOnce('text')
    expect(collected).toBe(2)
    expect(gauge).toBeDefined()
  })

  it('[ME-2] F11 leaves out a metric that fails or hangs, says so once, and shows the others', async () => {
    const registry = new Registry()
    const fail = (): void => {
      throw new Error('no luck')
    }
    const gauge = (name: string, collect: () => void | Promise<void>) =>
      new Gauge({ name, help: 'h', registers: [registry], collect: collect })
    gauge('failing', fail)
    gauge('hanging', () => new Promise(() => undefined))
    gauge('fine', () => undefined)
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    try {
      const clock = new FakeClock()
      const scrapeOnce = createScraper(registry, 1_000, clock)
      for (let round = 0; round < 2; round++) {
        const body = scrapeOnce('text')
        for (let turn = 0; turn < 5; turn++) await flush()
        await clock.advance(1_000)
        const found = parseExposition((await body).toString())
        expect([...found.families.keys()]).toEqual(['fine'])
      }
      expect(warn.mock.calls.map(([message]) => message)).toEqual([
        'The metric failing is left out of scrapes: no luck',
        'The metric hanging is left out of scrapes: no values within 1000 ms',
      ])
    } finally {
      warn.mockRestore()
    }
  })

  it('[ME-2] F11 compares digests of one length in constant time', async () => {
    const crypto = jest.requireActual<typeof import('node:crypto')>('node:crypto')
    const compare = jest.spyOn(crypto, 'timingSafeEqual')
    try {
      const { url } = await serve((app) => app.use(metricsEndpoint({ registry: new Registry(), token, allow: [] })))
      for (const guess of ['x', token.slice(0, -1), token, 'y'.repeat(500)]) {
        await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${guess}` } })
      }
      expect(compare.mock.calls.map(([a, b]) => [a.byteLength, b.byteLength])).toEqual(
        Array.from({ length: 4 }, () => [32, 32]),
      )
    } finally {
      compare.mockRestore()
    }
  })

  it.each([
    [{ registry: undefined }, 'registry.getMetricsAsArray'],
    [{ path: 'metrics' }, 'path'],
    [{ token: 'short' }, 'token'],
    [{ token: '' }, 'token'],
    [{ allow: ['localhost'] }, 'allow[0]'],
    [{ allow: '127.0.0.1' }, 'allow'],
    [{ timeout: 0 }, 'timeout'],
    [{ tokens: [] }, 'tokens'],
  ])('[ME-2] refuses %j', (options, option) => {
    const make = (): unknown => metricsEndpoint({ registry: new Registry(), ...options } as never)
    expect(make).toThrow(ConfigError)
    expect(make).toThrow(`\`${option}\``)
    expect(make).not.toThrow('short')
  })
})
