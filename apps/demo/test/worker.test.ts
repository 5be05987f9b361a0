import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { startRedis, until, type Child, type RedisServer } from '@hardening/test-utils'
import type { BackgroundView, ShownJob } from '../src/background/background.js'
import { DemoProcesses, isAlive } from './processes.js'

let processes: DemoProcesses
let demo: { child: Child; url: string } | undefined
let redis: RedisServer | undefined

beforeAll(() => {
  processes = new DemoProcesses()
}, 120_000)
afterAll(() => processes.stop())
afterEach(() => end())

async function end(): Promise<void> {
  redis?.thaw()
  demo?.child.signal('SIGKILL')
  await demo?.child.ended()
  await redis?.stop()
  demo = undefined
  redis = undefined
}

const read = async <T>(path: string): Promise<T> => (await fetch(`${demo?.url}${path}`)).json() as Promise<T>
const view = (): Promise<BackgroundView> => read<BackgroundView>('/api/jobs')
const post = (path: string, body: object = {}): Promise<Response> =>
  fetch(`${demo?.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
const submit = async (options: object = {}): Promise<string[]> => {
  const answer = await post('/api/jobs/samples', options)
  if (answer.status !== 202) throw new Error(`${answer.status}: ${await answer.text()}`)
  return ((await answer.json()) as { id: string }[]).map(({ id }) => id)
}
const job = (id: string): Promise<ShownJob> => read<ShownJob>(`/api/jobs/${id}`)
const becomes = (id: string, state: string): Promise<ShownJob> =>
  until(
    async () => {
      const found = await job(id)
      return found.state === state ? found : undefined
    },
    { within: 60_000, every: 100, what: `job ${state}` },
  )
const begun = (id: string, times = 1): Promise<ShownJob> =>
  until(
    async () => {
      const found = await job(id)
      return (found.runs ?? []).length >= times && (found.progress?.done ?? 0) > 0 ? found : undefined
    },
    { within: 60_000, every: 100, what: `run ${times}` },
  )
const gone = (pid: number): Promise<unknown> => until(() => !isAlive(pid), { within: 30_000, what: 'its end' })
const workerPid = (): Promise<number> =>
  until(
    async () => {
      const { worker } = await view()
      return worker?.state === 'working' ? worker.pid : undefined
    },
    { within: 60_000, every: 100, what: 'a worker' },
  )

async function startOnRedis(env: Record<string, string> = {}): Promise<number> {
  redis = await startRedis({ args: ['--maxmemory-policy', 'noeviction'] })
  demo = await processes.start({ REDIS_URL: redis.url, REDIS_TIMEOUT: '2s', ...env })
  return workerPid()
}

describe('the demo with Redis and a worker', () => {
  let pid: number
  let own: [typeof demo, typeof redis]
  beforeAll(async () => {
    pid = await startOnRedis()
    own = [demo, redis]
  }, 120_000)
  beforeEach(() => {
    ;[demo, redis] = own
  })
  // Taken out of the hands of whoever ends it after each test.
  afterEach(() => {
    demo = undefined
    redis = undefined
  })
  afterAll(async () => {
    ;[demo, redis] = own
    await end()
  })

  it('[JO-1] [DE-3] documents are processed by a process of its own, and metrics of the server know', async () => {
    const [id = ''] = await submit()
    const done = await becomes(id, 'completed')
    expect(done.runs).toEqual([`worker ${pid}`])
    expect(done.result?.chunks).toBeGreaterThan(3)
    await until(async () => (await view()).totals.completed === 1)
    expect((await view()).totals).toMatchObject({ started: 1, completed: 1, failed: 0 })
    const metrics = await (await fetch(`${demo?.url}/metrics`)).text()
    expect(metrics).toContain('jobs_total{queue="documents",event="completed"} 1')
  }, 120_000)

  it('[JO-1] [DE-3] a document that fails is tried again, is a dead letter in the end, and goes well when replayed', async () => {
    const [id = ''] = await submit({ failures: 3 })
    const dead = await becomes(id, 'dead')
    expect([dead.attempts, dead.error]).toEqual([3, 'Error: Run 3 fails, as it was asked to'])
    await until(async () => (await view()).counts.dead === 1)
    expect(await (await post('/api/jobs/replay')).json()).toEqual({ replayed: 1 })
    expect((await becomes(id, 'completed')).runs).toHaveLength(4)
    await until(async () => (await view()).counts.dead === 0)
  }, 120_000)

  it('[JO-1] [DE-3] 4.3.9 the worker is killed in mid-job: another one comes, and the job runs again, once', async () => {
    const [id = ''] = await submit({ paceMs: 400 })
    await begun(id)
    expect((await post('/api/jobs/worker/kill')).status).toBe(202)
    const done = await becomes(id, 'completed')
    const second = await workerPid()
    expect(second).not.toBe(pid)
    expect(done.runs).toEqual([`worker ${pid}`, `worker ${second}`])
    expect((await view()).worker?.restarts).toBe(1)
    // Whatever else would begin it again had its chance while others went through.
    for (const next of await submit({ count: 6, paceMs: 400 })) await becomes(next, 'completed')
    expect((await job(id)).runs).toHaveLength(2)
  }, 180_000)
})

describe('the demo with Redis', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    '[DE-1] %s ends both processes with code 0; a job that runs is handed back',
    async (signal) => {
      const pid = await startOnRedis({ SHUTDOWN_TIMEOUT: '5s' })
      const [id = ''] = await submit({ paceMs: 2000 })
      await until(async () => (await job(id)).state === 'active', { within: 30_000 })
      demo?.child.signal(signal)
      await demo?.child.ended()
      expect(demo?.child.output()).not.toMatch(/Unhandled|deadline|took too long/)
      await gone(pid)
      const key = `hd:jobs:v1:{documents}`
      expect(await redis?.command('LLEN', `${key}:active`)).toBe(0)
      expect(await redis?.command('ZCARD', `${key}:prioritized`)).toBe(1)
    },
    120_000,
  )

  it('[DE-1] the worker ends by itself where the server is killed', async () => {
    const pid = await startOnRedis()
    demo?.child.signal('SIGKILL')
    await gone(pid)
    expect(isAlive(pid)).toBe(false)
  }, 120_000)

  it.each(['killed', 'frozen'])(
    '[JO-1] [DE-1] Redis %s with a job running: both processes end in time all the same',
    async (how) => {
      const pid = await startOnRedis({ SHUTDOWN_TIMEOUT: '4s' })
      const [id = ''] = await submit({ paceMs: 2000 })
      await until(async () => (await job(id)).state === 'active', { within: 30_000 })
      if (how === 'killed') await redis?.kill()
      else redis?.freeze()
      demo?.child.signal('SIGTERM')
      await demo?.child.ended()
      await gone(pid)
      expect(demo?.child.running).toBe(false)
    },
    120_000,
  )

  it.each(['killed', 'frozen'])(
    '[JO-1] 4.3.6 Redis %s: new documents are refused with 503, then everything goes on by itself',
    async (how) => {
      const pid = await startOnRedis({ REDIS_TIMEOUT: '150ms' })
      await becomes((await submit())[0] ?? '', 'completed')
      if (how === 'killed') await redis?.kill()
      else redis?.freeze()
      const refused = await post('/api/jobs/samples')
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
      expect(await refused.json()).toMatchObject({ code: 'ERR_JOBS_UNAVAILABLE' })
      expect((await fetch(`${demo?.url}/health/readiness`)).status).toBe(200)
      if (how === 'killed') await redis?.restart()
      else redis?.thaw()
      const ids = await until(() => submit().catch(() => undefined), { within: 60_000, every: 100 })
      await becomes(ids[0] ?? '', 'completed')
      expect(await workerPid()).toBe(pid)
    },
    180_000,
  )
})

describe('the demo without Redis', () => {
  it('[DE-1] [JO-1] one process does it all; there is no worker to be killed; SIGINT ends it', async () => {
    demo = await processes.start({ SHUTDOWN_TIMEOUT: '5s' })
    expect(await view()).toMatchObject({ driver: 'embedded', durable: false })
    const [id = ''] = await submit()
    expect((await becomes(id, 'completed')).runs).toEqual([`server ${demo.child.pid}`])
    expect((await post('/api/jobs/worker/kill')).status).toBe(409)
    await submit({ paceMs: 2000 })
    demo.child.signal('SIGINT')
    await demo.child.ended()
    expect(demo.child.output()).not.toMatch(/Unhandled|deadline|took too long/)
  }, 120_000)
})
