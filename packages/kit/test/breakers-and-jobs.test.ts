import { afterEach, describe, expect, it } from '@jest/globals'
import { createJobs, type Jobs } from '@hardening/jobs'
import { consecutive, createBreakerRegistry, protect, type Protection } from '@hardening/resilience'
import { listen, startRedis, until, type Listening } from '@hardening/test-utils'
import { harden, type HardenOptions, type Kit } from '../src/index.js'
import { versions } from './apps.js'

let server: Listening | undefined
let kit: Kit | undefined
let jobs: Jobs | undefined
let policy: Protection | undefined
afterEach(async () => {
  await server?.close()
  policy?.close()
  await jobs?.close({ timeout: 1000, grace: 0 })
  await kit?.close()
  jobs = undefined
  policy = undefined
})

const token = 'a token of the tests'
type Details = { status: string; checks: Record<string, { status: string; output?: string; observedValue?: number }[]> }

/** What the detailed report says of one check. */
function checkOf({ checks }: Details, name: string): Details['checks'][string][number] | undefined {
  return Object.entries(checks).find(([key]) => key.startsWith(`${name}:`))?.[1][0]
}

const silent = { level: 'error', sink: { write() {}, flush: async () => {}, close: async () => {} } } as const
const broken = (): Promise<never> => Promise.reject(Object.assign(new Error('gone'), { code: 'ECONNREFUSED' }))

describe.each(versions)('breakers on %s', (_, express) => {
  async function start(options: HardenOptions = {}): Promise<void> {
    const app = express()
    kit = harden(app, { log: silent, health: { token }, ...options })
    policy = protect('billing', { retry: false, breaker: { opens: consecutive(1) }, registry: kit.breakers })
    app.get('/bill', (_req, res, next) => {
      ;(policy as Protection).execute(broken).then((bill) => res.json(bill), next)
    })
    server = await listen(kit.createServer())
  }
  const get = (path: string): Promise<Response> =>
    fetch(`${server?.url}${path}`, { headers: { authorization: `Bearer ${token}` } })
  const read = async (path: string): Promise<unknown> => (await get(path)).json()
  const metrics = async (): Promise<string> => (await get('/metrics')).text()

  it('[RE-2] 3.4.11 have a series and stand in the list before anything has happened', async () => {
    await start()
    expect(await metrics()).toContain('circuit_breaker_state{breaker="billing"} 0')
    expect(await read('/health/circuit-breakers')).toEqual({ breakers: [{ name: 'billing', state: 'closed' }] })
    expect(checkOf((await read('/health/detailed')) as Details, 'breakers')).toMatchObject({ status: 'pass' })
  })

  it('[RE-2] 3.4.11 open: 503 with Retry-After, health warns and is ready, metrics tell', async () => {
    await start()
    expect((await get('/bill')).status).toBe(502)
    const refused = await get('/bill')
    expect(refused.status).toBe(503)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    expect(await refused.json()).toMatchObject({ code: 'ERR_RESILIENCE_OPEN' })
    expect(await metrics()).toContain('circuit_breaker_state{breaker="billing"} 2')
    expect(await metrics()).toContain('circuit_breaker_transitions_total{breaker="billing",to="open"} 1')
    expect((await get('/health/readiness')).status).toBe(200)
    const report = (await read('/health/detailed')) as Details
    expect(report.status).toBe('warn')
    expect(checkOf(report, 'breakers')).toMatchObject({ status: 'warn', output: 'open: billing' })
  })

  it('[RE-2] of a registry and a check of the own are used', async () => {
    const breakers = createBreakerRegistry()
    await start({ breakers, health: { token, checks: [{ name: 'breakers', check: () => ({ status: 'warn' }) }] } })
    expect((kit as Kit).breakers).toBe(breakers)
    expect(checkOf((await read('/health/detailed')) as Details, 'breakers')).toMatchObject({ status: 'warn' })
  })
})

describe.each(versions)('jobs on %s', (_, express) => {
  function start(made: Jobs, options: HardenOptions = {}): Promise<Listening> {
    jobs = made
    const app = express()
    kit = harden(app, { log: silent, health: { token }, jobs: made, ...options })
    return listen(kit.createServer())
  }
  const details = async (): Promise<Details> =>
    (await fetch(`${server?.url}/health/detailed`, { headers: { authorization: `Bearer ${token}` } })).json() as never

  it('[JO-1] 4.3.8 stand in readiness: well, and a warning where Redis is away', async () => {
    const redis = await startRedis({ args: ['--maxmemory-policy', 'noeviction'] })
    try {
      const made = createJobs({ redis: redis.url })
      const queue = made.define('q')
      server = await start(made)
      await until(() => queue.enqueue(null), { within: 20_000 })
      const { status, observedValue } = checkOf(await details(), 'jobs') as { status: string; observedValue?: number }
      // A try that was given up may have come through all the same.
      expect(status).toBe('pass')
      expect(observedValue).toBeGreaterThanOrEqual(1)
      await redis.kill()
      await until(async () => checkOf(await details(), 'jobs')?.status === 'fail', { within: 20_000 })
      // The application goes on without its jobs.
      expect((await fetch(`${server.url}/health/readiness`)).status).toBe(200)
    } finally {
      await redis.stop()
    }
  }, 60_000)

  it.each(['absent', 'killed', 'frozen'])(
    '[JO-1] 4.3.6 Redis %s: a request that enqueues is answered with 503 within 250 ms, and served when it is back',
    async (how) => {
      const redis = await startRedis({ args: ['--maxmemory-policy', 'noeviction'], start: how !== 'absent' })
      const made = createJobs({ redis: redis.url })
      const queue = made.define('q')
      jobs = made
      const app = express()
      kit = harden(app, { log: silent, jobs: made, rateLimit: false })
      app.post('/jobs', (_req, res, next) => {
        queue.enqueue(null).then(({ id }) => res.status(202).json({ id }), next)
      })
      server = await listen(kit.createServer())
      const post = (): Promise<Response> => fetch(`${server?.url}/jobs`, { method: 'POST' })
      const isServed = async (): Promise<boolean> => (await post()).status === 202
      try {
        // On a machine that is held up by others one answer may be late; one that always waits longer never is in time.
        await until(
          async () => {
            if (how !== 'absent') await until(isServed, { within: 20_000 })
            if (how === 'killed') await redis.kill()
            if (how === 'frozen') redis.freeze()
            const from = performance.now()
            const answer = await post()
            const tookMs = performance.now() - from
            expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1'])
            expect(await answer.json()).toMatchObject({ code: 'ERR_JOBS_UNAVAILABLE' })
            if (tookMs < 250) return true
            if (how === 'killed') await redis.restart()
            redis.thaw()
            return false
          },
          { within: 40_000 },
        )
        if (how !== 'frozen') await redis.restart()
        redis.thaw()
        await until(isServed, { within: 20_000 })
      } finally {
        redis.thaw()
        await redis.stop()
      }
    },
    90_000,
  )

  it('[JO-1] 4.3.10 what a job logs has the request id and trace of the request that enqueued it', async () => {
    const lines: Record<string, unknown>[] = []
    const sink = {
      ...silent.sink,
      write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>),
    }
    const made = createJobs()
    const queue = made.define('q', () => kit?.logger.info('working'))
    jobs = made
    const app = express()
    kit = harden(app, { log: { sink }, jobs: made })
    app.post('/jobs', (_req, res, next) => {
      queue.enqueue(null).then(() => res.status(202).end(), next)
    })
    server = await listen(kit.createServer())
    const traceId = '0af7651916cd43dd8448eb211c80319c'
    const headers = { 'x-request-id': 'my-request', traceparent: `00-${traceId}-b7ad6b7169203331-01` }
    await fetch(`${server.url}/jobs`, { method: 'POST', headers })
    await made.start()
    const line = await until(() => lines.find(({ message }) => message === 'working'))
    expect(line).toMatchObject({ requestId: 'my-request', traceId })
  })

  it('[JO-1] 4.3.8 their states are metrics', async () => {
    const made = createJobs({ countEvery: 100 })
    const queue = made.define('mail', () => undefined)
    server = await start(made)
    await queue.enqueue(null)
    await made.start()
    const metrics = async (): Promise<string> => (await fetch(`${server?.url}/metrics`)).text()
    await until(async () => (await metrics()).includes('job_queue_jobs{queue="mail",state="completed"} 1'))
    expect(await metrics()).toContain('jobs_total{queue="mail",event="completed"} 1')
  })

  it('[JO-1] 4.3.5 [HE-4] end with the server: work first, while requests still enqueue, then connections', async () => {
    const steps: string[] = []
    let answer: (() => void) | undefined
    const made = createJobs()
    const queue = made.define('q', (_data, { signal }) => {
      steps.push('begun')
      return new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => (steps.push('signal'), resolve()))
      })
    })
    const stop = made.stop.bind(made)
    const watched: Jobs = {
      ...made,
      stop: async (options) => {
        const report = await stop(options)
        steps.push('stopped')
        answer?.()
        return report
      },
      close: async (options) => {
        steps.push('closing')
        return made.close(options)
      },
    }
    const app = express()
    jobs = made
    kit = harden(app, { log: silent, jobs: watched })
    app.get('/slow', (_req, res, next) => {
      // Answers when the jobs have stopped, and enqueues one more.
      answer = () => void queue.enqueue('late').then(() => (steps.push('enqueued'), res.json(1)), next)
    })
    const http = kit.createServer()
    server = await listen(http)
    const codes: number[] = []
    const shutdown = kit.shutdownOn(http, { deadline: 2000, exit: (code) => void codes.push(code), signals: [] })
    shutdown.onShutdown('after', 'database', () => void steps.push('database'))
    await made.start()
    await queue.enqueue('hangs')
    await until(() => steps.includes('begun'))
    const slow = fetch(`${server.url}/slow`)
    await until(() => answer !== undefined)
    await shutdown.shutdown()
    expect((await slow).status).toBe(200)
    expect(steps.slice(0, 4)).toEqual(['begun', 'signal', 'stopped', 'enqueued'])
    expect(steps.slice(4).toSorted()).toEqual(['closing', 'database'])
    expect(codes).toEqual([0])
    await expect(queue.enqueue('too late')).rejects.toMatchObject({ code: 'ERR_JOBS_CLOSED' })
  })

  it('[JO-1] 4.3.5 [HE-4] a job and a request that hang for ever: the deadline holds', async () => {
    const made = createJobs()
    let running = 0
    const queue = made.define('q', () => {
      running++
      return new Promise(() => undefined)
    })
    jobs = made
    const app = express()
    kit = harden(app, { log: silent, jobs: made })
    let waiting = 0
    app.get('/hangs', () => void waiting++)
    const http = kit.createServer()
    server = await listen(http)
    const codes: number[] = []
    const shutdown = kit.shutdownOn(http, { deadline: 1000, exit: (code) => void codes.push(code), signals: [] })
    await made.start()
    await queue.enqueue(null)
    const hanging = fetch(`${server.url}/hangs`).catch(() => 'cut off')
    await until(() => running === 1 && waiting === 1)
    expect(await shutdown.shutdown()).toBe(1)
    expect(await hanging).toBe('cut off')
    expect(codes).toEqual([1])
  })
})
