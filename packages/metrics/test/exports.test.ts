import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { channels } from '@hardening/core'
import { FakeClock } from '@hardening/test-utils'
import {
  alerts,
  channelMetrics,
  defaultAlertRules,
  grafanaDashboard,
  httpMetrics,
  metricsEndpoint,
  prometheusRules,
  trackers,
} from '../src/index.js'
import { dashboardRows } from '../src/alerts/dashboard-panels.js'
import { closeAll, pipeline, serve } from './apps.js'
import { itWithPromtool, runPromtool } from './promtool.js'
import { parseExposition } from './exposition-parser.js'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hardening-promtool-'))
})
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await closeAll()
})

const run = (args: string[], input?: string) => runPromtool(folder, args, input)

/** What a busy application with everything on shows. */
async function busyScrape(accept: string): Promise<string> {
  const metrics = httpMetrics()
  const { registry } = metrics
  const following = channelMetrics({ registry })
  const track = trackers({ registry })
  const watching = alerts({ registry, clock: new FakeClock() })
  try {
    const { url, port } = await serve((app) => {
      app.use(metricsEndpoint({ registry }), metrics)
      app.get('/x/:id', (_req, res) => void res.send('x'))
      app.get('/gone', (req) => void req.socket.destroy())
    })
    await pipeline(port, ['GET /x/1', 'GET /nowhere'])
    await expect(fetch(`${url}/gone`)).rejects.toThrow()
    channels.rateLimitDecision.publish({ limiter: 'l', policy: 'p', outcome: 'limited', degraded: false })
    track.trackCache('c', true, 1)
    channels.breakerState.publish({ breaker: 'b', from: 'closed', to: 'open' })
    channels.redisState.publish({ name: 'r', state: 'degraded', reason: 'timeout' })
    channels.threat.publish({ kind: 'xss', rule: 'r', score: 1, field: 'f', blocked: false })
    channels.healthChange.publish({ check: 'c', from: 'pass', to: 'fail', critical: true })
    channels.slowOperation.publish({ kind: 'k', name: 'n', durationMs: 1, thresholdMs: 1 })
    channels.auditEntry.publish({ sequence: 1, action: 'a' })
    channels.job.publish({ queue: 'q', id: 'i', event: 'completed', durationMs: 1, waitMs: 1 })
    track.count('order')
    track.trackLlm({ provider: 'p', model: 'm' }, (report) => report({ promptTokens: 1, completionTokens: 1 }))
    return await (await fetch(`${url}/metrics`, { headers: { accept } })).text()
  } finally {
    following.close()
    track.close()
    watching.close()
  }
}

describe('the definitions agree', () => {
  it('[ME-6] every metric that a rule or the dashboard asks for is shown, with the labels it asks by', async () => {
    const found = parseExposition(await busyScrape('text/plain'))
    const shown = new Map<string, Set<string>>()
    for (const { name, labels } of found.samples) {
      shown.set(name, new Set([...(shown.get(name) ?? []), ...Object.keys(labels)]))
    }
    for (const { and = [], ...rule } of defaultAlertRules()) {
      for (const { metric, match = {} } of [rule, ...and]) {
        const labels = shown.get(metric) ?? shown.get(`${metric}_bucket`)
        expect([metric, labels === undefined]).toEqual([metric, false])
        for (const label of Object.keys(match))
          expect([metric, [...(labels ?? [])]]).toEqual([metric, expect.arrayContaining([label])])
      }
    }
    const panels = dashboardRows.flatMap((row) => row.panels)
    for (const { expr } of panels.flatMap(({ queries }) => queries)) {
      const names = [...expr.matchAll(/\$P(\w+)/g)].map(([, name]) => name as string)
      expect(names.length).toBeGreaterThan(0)
      const by = /by \(([^)]*)\)/.exec(expr)?.[1]?.split(', ') ?? []
      for (const name of names) {
        expect([name, shown.has(name)]).toEqual([name, true])
        expect([name, ...(shown.get(name) ?? [])]).toEqual(expect.arrayContaining([name, ...by]))
      }
    }
  })

  it('[ME-6] the dashboard is one that Grafana can place: panels with ids of their own that do not overlap', () => {
    const dashboard = grafanaDashboard({ title: 'Shop', prefix: 'shop_' })
    expect(JSON.parse(JSON.stringify(dashboard))).toEqual(dashboard)
    const panels = dashboard['panels'] as { id: number; type: string; gridPos: Record<'x' | 'y' | 'w' | 'h', number> }[]
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    const cells = new Set<string>()
    for (const { gridPos } of panels) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24)
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(cells.has(`${x},${y}`)).toBe(false)
          cells.add(`${x},${y}`)
        }
      }
    }
    expect(JSON.stringify(dashboard)).toContain('shop_http_requests_total')
    expect(JSON.stringify(dashboard)).not.toMatch(/\$P|\$R\b/)
    expect(() => grafanaDashboard({ prefix: '-' })).toThrow(/`prefix`/)
  })

  it('[ME-6] F8 the rules file names group, rules, times, labels and annotations', () => {
    const rule = { name: 'A', metric: 'm', match: { a: 'q"\\' }, aggregate: 'max', op: '>', threshold: 1 } as const
    const rules = [
      { ...rule, for: '90s', keepFiringFor: '2m', labels: { team: 'x' }, summary: 'say "{{ $x }}": no' } as const,
    ]
    expect(prometheusRules({ rules, group: 'shop' })).toBe(
      [
        'groups:',
        '  - name: "shop"',
        '    rules:',
        '      - alert: A',
        '        expr: "max(max_over_time(m{a=\\"q\\\\\\"\\\\\\\\\\"}[5m])) > 1"',
        '        for: 90s',
        '        keep_firing_for: 2m',
        '        labels:',
        '          team: "x"',
        '          severity: "warning"',
        '        annotations:',
        '          summary: "say \\"{{\\"{{\\"}} $x }}\\": no"',
        '',
      ].join('\n'),
    )
    expect(() => prometheusRules({ group: '' })).toThrow(/`group`/)
  })
})

describe('promtool', () => {
  itWithPromtool('[ME-6] F8 takes the rules', async () => {
    writeFileSync(join(folder, 'rules.yml'), prometheusRules())
    const { code, output } = await run(['check', 'rules', 'rules.yml'])
    expect(output).toContain('SUCCESS: 11 rules found')
    expect(code).toBe(0)
  })

  itWithPromtool('[ME-6] F8 takes rules with awkward names and texts', async () => {
    const rule = {
      name: 'A',
      metric: 'm',
      aggregate: 'ratio',
      op: '<=',
      threshold: 1e-7,
      summary: `'"{{ x }}: #\n`,
    } as const
    const rules = [
      { ...rule, match: { a: /x|"y"\.\\d/, b: 'q"\\\n' }, minimum: 3, and: [{ ...rule, window: '1d' }] } as const,
    ]
    const { name: _, summary: _s, ...condition } = rules[0]!.and[0]
    writeFileSync(
      join(folder, 'odd.yml'),
      prometheusRules({ rules: [{ ...rules[0]!, and: [condition] }], group: 'a: "b"' }),
    )
    const { code, output } = await run(['check', 'rules', 'odd.yml'])
    expect([code, output]).toEqual([0, expect.stringContaining('SUCCESS: 1 rules found')])
  })

  itWithPromtool("[ME-6] has no complaint about the metrics, Node's own included", async () => {
    const { code, output } = await run(['check', 'metrics'], await busyScrape('text/plain'))
    expect([code, output]).toEqual([0, ''])
  })

  itWithPromtool('[ME-6] understands every query of the dashboard', async () => {
    const queries = dashboardRows.flatMap((row) => row.panels.flatMap((panel) => panel.queries))
    const rules = queries.map(({ expr }, at) => {
      return `      - record: q${at}\n        expr: ${JSON.stringify(expr.replaceAll('$P', '').replaceAll('$R', '5m'))}`
    })
    writeFileSync(join(folder, 'queries.yml'), `groups:\n  - name: q\n    rules:\n${rules.join('\n')}\n`)
    const { code, output } = await run(['check', 'rules', 'queries.yml'])
    expect([code, output]).toEqual([0, expect.stringContaining(`SUCCESS: ${queries.length} rules found`)])
  })

  itWithPromtool('[ME-6] fires the rules on data that calls for it, and only those', async () => {
    writeFileSync(join(folder, 'rules.yml'), prometheusRules({ rules: defaultAlertRules({ memoryBytes: 1e9 }) }))
    const expectations: [series: string, values: string, at: string, alert: string | undefined][] = [
      ['http_requests_total{status="500"}', '0+100x60', '30m', 'HighErrorRate'],
      ['http_requests_total{status="200"}', '0+100x60', '30m', undefined],
      ['process_resident_memory_bytes', '2000000000x60', '30m', 'HighMemory'],
      ['nodejs_eventloop_lag_p99_seconds', '0.5x60', '30m', 'EventLoopLag'],
      ['circuit_breaker_state{breaker="pay"}', '2x60', '30m', 'BreakerOpen'],
      ['circuit_breaker_state{breaker="calm"}', '1x60', '30m', undefined],
      ['health_check_status{check="db",critical="true"}', '2x60', '30m', 'HealthCheckFailing'],
      ['cache_lookups_total{cache="c",outcome="miss"}', '0+100x60', '40m', 'LowCacheHitRate'],
      ['http_request_duration_seconds', '', '30m', 'HighLatency'],
    ]
    const byName = new Map(defaultAlertRules().map((rule) => [rule.name, rule]))
    const tests = expectations.map(([series, values, at, alert]) => {
      const input =
        series === 'http_request_duration_seconds'
          ? [
              `      - {series: '${series}_bucket{le="1"}', values: '0x60'}`,
              `      - {series: '${series}_bucket{le="5"}', values: '0+60x60'}`,
              `      - {series: '${series}_bucket{le="+Inf"}', values: '0+60x60'}`,
              `      - {series: '${series}_count', values: '0+60x60'}`,
            ]
          : [`      - {series: '${series}', values: '${values}'}`]
      const checked = alert === undefined ? ['HighErrorRate', 'BreakerOpen', 'ErrorBudgetBurn1h'] : [alert]
      const alerts = checked.flatMap((name) => {
        const {
          severity = 'warning',
          labels = {},
          summary,
          description,
        } = byName.get(name) as never as {
          severity?: string
          labels?: object
          summary: string
          description: string
        }
        const expected = {
          exp_labels: { ...labels, severity },
          exp_annotations: { summary, description },
        }
        return [
          `      - eval_time: ${at}`,
          `        alertname: ${name}`,
          `        exp_alerts: ${JSON.stringify(alert === undefined ? [] : [expected])}`,
        ]
      })
      return ['  - interval: 1m', '    input_series:', ...input, '    alert_rule_test:', ...alerts].join('\n')
    })
    writeFileSync(
      join(folder, 'test.yml'),
      `rule_files: [rules.yml]\nevaluation_interval: 1m\ntests:\n${tests.join('\n')}\n`,
    )
    const { code, output } = await run(['test', 'rules', 'test.yml'])
    expect([code, output]).toEqual([0, expect.stringContaining('SUCCESS')])
  })
})
