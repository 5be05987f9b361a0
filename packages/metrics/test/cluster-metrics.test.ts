import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { FakeClock, freePort, startChild, until, type Child } from '@hardening/test-utils'
import { Gauge, Registry } from 'prom-client'
import { createScraper } from '../src/exposition/scrape.js'
import { clusterMetrics } from '../src/index.js'
import { mergeFamilies } from '../src/cluster/merge.js'
import { scrape } from './apps.js'
import { compiledFolder } from './compiled.js'

const program = `
const cluster = require('node:cluster')
const express = require('express')
const { Gauge } = require('prom-client')
const { httpMetrics, metricsEndpoint, clusterMetrics } = require('@hardening/metrics')
const metrics = httpMetrics({ defaultMetrics: true })
const all = clusterMetrics({ registry: metrics.registry, timeout: '5s' })
if (cluster.isPrimary) {
  // The operating system spreads connections as it likes; in turns each worker gets its share.
  cluster.schedulingPolicy = cluster.SCHED_RR
  for (let at = 0; at < 3; at++) cluster.fork()
  let listening = 0
  cluster.on('listening', () => { if (++listening === 3) console.log('ready') })
} else {
  new Gauge({ name: 'workers', help: 'h', registers: [metrics.registry] }).set(1)
  const app = express()
  app.use(metricsEndpoint({ registry: all, allow: ['127.0.0.0/8'] }), metrics)
  app.get('/hit', (req, res) => { res.set('connection', 'close'); res.send(String(process.pid)) })
  app.get('/die', (req, res) => { res.send('dying'); res.on('close', () => setImmediate(() => process.exit(0))) })
  app.listen(Number(process.env.PORT || process.argv[2]), '127.0.0.1')
}
`

describe('clusterMetrics', () => {
  let child: Child
  let url: string
  let compiled: ReturnType<typeof compiledFolder>

  beforeAll(async () => {
    compiled = compiledFolder()
    const port = await freePort()
    url = `http://127.0.0.1:${port}`
    writeFileSync(join(compiled.folder, 'main.js'), program)
    child = startChild(process.execPath, ['main.js', String(port)], compiled.folder)
    await child.waitFor(/ready/)
  }, 60_000)

  afterAll(async () => {
    child.signal('SIGKILL')
    await child.ended()
    compiled.remove()
  })

  it('[ME-2] any worker shows the metrics of all, in both formats', async () => {
    const workers = new Set<string>()
    for (let at = 0; at < 12; at++) workers.add(await (await fetch(`${url}/hit`)).text())
    expect(workers.size).toBe(3)
    for (let at = 0; at < 3; at++) {
      const found = await scrape(url, at === 1)
      expect(found.value('http_requests_total', { route: '/hit', status: '200' })).toBe(12)
      expect(found.value('http_request_duration_seconds_count', { route: '/hit' })).toBe(12)
      expect(found.value('workers')).toBe(3)
    }
  }, 60_000)

  it('[ME-2] what a worker had counted stays counted when it has ended', async () => {
    await (await fetch(`${url}/die`)).text()
    // Node hands a connection to a worker that is ending as well, and never hears of it again.
    const tried = async () => (await scrape(url, false, AbortSignal.timeout(5_000))).value('workers')
    await until(
      async () => {
        if (!child.running) throw new Error(`The primary has ended: ${child.output()}`)
        return (await tried()) === 2
      },
      { within: 50_000 },
    )
    expect((await scrape(url)).value('http_requests_total', { route: '/hit' })).toBe(12)
  }, 60_000)
})

describe('clusterMetrics in a primary', () => {
  it('[ME-2] a worker that dies while it is asked ends neither the primary nor the scrape', async () => {
    const compiled = compiledFolder()
    writeFileSync(
      join(compiled.folder, 'main.js'),
      `
const cluster = require('node:cluster')
const { Registry } = require('prom-client')
const { clusterMetrics } = require('@hardening/metrics')
const all = clusterMetrics({ registry: new Registry(), timeout: '30s' })
if (cluster.isPrimary) {
  for (let at = 0; at < 2; at++) cluster.fork()
  let up = 0
  cluster.on('message', (_worker, message) => { if (message === 'up' && ++up === 2) setImmediate(ask) })
  function ask() {
    const [first, second] = Object.values(cluster.workers)
    process.kill(first.process.pid, 'SIGKILL')
    // The process has gone, and the primary has had no turn to hear of it.
    const stat = '/proc/' + first.process.pid + '/stat'
    const { existsSync, readFileSync } = require('node:fs')
    if (!existsSync(stat)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_000)
    while (existsSync(stat) && readFileSync(stat, 'utf8').split(') ')[1][0] !== 'Z');
    console.log('connected: ' + first.isConnected())
    all.getMetricsAsArray().then(() => { console.log('gathered'); second.process.kill('SIGKILL'); process.exit() })
  }
} else process.send('up')
`,
    )
    const child = startChild(process.execPath, ['main.js'], compiled.folder)
    await child.ended()
    compiled.remove()
    expect(child.output()).toContain('connected: true\ngathered')
  }, 60_000)
})

describe('clusterMetrics alone', () => {
  it('[ME-2] in one process shows that process, and refuses a registry that is none', async () => {
    const registry = new Registry()
    registry.setDefaultLabels({ app: 'shop' })
    const gauge = (name: string, collect: () => void) =>
      new Gauge({ name, help: 'h', registers: [registry], collect }).set(1)
    gauge('a', () => undefined)
    gauge('failing', () => {
      throw new Error('no')
    })
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const all = clusterMetrics({ registry })
    const shown = createScraper(all, 1_000, new FakeClock())('text')
    expect((await shown).toString()).toContain('a{app="shop"} 1')
    expect((await shown).toString()).not.toContain('failing')
    expect(warn).toHaveBeenCalledTimes(1)
    warn.mockRestore()
    all.close()
    expect(() => clusterMetrics({ registry: {} as never })).toThrow(/registry\.getMetricsAsArray/)
  })

  it('[ME-2] merges as each metric says: sum, first, least, largest, average, not at all', () => {
    const of = (aggregator: string, value: number) => ({
      name: aggregator,
      help: 'h',
      type: 'gauge',
      aggregator,
      values: [{ value, labels: { a: 'x' } }],
    })
    const kinds = ['sum', 'first', 'min', 'max', 'average', 'omit']
    const merged = mergeFamilies([3, 1, 5].map((value) => kinds.map((kind) => of(kind, value))))
    expect(Object.fromEntries(merged.map(({ name, values }) => [name, values[0]?.value]))).toEqual({
      sum: 9,
      first: 3,
      min: 1,
      max: 5,
      average: 3,
    })
  })
})
