import { createServer, type IncomingMessage } from 'node:http'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { FakeClock, flush, listen } from '@hardening/test-utils'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import {
  alerts,
  defaultAlertRules,
  logNotifier,
  sentryNotifier,
  webhookNotifier,
  type AlertEvent,
  type AlertRule,
  type Alerts,
  type AlertsOptions,
} from '../src/index.js'

let clock: FakeClock
let registry: Registry
let told: AlertEvent[]
let watching: Alerts | undefined

beforeEach(() => {
  clock = new FakeClock()
  registry = new Registry()
  told = []
})
afterEach(() => watching?.close())

const base: AlertRule = { name: 'Hot', metric: 'heat', aggregate: 'sum', op: '>', threshold: 10, summary: 'It is hot.' }

function watch(rule: Partial<AlertRule>, options: Partial<AlertsOptions> = {}): Alerts {
  const rules = [{ ...base, ...rule }]
  const collect = (event: AlertEvent): void => void told.push(event)
  return (watching = alerts({ registry, clock, rules, notifiers: [collect], interval: '15s', ...options }))
}

const gauge = (name = 'heat', labelNames: string[] = []): Gauge =>
  new Gauge({ name, help: 'h', labelNames, registers: [registry] })
const states = (): string[] => told.map(({ state }) => state)
const phase = (): string | undefined => watching?.states()[0]?.state

describe('states of an alert', () => {
  it('[ME-5] F7 fires after `for`, not before, and passes through pending', async () => {
    const heat = gauge()
    watch({ for: '1m' })
    await clock.advance(15_000)
    expect(phase()).toBe('inactive')
    heat.set(11)
    await clock.advance(15_000)
    expect(phase()).toBe('pending')
    await clock.advance(45_000)
    expect([phase(), told.length]).toEqual(['pending', 0])
    await clock.advance(15_000)
    expect([phase(), states()]).toEqual(['firing', ['firing']])
    expect(told[0]).toEqual({
      alert: 'Hot',
      state: 'firing',
      severity: 'warning',
      summary: 'It is hot.',
      description: '',
      labels: {},
      value: 11,
      threshold: 10,
      startsAt: '2026-01-01T00:00:30.000Z',
    })
  })

  it('[ME-5] F7 goes back from pending without a word when it no longer holds', async () => {
    const heat = gauge()
    watch({ for: '1m' })
    heat.set(11)
    await clock.advance(45_000)
    heat.set(10)
    await clock.advance(15_000)
    expect([phase(), told]).toEqual(['inactive', []])
    heat.set(11)
    await clock.advance(60_000)
    expect(phase()).toBe('pending')
  })

  it('[ME-5] F7 is told once while it fires, and resolves once', async () => {
    const heat = gauge()
    watch({})
    heat.set(11)
    await clock.advance(3_600_000)
    expect(states()).toEqual(['firing'])
    heat.set(0)
    await clock.advance(3_600_000)
    expect([phase(), states()]).toEqual(['resolved', ['firing', 'resolved']])
    expect(told[1]?.endsAt).toBe('2026-01-01T01:00:15.000Z')
  })

  it('[ME-5] keeps firing for a while when it no longer holds', async () => {
    const heat = gauge()
    watch({ keepFiringFor: '1m' })
    heat.set(11)
    await clock.advance(15_000)
    heat.set(0)
    await clock.advance(45_000)
    expect([phase(), states()]).toEqual(['firing', ['firing']])
    await clock.advance(15_000)
    expect([phase(), states()]).toEqual(['resolved', ['firing', 'resolved']])
  })

  it('[ME-5] F7 the cool-down keeps a flapping alert from being told again and again', async () => {
    const heat = gauge()
    watch({ cooldown: '10m' })
    for (let turn = 0; turn < 15; turn++) {
      heat.set(turn % 2 === 0 ? 11 : 0)
      await clock.advance(15_000)
    }
    expect(states()).toEqual(['firing', 'resolved'])
    heat.set(11)
    await clock.advance(360_000)
    expect(states()).toEqual(['firing', 'resolved'])
    await clock.advance(60_000)
    expect(states()).toEqual(['firing', 'resolved', 'firing'])
  })

  it('[ME-5] is shown in the registry', async () => {
    const heat = gauge()
    watch({ severity: 'critical' })
    const shown = async (): Promise<string> => registry.getSingleMetricAsString('alerts_firing')
    expect(await shown()).toContain('alerts_firing{alert="Hot",severity="critical"} 0')
    heat.set(11)
    await clock.advance(15_000)
    expect(await shown()).toContain('alerts_firing{alert="Hot",severity="critical"} 1')
  })

  it('[ME-5] ends at close', async () => {
    const heat = gauge()
    const { close } = watch({})
    close()
    heat.set(11)
    await clock.advance(60_000)
    expect([told, clock.pending]).toEqual([[], 0])
  })
})

describe('aggregates', () => {
  const value = (): number | undefined => watching?.states()[0]?.value

  it('[ME-5] rate and increase of counters, which begin anew at a reset', async () => {
    const counter = new Counter({ name: 'orders_total', help: 'h', labelNames: ['kind'], registers: [registry] })
    watch({ metric: 'orders_total', match: { kind: 'a' }, aggregate: 'increase', window: '1m' })
    await clock.advance(15_000)
    counter.inc({ kind: 'a' }, 30)
    counter.inc({ kind: 'b' }, 500)
    await clock.advance(15_000)
    expect(value()).toBe(30)
    counter.reset()
    counter.inc({ kind: 'a' }, 4)
    await clock.advance(15_000)
    expect(value()).toBe(34)
    await clock.advance(45_000)
    expect(value()).toBe(4)
    await clock.advance(15_000)
    expect(value()).toBe(0)
    watching?.close()
    registry.removeSingleMetric('alerts_firing')
    watch({ metric: 'orders_total', aggregate: 'rate', window: '1m' })
    await clock.advance(15_000)
    counter.inc({ kind: 'a' }, 60)
    await clock.advance(30_000)
    expect(value()).toBe(2)
  })

  it('[ME-5] ratio of the series that match to all, once there are enough', async () => {
    const counter = new Counter({ name: 'r_total', help: 'h', labelNames: ['status'], registers: [registry] })
    watch({
      metric: 'r_total',
      match: { status: /5../ },
      aggregate: 'ratio',
      window: '5m',
      threshold: 0.1,
      minimum: 20,
    })
    await clock.advance(15_000)
    expect(value()).toBeUndefined()
    counter.inc({ status: '500' }, 3)
    counter.inc({ status: '1500' }, 1)
    counter.inc({ status: '200' }, 6)
    await clock.advance(15_000)
    expect([value(), phase()]).toEqual([undefined, 'inactive'])
    counter.inc({ status: '200' }, 10)
    await clock.advance(15_000)
    expect([value(), phase()]).toEqual([0.15, 'firing'])
  })

  it('[ME-5] percentiles of histograms, over the window alone', async () => {
    const buckets = [0.1, 0.5, 1]
    const histogram = new Histogram({ name: 'd_seconds', help: 'h', buckets, registers: [registry] })
    histogram.observe(0.9)
    watch({ metric: 'd_seconds', aggregate: 'p50', window: '1m', threshold: 0.4 })
    await clock.advance(15_000)
    expect(value()).toBeUndefined()
    for (let at = 0; at < 10; at++) histogram.observe(0.3)
    await clock.advance(15_000)
    // Half of the way through the bucket from 0.1 to 0.5.
    expect(value()).toBeCloseTo(0.3, 10)
    for (let at = 0; at < 30; at++) histogram.observe(50)
    await clock.advance(15_000)
    expect([value(), phase()]).toEqual([1, 'firing'])
  })

  it('[ME-5] largest, least and average of gauges over window and series', async () => {
    const heat = gauge('heat', ['room'])
    watch({ aggregate: 'max', window: '1m', threshold: 40 })
    heat.set({ room: 'a' }, 50)
    heat.set({ room: 'b' }, 5)
    await clock.advance(15_000)
    heat.set({ room: 'a' }, 1)
    await clock.advance(45_000)
    expect(value()).toBe(50)
    await clock.advance(15_000)
    expect(value()).toBe(5)
  })

  it('[ME-5] several conditions must all hold', async () => {
    const [heat, damp] = [gauge(), gauge('damp')]
    watch({ and: [{ metric: 'damp', aggregate: 'sum', op: '<', threshold: 1 }] })
    heat.set(11)
    damp.set(5)
    await clock.advance(15_000)
    expect(phase()).toBe('inactive')
    damp.set(0)
    await clock.advance(15_000)
    expect(phase()).toBe('firing')
  })

  it('[ME-5] a metric that is not there says nothing, whatever the comparison', async () => {
    for (const op of ['<', '<=', '>', '>='] as const) {
      registry = new Registry()
      watching?.close()
      watch({ metric: 'absent', op, threshold: 0 })
      await clock.advance(60_000)
      expect([phase(), value()]).toEqual(['inactive', undefined])
    }
  })

  it('[ME-5] a window of days takes no more memory than one of minutes', async () => {
    const counter = new Counter({ name: 'c_total', help: 'h', registers: [registry] })
    watch({ metric: 'c_total', aggregate: 'increase', window: '3d', threshold: 1e9 }, { interval: '30m' })
    for (let at = 0; at < 24 * 2 * 4; at++) {
      counter.inc()
      await clock.advance(1_800_000)
    }
    // Three days of half hours; the oldest point may lie up to 36 minutes before the window.
    expect(value()).toBeGreaterThanOrEqual(143)
    expect(value()).toBeLessThanOrEqual(146)
  })
})

describe('notifiers', () => {
  it('[ME-5] F7 one that throws, rejects or hangs keeps nothing from the others, and is tried again', async () => {
    const heat = gauge()
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    let attempts = 0
    const throwing = (): never => {
      attempts += 1
      throw new Error('broken')
    }
    let hangs = 0
    const hanging = (_event: AlertEvent, signal: AbortSignal): Promise<void> => {
      signal.addEventListener('abort', () => (hangs += 1))
      return new Promise(() => undefined)
    }
    const collect = (event: AlertEvent): void => void told.push(event)
    try {
      watch({}, { notifiers: [throwing, hanging, collect] })
      heat.set(11)
      await clock.advance(15_000)
      expect([attempts, told.length]).toEqual([1, 1])
      await clock.advance(600_000)
      expect([attempts, hangs, told.length]).toEqual([5, 5, 1])
      expect(warn.mock.calls.map(([message]) => message)).toEqual([
        'The alert Hot could not be told by throwing: broken',
        'The alert Hot could not be told by hanging: no end within 10000 ms',
      ])
    } finally {
      warn.mockRestore()
    }
  })

  it('[ME-5] log tells by severity', () => {
    const logger = { info: jest.fn(), warn: jest.fn(), error: jest.fn() }
    const notify = logNotifier(logger)
    const event = { alert: 'Hot', state: 'firing', severity: 'critical', summary: 'It is hot.' } as AlertEvent
    const { signal } = new AbortController()
    void notify(event, signal)
    void notify({ ...event, severity: 'warning' }, signal)
    void notify({ ...event, state: 'resolved' }, signal)
    expect(logger.error.mock.calls).toEqual([['Alert Hot is firing: It is hot.', event]])
    expect(logger.warn).toHaveBeenCalledTimes(1)
    expect(logger.info.mock.calls[0]?.[0]).toBe('Alert Hot is resolved: It is hot.')
    expect(() => logNotifier({} as never)).toThrow(/logger\.error/)
  })

  it('[ME-5] webhook posts JSON and takes anything but 2xx for a failure', async () => {
    const got: { headers: IncomingMessage['headers']; body: string }[] = []
    let status = 204
    const server = await listen(
      createServer((req, res) => {
        let body = ''
        req.on('data', (chunk: Buffer) => (body += chunk.toString()))
        req.on('end', () => {
          got.push({ headers: req.headers, body })
          res.writeHead(status, { Location: '/elsewhere' }).end()
        })
      }),
    )
    try {
      const notify = webhookNotifier({ url: server.url, headers: { authorization: 'Bearer secret' } })
      const event = { alert: 'Hot', state: 'firing' } as AlertEvent
      const { signal } = new AbortController()
      await notify(event, signal)
      expect(got[0]?.headers).toMatchObject({ 'content-type': 'application/json', authorization: 'Bearer secret' })
      expect(JSON.parse(got[0]?.body as string)).toEqual(event)
      status = 500
      await expect(notify(event, signal)).rejects.toThrow('The webhook answered 500')
      status = 302
      await expect(notify(event, signal)).rejects.toThrow()
    } finally {
      await server.close()
    }
    expect(() => webhookNotifier({ url: '' })).toThrow(/`url`/)
  })

  it('[ME-5] Sentry hears of what fires, one issue a rule', () => {
    const captureMessage = jest.fn()
    const notify = sentryNotifier({ captureMessage })
    const event = { alert: 'Hot', state: 'firing', severity: 'critical', summary: 'It is hot.', labels: { a: 'b' } }
    void notify(event as never, new AbortController().signal)
    void notify({ ...event, state: 'resolved' } as never, new AbortController().signal)
    expect(captureMessage.mock.calls).toEqual([
      ['Hot: It is hot.', expect.objectContaining({ level: 'fatal', fingerprint: ['alert', 'Hot'] })],
    ])
  })

  it('[ME-5] a metric that throws while it is read is a warning, and the next evaluation comes', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    let fails = true
    const collect = (): void => {
      if (fails) throw new Error('no')
    }
    const heat = new Gauge({ name: 'heat', help: 'h', registers: [registry], collect })
    heat.set(11)
    try {
      watch({})
      await clock.advance(15_000)
      expect(warn.mock.calls).toEqual([
        ['Alerts could not be evaluated: Error: no', { code: 'HARDENING_ALERT_EVALUATE' }],
      ])
      fails = false
      await clock.advance(15_000)
      await flush()
      expect(states()).toEqual(['firing'])
    } finally {
      warn.mockRestore()
    }
  })
})

describe('defaultAlertRules', () => {
  const rules = defaultAlertRules()

  it('[ME-5] watch errors, latency, memory, the event loop, breakers, health, hit rate and the error budget', () => {
    expect(rules.map(({ name }) => name)).toEqual([
      'HighErrorRate',
      'HighLatency',
      'HighMemory',
      'EventLoopLag',
      'BreakerOpen',
      'HealthCheckFailing',
      'LowCacheHitRate',
      'ErrorBudgetBurn1h',
      'ErrorBudgetBurn6h',
      'ErrorBudgetBurn1d',
      'ErrorBudgetBurn3d',
    ])
  })

  it.each<[string, (set: (name: string, labels: Record<string, string>, value: number) => void) => void]>([
    ['HighErrorRate', (set) => set('http_requests_total', { status: '503' }, 100)],
    ['HighMemory', (set) => set('process_resident_memory_bytes', {}, 1e15)],
    ['EventLoopLag', (set) => set('nodejs_eventloop_lag_p99_seconds', {}, 0.5)],
    ['BreakerOpen', (set) => set('circuit_breaker_state', { breaker: 'pay' }, 2)],
    ['HealthCheckFailing', (set) => set('health_check_status', { check: 'db', critical: 'true' }, 2)],
    ['LowCacheHitRate', (set) => set('cache_lookups_total', { outcome: 'miss' }, 1_000)],
    ['ErrorBudgetBurn1h', (set) => set('http_requests_total', { status: '500' }, 100)],
  ])('[ME-5] %s fires when it should, and only then', async (name, cause) => {
    const wanted = rules.filter((rule) => rule.name === name)
    const gauges = new Map<string, Gauge>()
    const set = (metric: string, labels: Record<string, string>, value: number): void => {
      let found = gauges.get(metric)
      if (found === undefined) gauges.set(metric, (found = gauge(metric, Object.keys(labels))))
      found.set(labels, value)
    }
    cause((metric, labels) => set(metric, labels, 0))
    watching = alerts({ registry, clock, rules: wanted })
    await clock.advance(60_000)
    expect(phase()).toBe('inactive')
    for (let minute = 1; minute <= 30; minute++) {
      cause((metric, labels, value) => set(metric, labels, metric.endsWith('_total') ? value * minute : value))
      await clock.advance(60_000)
    }
    expect(phase()).toBe('firing')
  })

  it('[ME-5] HighLatency fires when requests take long', async () => {
    const histogram = new Histogram({ name: 'http_request_duration_seconds', help: 'h', registers: [registry] })
    watching = alerts({ registry, clock, rules: rules.filter(({ name }) => name === 'HighLatency') })
    for (let minute = 0; minute < 10; minute++) {
      for (let at = 0; at < 20; at++) histogram.observe(3)
      await clock.advance(60_000)
    }
    expect(phase()).toBe('firing')
  })

  it.each([
    [{ rules: [{ ...base, name: 'a b' }] }, 'rules[0].name'],
    [{ rules: [base, base] }, 'rules[1].name'],
    [{ rules: [{ ...base, metric: '{x}' }] }, 'rules[0].metric'],
    [{ rules: [{ ...base, aggregate: 'p42' }] }, 'rules[0].aggregate'],
    [{ rules: [{ ...base, op: '=' }] }, 'rules[0].op'],
    [{ rules: [{ ...base, threshold: NaN }] }, 'rules[0].threshold'],
    [{ rules: [{ ...base, severity: 'bad' }] }, 'rules[0].severity'],
    [{ rules: [{ ...base, window: '1ms' }] }, 'rules[0].window'],
    [{ rules: [{ ...base, summary: '' }] }, 'rules[0].summary'],
    [{ rules: [{ ...base, labels: { 'a-b': 'x' } }] }, 'rules[0].labels'],
    [{ rules: [{ ...base, match: { a: 5 } }] }, 'rules[0].match.a'],
    [{ rules: [{ ...base, typo: 5 }] }, 'rules[0].typo'],
    [{ rules: [{ ...base, and: [{ metric: 'x', aggregate: 'sum', op: '>' }] }] }, 'rules[0].and[0].threshold'],
    [{ rules: {} }, 'rules'],
    [{ notifiers: [1] }, 'notifiers[0]'],
    [{ interval: 1 }, 'interval'],
    [{ every: 1 }, 'every'],
  ])('[ME-5] alerts refuse %j', (options, option) => {
    expect(() => alerts({ registry, ...options } as never)).toThrow(`\`${option}\``)
  })
})
