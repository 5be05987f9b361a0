import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { channels } from '@hardening/core'
import { FakeClock } from '@hardening/test-utils'
import { Registry } from 'prom-client'
import { channelMetrics, type ChannelMetrics } from '../src/index.js'
import { createScraper } from '../src/exposition/scrape.js'
import { parseExposition, type Exposition } from './exposition-parser.js'

async function read(registry: Registry): Promise<Exposition> {
  return parseExposition((await createScraper(registry, 1_000, new FakeClock())('text')).toString())
}

describe('channelMetrics', () => {
  let registry: Registry
  let metrics: ChannelMetrics
  beforeEach(() => {
    registry = new Registry()
    metrics = channelMetrics({ registry, maxSeries: 5 })
  })
  afterEach(() => metrics.close())

  it('[ME-1] counts decisions of rate limiters', async () => {
    const message = { limiter: 'login', policy: 'ip', outcome: 'limited', degraded: false } as const
    channels.rateLimitDecision.publish(message)
    channels.rateLimitDecision.publish(message)
    channels.rateLimitDecision.publish({ ...message, outcome: 'allowed', degraded: true })
    const found = await read(registry)
    const labels = { limiter: 'login', policy: 'ip', outcome: 'limited', degraded: 'false' }
    expect(found.value('rate_limit_decisions_total', labels)).toBe(2)
    expect(found.value('rate_limit_decisions_total', { outcome: 'allowed', degraded: 'true' })).toBe(1)
  })

  it('[ME-1] counts decisions of many policies in turn, each under its own labels, also after a reset', async () => {
    metrics.close()
    registry = new Registry()
    metrics = channelMetrics({ registry, maxSeries: 50 })
    const tell = (): void => {
      for (let at = 0; at < 60; at++) {
        const policy = `p${at % 6}`
        channels.rateLimitDecision.publish({ limiter: 'a', policy, outcome: 'allowed', degraded: at % 10 === 0 })
      }
    }
    for (let round = 0; round < 2; round++) {
      tell()
      const found = await read(registry)
      for (const policy of ['p0', 'p2', 'p4']) {
        expect(found.value('rate_limit_decisions_total', { policy, degraded: 'true' })).toBe(2)
        expect(found.value('rate_limit_decisions_total', { policy, degraded: 'false' })).toBe(8)
      }
      expect(found.value('rate_limit_decisions_total', { policy: 'p1' })).toBe(10)
      registry.resetMetrics()
      expect(registry.getSingleMetric('rate_limit_decisions_total')).toBeDefined()
    }
  })

  it('[ME-1] tells series apart by each of their labels, and counts from nought once the registry is reset', async () => {
    metrics.close()
    registry = new Registry()
    metrics = channelMetrics({ registry, maxSeries: 50 })
    const message = { limiter: 'a', policy: 'p', outcome: 'allowed', degraded: false } as const
    const others = [{ limiter: 'b' }, { policy: 'q' }, { outcome: 'limited' }, { degraded: true }] as const
    const value = async (labels: object): Promise<number | undefined> => {
      const { limiter, policy, outcome, degraded } = { ...message, ...labels }
      const found = { limiter, policy, outcome, degraded: String(degraded) }
      return (await read(registry)).value('rate_limit_decisions_total', found)
    }
    for (const other of others) {
      for (const one of [message, { ...message, ...other }]) channels.rateLimitDecision.publish(one)
      expect(await value(other)).toBe(1)
    }
    channels.rateLimitDecision.publish(message)
    expect(await value({})).toBe(others.length + 1)
    registry.resetMetrics()
    channels.rateLimitDecision.publish(message)
    expect([await value({}), await value({ degraded: true })]).toEqual([1, undefined])
  })

  it('[ME-1] counts look-ups in caches and their time', async () => {
    channels.cacheLookup.publish({ cache: 'p', outcome: 'hit', level: 'memory', durationMs: 0.2 })
    channels.cacheLookup.publish({ cache: 'p', outcome: 'miss', level: 'loader', durationMs: 40 })
    const found = await read(registry)
    expect(found.value('cache_lookups_total', { cache: 'p', outcome: 'hit', level: 'memory' })).toBe(1)
    expect(found.value('cache_lookup_duration_seconds_bucket', { cache: 'p', le: '0.01' })).toBe(1)
    expect(found.value('cache_lookup_duration_seconds_bucket', { cache: 'p', le: '0.05' })).toBe(2)
  })

  it('[ME-1] [RE-2] shows breakers that have not changed yet, where it is told which there are', async () => {
    metrics.close()
    registry = new Registry()
    const known = [{ name: 'pay', state: 'closed' }]
    metrics = channelMetrics({ registry, breakers: () => known })
    expect((await read(registry)).value('circuit_breaker_state', { breaker: 'pay' })).toBe(0)
    known.push({ name: 'mail', state: 'isolated' })
    const found = await read(registry)
    expect(found.value('circuit_breaker_state', { breaker: 'mail' })).toBe(2)
    channels.breakerState.publish({ breaker: 'other', from: 'closed', to: 'half-open' })
    expect((await read(registry)).value('circuit_breaker_state', { breaker: 'other' })).toBe(1)
    expect(() => channelMetrics({ registry: new Registry(), breakers: [] as never })).toThrow(/breakers/)
  })

  it('[ME-1] shows states of breakers, Redis and health checks', async () => {
    channels.breakerState.publish({ breaker: 'pay', from: 'closed', to: 'open' })
    channels.redisState.publish({ name: 'main', state: 'degraded', reason: 'timeout' })
    channels.healthChange.publish({ check: 'db', from: 'pass', to: 'fail', critical: true })
    const broken = await read(registry)
    expect(broken.value('circuit_breaker_state', { breaker: 'pay' })).toBe(2)
    expect(broken.value('circuit_breaker_transitions_total', { breaker: 'pay', to: 'open' })).toBe(1)
    expect(broken.value('redis_up', { name: 'main' })).toBe(0)
    expect(broken.value('redis_degradations_total', { name: 'main', reason: 'timeout' })).toBe(1)
    expect(broken.value('health_check_status', { check: 'db', critical: 'true' })).toBe(2)
    channels.breakerState.publish({ breaker: 'pay', from: 'open', to: 'half-open' })
    channels.redisState.publish({ name: 'main', state: 'up' })
    channels.healthChange.publish({ check: 'db', from: 'fail', to: 'pass', critical: true })
    const mended = await read(registry)
    expect(mended.value('circuit_breaker_state')).toBe(1)
    expect(mended.value('redis_up')).toBe(1)
    expect(mended.value('health_check_status')).toBe(0)
  })

  it('[ME-1] counts threats, slow operations, audit entries and jobs', async () => {
    channels.threat.publish({ kind: 'xss', rule: 'r', score: 5, field: 'body.secret', blocked: true })
    channels.slowOperation.publish({ kind: 'query', name: 'q', durationMs: 300, thresholdMs: 200 })
    channels.auditEntry.publish({ sequence: 1, action: 'login' })
    channels.job.publish({ queue: 'mail', id: 'id-1', event: 'started', waitMs: 2_000 })
    channels.job.publish({ queue: 'mail', id: 'id-1', event: 'progress' })
    channels.job.publish({ queue: 'mail', id: 'id-1', event: 'completed', durationMs: 20 })
    const found = await read(registry)
    expect(found.value('threats_total', { kind: 'xss', rule: 'r', blocked: 'true' })).toBe(1)
    expect(found.value('operations_slow_total', { kind: 'query', name: 'q' })).toBe(1)
    expect(found.value('audit_entries_total', { action: 'login' })).toBe(1)
    expect(found.all('jobs_total').map(({ labels }) => labels['event'])).toEqual(['started', 'completed'])
    expect(found.value('job_wait_seconds_sum')).toBe(2)
    expect(found.value('job_duration_seconds_sum')).toBe(0.02)
    expect(JSON.stringify(found.samples)).not.toMatch(/id-1|secret/)
  })

  it('[ME-1] shows how many jobs are in each state, as they were told last', async () => {
    channels.jobQueue.publish({ queue: 'mail', waiting: 7, delayed: 1, active: 2, completed: 9, dead: 3 })
    channels.jobQueue.publish({ queue: 'mail', waiting: 5, delayed: 1, active: 2, completed: 11, dead: 3 })
    const found = await read(registry)
    const states = found.all('job_queue_jobs').map(({ labels, value }) => [labels['state'], value])
    expect(Object.fromEntries(states)).toEqual({ waiting: 5, delayed: 1, active: 2, completed: 11, dead: 3 })
  })

  it('[ME-1] bounds the series, whatever a message says', async () => {
    for (let at = 0; at < 1_000; at++) channels.auditEntry.publish({ sequence: at, action: `action-${at}` })
    channels.auditEntry.publish({ sequence: 0, action: 'x'.repeat(10_000) })
    const found = (await read(registry)).all('audit_entries_total')
    expect(found).toHaveLength(6)
    expect(found.find(({ labels }) => labels['action'] === 'other')?.value).toBe(996)
  })

  it('[ME-1] cuts long labels and keeps them one series', async () => {
    for (const end of ['a', 'b']) channels.auditEntry.publish({ sequence: 0, action: 'x'.repeat(500) + end })
    expect((await read(registry)).all('audit_entries_total')).toMatchObject([
      { value: 2, labels: { action: 'x'.repeat(120) } },
    ])
  })

  it('[ME-1] stops at close', async () => {
    metrics.close()
    channels.auditEntry.publish({ sequence: 1, action: 'late' })
    expect((await read(registry)).all('audit_entries_total')).toEqual([])
  })

  it('[ME-1] refuses wrong options and the same registry twice', () => {
    expect(() => channelMetrics({ registry })).toThrow(/rate_limit_decisions_total/)
    expect(() => channelMetrics({ registry: new Registry(), maxSeries: 0 })).toThrow(/`maxSeries`/)
    expect(() => channelMetrics({ registry: new Registry(), x: 1 } as never)).toThrow(/`x`/)
    expect(() => channelMetrics({} as never)).toThrow(/`registry`/)
  })
})
