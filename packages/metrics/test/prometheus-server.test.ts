import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it as jestIt } from '@jest/globals'
import { requestContext } from '@hardening/core'
import { findBinary, freePort, until } from '@hardening/test-utils'
import { httpMetrics, metricsEndpoint, prometheusRules } from '../src/index.js'
import { closeAll, serve } from './apps.js'

const prometheus = findBinary('prometheus', 'TEST_PROMETHEUS')
// Skipped, and counted so, where there is none; a failure where `CI` is `true`.
const it = prometheus !== undefined || process.env['CI'] === 'true' ? jestIt : jestIt.skip

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
  await closeAll()
})

const token = 'a-token-for-prometheus'
const errorRule = {
  name: 'HighErrorRate',
  metric: 'http_requests_total',
  match: { status: /5../ },
  aggregate: 'increase',
  window: '1m',
  op: '>',
  threshold: 0,
  summary: 'Requests fail.',
} as const

/** Starts Prometheus on one target; gives what its API answers. */
async function startPrometheus(target: string): Promise<(path: string) => Promise<Answer>> {
  const folder = mkdtempSync(join(tmpdir(), 'hardening-prometheus-'))
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'rules.yml'), prometheusRules({ rules: [errorRule] }))
  writeFileSync(
    join(folder, 'prometheus.yml'),
    [
      'global: { scrape_interval: 200ms, scrape_timeout: 200ms, evaluation_interval: 200ms }',
      'rule_files: [rules.yml]',
      'scrape_configs:',
      '  - job_name: shop',
      `    authorization: { credentials: ${token} }`,
      `    static_configs: [{ targets: ['${target}'] }]`,
    ].join('\n'),
  )
  const port = await freePort()
  const flags = ['--config.file=prometheus.yml', '--storage.tsdb.path=data', `--web.listen-address=127.0.0.1:${port}`]
  const child: ChildProcess = spawn(
    prometheus ?? 'prometheus',
    [...flags, '--enable-feature=exemplar-storage', '--log.level=error'],
    { cwd: folder, stdio: 'ignore' },
  )
  cleanups.push(async () => {
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  })
  const url = `http://127.0.0.1:${port}`
  await until(async () => (await fetch(`${url}/-/ready`).catch(() => undefined))?.status === 200, { within: 60_000 })
  return async (path) => (await fetch(`${url}/api/v1/${path}`)).json() as Promise<Answer>
}

interface Answer {
  data: {
    result: { metric: Record<string, string>; value: [number, string] }[]
    activeTargets: { health: string; lastError: string }[]
    alerts: { labels: Record<string, string>; state: string }[]
  }
}

describe('a real Prometheus', () => {
  it('[ME-2] scrapes the endpoint with its token, keeps exemplars, and fires the exported rules', async () => {
    const metrics = httpMetrics()
    let failing = false
    const { url } = await serve((app) => {
      app.use(requestContext(), metrics, metricsEndpoint({ registry: metrics.registry, token, allow: [] }))
      app.get('/orders/:id', (_req, res) => void res.status(failing ? 500 : 200).send('order'))
    })
    const ask = await startPrometheus(url.replace('http://', ''))
    const value = async (query: string) =>
      (await ask(`query?query=${encodeURIComponent(query)}`)).data.result[0]?.value[1]

    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    for (let at = 0; at < 20; at++) await (await fetch(`${url}/orders/${at}`, { headers: { traceparent } })).text()
    const within = { within: 60_000 }
    await until(
      async () => (await value('sum(http_requests_total{route="/orders/:id",status="200"})')) === '20',
      within,
    )
    const { activeTargets } = (await ask('targets')).data
    expect(activeTargets).toMatchObject([{ health: 'up', lastError: '' }])
    expect(await value('http_request_duration_seconds_count{route="/orders/:id"}')).toBe('20')
    expect(Number(await value('process_resident_memory_bytes'))).toBeGreaterThan(1e6)
    expect(
      Number(await value('histogram_quantile(0.95, http_request_duration_seconds_bucket{route="/orders/:id"})')),
    ).toBeGreaterThan(0)

    const end = Date.now() / 1000 + 60
    const exemplars = await ask(
      `query_exemplars?query=http_request_duration_seconds_bucket&start=${end - 600}&end=${end}`,
    )
    expect(JSON.stringify(exemplars)).toContain('0af7651916cd43dd8448eb211c80319c')

    expect((await ask('alerts')).data.alerts).toEqual([])
    failing = true
    await until(async () => {
      await (await fetch(`${url}/orders/1`)).text()
      return (await ask('alerts')).data.alerts.some(({ state }) => state === 'firing')
    }, within)
    expect((await ask('alerts')).data.alerts[0]?.labels).toMatchObject({
      alertname: 'HighErrorRate',
      severity: 'warning',
    })
  }, 180_000)
})
