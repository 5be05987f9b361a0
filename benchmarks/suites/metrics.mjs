// What counting a request costs, ours against express-prom-bundle; and how a scrape of 10,000 series holds up others.
// node benchmarks/suites/metrics.mjs [cycles]
import { createServer } from 'node:http'
import { once } from 'node:events'
import { httpMetrics, metricsEndpoint } from '@hardening/metrics'
import { Histogram, Registry } from 'prom-client'
import { request } from '../contenders/shared.mjs'
import { added, printAdded } from '../harness/added.mjs'
import { compare } from '../harness/compare.mjs'
import { quantile } from '../harness/statistics.mjs'

const cycles = Number(process.argv[2] ?? 40)
const names = ['nothing', 'context', 'context, httpMetrics', 'httpMetrics', 'express-prom-bundle']
const contenders = names.map((way) => [way, { script: 'observed', env: { BENCH_OBSERVE: way }, request: request() }])
const results = await compare(Object.fromEntries(contenders), { cycles })
printAdded(
  'CPU a request that metrics add to bare Express',
  added(results, 'nothing', { 'context, httpMetrics': 'context' }),
  [
    ['httpMetrics', 'express-prom-bundle', 1 / 3],
    ['context, httpMetrics', 'express-prom-bundle', 1 / 3],
  ],
)

/** A scrape from end to end, and the longest time that the event loop had no turn meanwhile. */
async function scrape(show, wanted) {
  const server = createServer(show)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = `http://127.0.0.1:${server.address().port}/metrics`
  const taken = []
  const held = []
  for (let round = 0; round < 20; round++) {
    let longest = 0
    let last = performance.now()
    let isOver = false
    const turn = () => {
      const now = performance.now()
      longest = Math.max(longest, now - last)
      last = now
      if (!isOver) setImmediate(turn)
    }
    setImmediate(turn)
    const start = process.cpuUsage()
    const text = await (await fetch(url)).text()
    const { user, system } = process.cpuUsage(start)
    isOver = true
    taken.push((user + system) / 1000)
    held.push(longest)
    const series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length
    if (series < wanted) throw new Error(`${series} series instead of ${wanted}`)
  }
  server.closeAllConnections()
  server.close()
  return { ms: quantile(taken.slice(4), 0.5), longest: quantile(held.slice(4), 0.5) }
}

const labels = (at) => ({ method: 'GET', route: `/route-${at % 150}`, status: String(200 + Math.floor(at / 150)) })
const metrics = httpMetrics({ defaultMetrics: false })
const pass = { headers: {}, socket: {} }
const step = Object.getOwnPropertySymbols(metrics).map((symbol) => metrics[symbol])[0][0]
for (let at = 0; at < 400; at++) {
  const { method, route, status } = labels(at)
  let held
  const notes = { note: () => held, setNote: (_key, value) => void (held = value) }
  const x = { ...notes, ...pass, method, route, status: Number(status), durationMs: at % 90, bytes: at, aborted: false }
  step.request(x)
  step.end(x)
}
const endpoint = metricsEndpoint({ registry: metrics.registry })
const ours = await scrape((req, res) => endpoint(req, res, () => res.end()), 10_000)
const registry = new Registry()
const histogram = new Histogram({
  name: 'h_seconds',
  help: 'h',
  labelNames: ['method', 'route', 'status'],
  registers: [registry],
})
for (let at = 0; at < 720; at++) histogram.observe(labels(at), at % 9)
const theirs = await scrape(async (_req, res) => res.end(await registry.metrics()), 10_000)
console.log('A scrape of 10,000 series and its longest hold of the event loop, client included')
const told = ({ ms, longest }) => `${ms.toFixed(1)} ms of CPU, ${longest.toFixed(1)} ms at a time`
console.log(`  ours        ${told(ours)}; below 50 and 25: ${ours.ms < 50 && ours.longest < 25 ? 'met' : 'missed'}`)
console.log(`  prom-client ${told(theirs)}`)
