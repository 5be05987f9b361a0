import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { channels, requestContext, type SlowOperationMessage } from '@hardening/core'
import { FakeClock } from '@hardening/test-utils'
import { Registry } from 'prom-client'
import { trackers, type Trackers, type TrackersOptions } from '../src/index.js'
import { createScraper } from '../src/exposition/scrape.js'
import { closeAll, serve, versions } from './apps.js'
import { parseExposition, type Exposition } from './exposition-parser.js'

let clock: FakeClock
let registry: Registry
let track: Trackers
const slow: SlowOperationMessage[] = []
const onSlow = (message: SlowOperationMessage): void => void slow.push(message)

function start(options: Partial<TrackersOptions> = {}): Trackers {
  track?.close()
  registry = new Registry()
  return (track = trackers({ registry, clock, ...options }))
}

beforeEach(() => {
  clock = new FakeClock()
  slow.length = 0
  start()
  channels.slowOperation.subscribe(onSlow)
})
afterEach(async () => {
  track.close()
  channels.slowOperation.unsubscribe(onSlow)
  await closeAll()
})

async function read(): Promise<Exposition> {
  return parseExposition((await createScraper(registry, 1_000, clock)('text')).toString())
}

async function takes(ms: number): Promise<string> {
  await clock.advance(ms)
  return 'done'
}

describe('monitor', () => {
  it('[ME-3] measures a synchronous function and leaves it as it is', async () => {
    const add = track.monitor('add')(function add(this: { base: number }, a: number, b: number) {
      return this.base + a + b
    })
    expect(add.call({ base: 1 }, 2, 3)).toBe(6)
    expect([add.name, add.length]).toEqual(['add', 2])
    expect(track.summary().operations).toMatchObject([{ kind: 'function', name: 'add', calls: 1, errors: 0 }])
    expect((await read()).value('operation_duration_seconds_count', { name: 'add', outcome: 'success' })).toBe(1)
  })

  it('[ME-3] measures a promise until it settles, and hands on that very promise', async () => {
    const promise = takes(40)
    const result = track.monitor('wait')(() => promise)()
    expect(result).toBe(promise)
    await promise
    const [found] = track.summary().operations
    expect(found?.p50Ms).toBeCloseTo(40, 0)
  })

  it('[ME-3] counts what throws and what rejects as errors, and hands them on', async () => {
    const thrown = new Error('thrown')
    const fails = track.monitor('fails')((): never => {
      throw thrown
    })
    const rejects = track.monitor('rejects')(() => Promise.reject(thrown))
    expect(fails).toThrow(thrown)
    await expect(rejects()).rejects.toBe(thrown)
    for (const operation of track.summary().operations) expect(operation).toMatchObject({ errors: 1, errorRate: 1 })
    expect((await read()).value('operation_duration_seconds_count', { name: 'rejects', outcome: 'error' })).toBe(1)
  })

  it('[ME-3] runs a query builder, which runs at each `then`, once', async () => {
    let runs = 0
    const lazy: PromiseLike<number> = { then: (resolve, reject) => Promise.resolve(++runs).then(resolve, reject) }
    const result = await track.monitor('lazy')(() => lazy)()
    expect([result, runs]).toEqual([1, 1])
    expect(track.summary().operations).toMatchObject([{ name: 'lazy', calls: 1 }])
  })

  it('[ME-3] decorates methods, in the form of the standard and of TypeScript before it', () => {
    const standard = track.monitor('standard')
    class Shop {
      tax = 2
      @standard
      price(net: number): number {
        return net * this.tax
      }
    }
    expect(new Shop().price(4)).toBe(8)
    const descriptor = Object.getOwnPropertyDescriptor({ old: () => 5 }, 'old') as PropertyDescriptor
    const legacy: (target: object, key: string, descriptor: PropertyDescriptor) => void = track.monitor('legacy')
    legacy({}, 'old', descriptor)
    expect((descriptor.value as () => number)()).toBe(5)
    expect(
      track
        .summary()
        .operations.map(({ name }) => name)
        .sort(),
    ).toEqual(['legacy', 'standard'])
  })
})

describe('trackQuery, trackLlm, trackCache, count', () => {
  it('[ME-3] measures queries', async () => {
    expect(await track.trackQuery('orders.open', () => takes(5))).toBe('done')
    expect(track.summary().operations).toMatchObject([{ kind: 'query', name: 'orders.open', calls: 1 }])
  })

  it.each([
    [{ usage: { prompt_tokens: 1_000, completion_tokens: 500 } }],
    [{ usage: { input_tokens: 1_000, output_tokens: 500 } }],
  ])('[ME-3] reads tokens and cost of language models from %j', async (answer) => {
    start({ prices: { m1: { prompt: 2, completion: 8 } } })
    expect(await track.trackLlm({ provider: 'p', model: 'm1' }, () => Promise.resolve(answer))).toBe(answer)
    await takes(0)
    const usage = { provider: 'p', model: 'm1', promptTokens: 1_000, completionTokens: 500, dollars: 0.006 }
    expect(track.summary().llm).toEqual([usage])
    expect(track.summary().operations).toMatchObject([{ kind: 'llm', name: 'p/m1', calls: 1 }])
    const found = await read()
    expect(found.value('llm_tokens_total', { provider: 'p', model: 'm1', direction: 'prompt' })).toBe(1_000)
    expect(found.value('llm_tokens_total', { provider: 'p', model: 'm1', direction: 'completion' })).toBe(500)
    expect(found.value('llm_cost_dollars_total', { provider: 'p', model: 'm1' })).toBe(0.006)
  })

  it('[ME-3] a stream tells its usage itself, once', async () => {
    await track.trackLlm({ provider: 'p', model: 'm' }, async (report) => {
      report({ promptTokens: 7, completionTokens: 9 })
      return { usage: { prompt_tokens: 1, completion_tokens: 1 } }
    })
    await takes(0)
    expect(track.summary().llm).toMatchObject([{ promptTokens: 7, completionTokens: 9 }])
  })

  it('[ME-3] hostile usage neither breaks the call nor the counters', async () => {
    const call = { provider: 'p', model: 'm' }
    const hostile = [{ usage: { prompt_tokens: -5, completion_tokens: NaN } }, { usage: null }, null, undefined, 3]
    for (const answer of hostile) expect(await track.trackLlm(call, async () => answer)).toBe(answer)
    const usage = (): never => {
      throw new Error('unforeseen')
    }
    expect(await track.trackLlm({ ...call, usage }, async () => 1)).toBe(1)
    await takes(0)
    expect((await read()).all('llm_tokens_total').every(({ value }) => value === 0)).toBe(true)
  })

  it("[ME-3] the hit rate is that of the toolkit's caches and of the application's own", () => {
    for (const outcome of ['hit', 'stale', 'negative', 'miss', 'bypass'] as const) {
      channels.cacheLookup.publish({ cache: 'products', outcome, level: 'memory', durationMs: 1 })
    }
    track.trackCache('own', true)
    track.trackCache('own', false)
    expect(track.summary().caches).toEqual([
      { cache: 'products', lookups: 4, hits: 3, hitRate: 0.75 },
      { cache: 'own', lookups: 2, hits: 1, hitRate: 0.5 },
    ])
  })

  it('[ME-3] counts events of the business', async () => {
    track.count('order_placed')
    track.count('order_placed', 2)
    expect(track.summary().events).toEqual([{ event: 'order_placed', count: 3 }])
    expect((await read()).value('business_events_total', { event: 'order_placed' })).toBe(3)
  })
})

/** Numbers that are the same in each run. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0
    return (state + 0.5) / 2 ** 32
  }
}

describe('summary', () => {
  const next = random(42)
  const normal = (): number => Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next())
  it.each<[string, () => number]>([
    ['uniform', () => 1 + next() * 999],
    ['exponential', () => -50 * Math.log(next())],
    ['log-normal', () => Math.exp(3 + normal())],
    ['two humps', () => (next() < 0.9 ? 5 + next() : 400 + next() * 50)],
    ['microseconds', () => 0.002 + next() * 0.01],
  ])('[ME-3] F5 percentiles of a distribution that is %s are within 1 %% of an exact sort', (_, draw) => {
    let now = 0
    const at = { ...clock, monotonic: () => now, now: () => now, setTimeout: () => 0, clearTimeout: () => undefined }
    start({ clock: at, window: '1h', slow: { function: '10m' } })
    const run = track.monitor('draw')((ms: number) => void (now += ms))
    const drawn = Array.from({ length: 5_000 }, draw)
    for (const ms of drawn) {
      now = 1_000
      run(ms)
    }
    now = 1_000
    const sorted = drawn.sort((a, b) => a - b)
    const [found] = track.summary().operations
    for (const [percentile, value] of [
      [50, found?.p50Ms],
      [95, found?.p95Ms],
      [99, found?.p99Ms],
    ] as const) {
      const exact = sorted[Math.ceil((percentile / 100) * sorted.length) - 1] as number
      expect(Math.abs((value as number) - exact) / exact).toBeLessThan(0.01)
    }
  })

  it('[ME-3] F5 forgets what is older than the window', async () => {
    start({ window: '50s' })
    track.count('old')
    track.monitor('old')(() => 1)()
    await track.trackQuery('slow', () => takes(300))
    track.trackCache('c', true)
    await clock.advance(30_000)
    track.monitor('new')(() => 1)()
    expect(
      track
        .summary()
        .operations.map(({ name }) => name)
        .sort(),
    ).toEqual(['new', 'old', 'slow'])
    await clock.advance(20_000)
    expect(track.summary()).toMatchObject({ operations: [{ name: 'new' }], caches: [], events: [], slowest: [] })
    await clock.advance(50_000)
    expect(track.summary().operations).toEqual([])
  })

  it('[ME-3] tells error rate and throughput', async () => {
    start({ window: '50s' })
    const run = track.monitor('job')((fails: boolean) => {
      if (fails) throw new Error('failed')
    })
    for (let at = 0; at < 40; at++) {
      try {
        run(at % 4 === 0)
      } catch {
        // Wanted.
      }
    }
    await clock.advance(20_000)
    expect(track.summary().operations).toMatchObject([{ calls: 40, errors: 10, errorRate: 0.25, throughput: 2 }])
  })

  it('[ME-3] is plain data for JSON, also when empty', () => {
    const summary = track.summary()
    expect(JSON.parse(JSON.stringify(summary))).toEqual(summary)
    expect(summary).toMatchObject({ operations: [], caches: [], llm: [], events: [], slowest: [] })
  })

  it('[ME-3] bounds the names', async () => {
    start({ maxNames: 3 })
    for (let at = 0; at < 500; at++) track.monitor(`name-${at}`)(() => 1)()
    for (let at = 0; at < 500; at++) track.count(`event-${at}`)
    const summary = track.summary()
    expect(summary.operations).toHaveLength(4)
    expect(summary.operations.find(({ name }) => name === 'other')?.calls).toBe(497)
    expect(summary.events).toHaveLength(4)
    expect((await read()).all('business_events_total').length).toBeLessThanOrEqual(7)
  })
})

describe.each(versions)('trackRequests on %s', (_, express) => {
  it('[ME-3] puts requests into the summary by method and route', async () => {
    start({ slow: { http: '1s' } })
    const { url } = await serve((app) => {
      app.use(requestContext(), track.trackRequests())
      app.get('/users/:id', (_req, res) => void res.send('ok'))
      app.get('/fails', (_req, res) => void res.status(500).send('no'))
    }, express)
    for (const path of ['/users/1', '/users/2', '/fails']) await (await fetch(url + path)).text()
    const found = Object.fromEntries(
      track.summary().operations.map(({ name, calls, errors }) => [name, [calls, errors]]),
    )
    expect(found).toEqual({ 'GET /users/:id': [2, 0], 'GET /fails': [1, 1] })
  })
})

describe('slow operations', () => {
  it('[ME-4] are reported once, against the threshold of their kind', async () => {
    start({ slow: { query: '100ms', function: '10s' } })
    await track.trackQuery('fast', () => takes(99))
    await track.trackQuery('slow', () => takes(100))
    await track.monitor('patient')(() => takes(500))()
    await track.monitor('custom', 'import')(() => takes(1_000))()
    expect(slow).toEqual([
      { kind: 'query', name: 'slow', durationMs: 100, thresholdMs: 100 },
      { kind: 'import', name: 'custom', durationMs: 1_000, thresholdMs: 1_000 },
    ])
  })

  it('[ME-4] carry the id of the request they belong to', async () => {
    const { url } = await serve((app) => {
      app.use(requestContext())
      app.get('/', async (_req, res) => {
        await track.trackQuery('q', () => takes(250))
        res.send('ok')
      })
    })
    await fetch(url, { headers: { 'x-request-id': 'request-7-of-test' } })
    expect(slow).toMatchObject([{ name: 'q', requestId: 'request-7-of-test' }])
    expect(track.summary().slowest).toMatchObject([{ name: 'q', requestId: 'request-7-of-test', durationMs: 250 }])
  })

  it('[ME-4] the summary lists the slowest of the window, slowest first', async () => {
    start({ slowest: 2, slow: { query: '1ms' } })
    for (const ms of [5, 50, 20]) await track.trackQuery(`q${ms}`, () => takes(ms))
    expect(track.summary().slowest.map(({ name }) => name)).toEqual(['q50', 'q20'])
  })

  it.each([
    [{ window: '1ms' }, 'window'],
    [{ slow: { query: 'soon' } }, 'slow.query'],
    [{ maxNames: 0 }, 'maxNames'],
    [{ slowest: -1 }, 'slowest'],
    [{ prices: { m: { prompt: -1, completion: 1 } } }, 'prices.m.prompt'],
    [{ prefix: '-' }, 'prefix'],
    [{ names: 1 }, 'names'],
  ])('[ME-3] trackers refuse %j', (options, option) => {
    expect(() => trackers({ registry: new Registry(), ...options } as never)).toThrow(`\`${option}\``)
  })
})
