// The cache: hits in memory against bentocache and cache-manager, misses in four processes, answers over HTTP against
// bare Express, and the bound on bytes.
// node --expose-gc benchmarks/suites/cache.mjs [hits a slice] [rounds]
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createCache } from '@hardening/cache'
import { BentoCache, bentostore } from 'bentocache'
import { memoryDriver } from 'bentocache/drivers/memory'
import { createCache as createCacheManager } from 'cache-manager'
import { request } from '../contenders/shared.mjs'
import { compare, figures, ratio } from '../harness/compare.mjs'
import { median } from '../harness/statistics.mjs'

const hits = Number(process.argv[2] ?? 100_000)
const rounds = Number(process.argv[3] ?? 9)
const value = { id: 4711, name: 'A thing of some length', tags: ['first', 'second'], price: 12.5 }
const row = (what, found, goal) => console.log(`${what}: ${found}${goal === undefined ? '' : ` (goal ${goal})`}`)

async function memoryHits() {
  const own = createCache()
  const bento = new BentoCache({
    default: 'memory',
    stores: { memory: bentostore().useL1Layer(memoryDriver({ maxItems: 10_000 })) },
  })
  const manager = createCacheManager()
  const keys = Array.from({ length: 1000 }, (_, at) => `product:${at}`)
  const contenders = {
    toolkit: (key) => own.getOrSet(key, () => value),
    bentocache: (key) => bento.getOrSet({ key, ttl: '5m', factory: () => value }),
    'cache-manager': (key) => manager.wrap(key, () => value, 300_000),
  }
  const found = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]))
  for (const get of Object.values(contenders)) for (const key of keys) await get(key)
  for (let round = 0; round < rounds + 1; round++) {
    for (const [name, get] of Object.entries(contenders)) {
      const times = name === 'toolkit' ? hits : Math.ceil(hits / 10)
      const start = process.cpuUsage()
      for (let at = 0; at < times; at++) await get(keys[at % keys.length])
      const { user, system } = process.cpuUsage(start)
      if (round > 0) found[name].push(((user + system) * 1000) / times)
    }
  }
  const ns = Object.fromEntries(Object.entries(found).map(([name, values]) => [name, median(values)]))
  for (const [name, each] of Object.entries(ns)) row(`hit in memory, ${name}`, `${each.toFixed(0)} ns of CPU`)
  row('bentocache / toolkit', (ns.bentocache / ns.toolkit).toFixed(1), 10)
  row('cache-manager / toolkit', (ns['cache-manager'] / ns.toolkit).toFixed(1), 3)
  await Promise.all([own.close(), bento.disconnectAll(), manager.disconnect()])
}

async function missesAtOnce(url) {
  const script = new URL('../contenders/cache-loader.mjs', import.meta.url)
  const children = Array.from({ length: 4 }, () => fork(script, { env: { ...process.env, BENCH_REDIS_URL: url } }))
  try {
    await Promise.all(children.map((child) => once(child, 'message')))
    const loads = []
    for (let round = 0; round < rounds; round++) {
      const answers = children.map((child) => once(child, 'message').then(([answer]) => answer))
      for (const child of children) child.send({ key: `miss:${process.pid}:${round}`, misses: 250 })
      loads.push((await Promise.all(answers)).reduce((sum, answer) => sum + answer.loads, 0))
    }
    row('loaders for 1,000 misses at once in 4 processes, round by round', loads.join(' '), 1)
  } finally {
    for (const child of children) child.kill('SIGKILL')
  }
}

async function overHttp() {
  const on = { BENCH_CACHE: 'on' }
  for (const path of ['/item', '/list']) {
    const ask = { script: 'cache', request: request(path) }
    const results = await compare(
      {
        'bare Express': ask,
        'hit, app.use alone': { ...ask, env: on },
        "hit, the kit's server": { ...ask, env: { ...on, BENCH_SERVER: 'kit' } },
      },
      { cycles: rounds * 4, sliceMs: 100 },
    )
    for (const name of Object.keys(results)) {
      const { rate, cpu } = figures(results[name])
      row(`${path}, ${name}`, `${rate.toFixed(0)} requests/s, ${cpu.toFixed(1)} µs of CPU each`)
    }
    for (const name of Object.keys(results).slice(1)) {
      const { median: times, low, high } = ratio(results, name, 'bare Express')
      row(`${path}, ${name} / bare Express`, `${times.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`, 1.5)
    }
  }
}

async function byteBound() {
  const used = () => {
    globalThis.gc?.()
    const { heapUsed, arrayBuffers, external } = process.memoryUsage()
    return heapUsed + Math.max(arrayBuffers, external)
  }
  const maxBytes = 10 * 1024 * 1024
  for (const [what, make] of [
    ['texts', (at) => `${at} `.padEnd(1000, 'x')],
    [
      'objects',
      (at) => ({ id: at, name: `name ${at}`.repeat(20), list: Array.from({ length: 50 }, (_, n) => n + at) }),
    ],
    ['bytes', (at) => Buffer.alloc(1000, at)],
  ]) {
    const before = used()
    const cache = createCache({ maxBytes, maxEntries: 20_000 })
    for (let at = 0; cache.stats().entries === at; at++) await cache.set(`k${at}`, make(at))
    const most = cache.stats().entries
    for (let at = 0; at < most * 9; at++) await cache.set(`l${at}`, make(at))
    const grown = used() - before
    row(
      `ten times 10 MB of ${what}`,
      `${(cache.stats().bytes / 1048576).toFixed(1)} MB counted, ${(grown / 1048576).toFixed(1)} MB used`,
      'at most 10 MB counted',
    )
    await cache.close()
  }
}

await memoryHits()
await byteBound()
if (process.env.BENCH_REDIS_URL) await missesAtOnce(process.env.BENCH_REDIS_URL)
await overHttp()
process.exit()
