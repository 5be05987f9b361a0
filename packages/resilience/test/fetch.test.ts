import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { freePort, until } from '@hardening/test-utils'
import { consecutive, createBreakerRegistry, protect, resilientFetch, type ResilientFetch } from '../src/index.js'
import { FakeClock, flush, watch } from './support.js'
import { startUpstream, type Upstream } from './upstream.js'

const clock = new FakeClock()
const made: ResilientFetch[] = []
let upstream: Upstream

function client(options: Parameters<typeof resilientFetch>[1] = {}): ResilientFetch {
  const made1 = resilientFetch('upstream', { clock, ...options })
  made.push(made1)
  return made1
}

/** Moves the clock on until a promise has come to its end, which real sockets are part of. */
async function settle<Value>(promise: Promise<Value>, stepMs = 100): Promise<Value> {
  const seen = watch(promise)
  await until(
    async () => {
      if (seen.state === 'pending') await clock.advance(stepMs)
      return seen.state !== 'pending'
    },
    { within: 20_000 },
  )
  return promise
}

beforeEach(async () => {
  upstream = await startUpstream()
})
afterEach(async () => {
  for (const one of made.splice(0)) one.protection.close()
  await upstream.close()
})

describe('resilientFetch against a real server', () => {
  it('[RE-3] is a fetch', async () => {
    const fetchUpstream = client()
    const response = await fetchUpstream(`${upstream.url}/a`, { headers: { accept: 'text/plain' } })
    expect([response.status, await response.text()]).toEqual([200, 'ok'])
    expect(upstream.requests).toEqual(['GET /a'])
    expect(upstream.headers[0]).toMatchObject({ accept: 'text/plain' })
  })

  it('[RE-1] flapping: a GET is sent again and gets its answer', async () => {
    upstream.fault = 'flapping'
    const fetchUpstream = client()
    const response = await settle(fetchUpstream(upstream.url))
    expect(response.status).toBe(200)
    expect(upstream.requests).toHaveLength(2)
    expect(fetchUpstream.protection.stats()).toMatchObject({ retries: 1, failures: 1, successes: 1 })
  })

  it('[RE-1] 3.4.3 429 with Retry-After: two seconds are waited for', async () => {
    upstream.fault = 'limited'
    const seen = watch(client()(upstream.url))
    await until(() => upstream.requests.length === 1)
    await until(() => clock.pending >= 2)
    const start = clock.monotonic()
    await until(async () => {
      await clock.advance(50)
      return upstream.requests.length === 2
    })
    expect(clock.monotonic() - start).toBeGreaterThanOrEqual(1900)
    await until(() => seen.state === 'fulfilled')
  })

  it.each(['failing', 'resetting', 'limited', 'flapping'] as const)(
    '[RE-1] 3.4.12 %s: a POST is sent once',
    async (fault) => {
      upstream.fault = fault
      await settle(client()(upstream.url, { method: 'POST', body: 'order' })).catch(() => undefined)
      expect(upstream.requests).toEqual(['POST /'])
    },
  )

  it('[RE-1] 3.4.12 protect sends a POST of its function once as well', async () => {
    upstream.fault = 'resetting'
    const policy = protect('orders', { clock })
    await settle(policy.execute(({ signal }) => fetch(upstream.url, { method: 'POST', body: 'order', signal }))).catch(
      () => undefined,
    )
    policy.close()
    expect(upstream.requests).toEqual(['POST /'])
  })

  it('[RE-1] a POST with an Idempotency-Key is sent again, with its whole body', async () => {
    upstream.fault = 'flapping'
    const headers = { 'Idempotency-Key': 'k1' }
    const response = await settle(client()(upstream.url, { method: 'POST', headers, body: 'order' }))
    expect(response.status).toBe(200)
    expect(upstream.bodies).toEqual(['order', 'order'])
  })

  it('[RE-1] a Request with a body is sent again whole; a stream once', async () => {
    upstream.fault = 'flapping'
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('streamed'))
        controller.close()
      },
    })
    const response = await settle(client()(upstream.url, { method: 'PUT', body, duplex: 'half' }))
    expect(response.status).toBe(503)
    expect(upstream.requests).toHaveLength(1)
    const request = new Request(upstream.url, { method: 'PUT', body: 'whole' })
    upstream.requests.push('so that the next one fails')
    await settle(client()(request))
    expect(upstream.bodies).toEqual(['streamed', 'whole', 'whole'])
  })

  it('[RE-3] slow: ends with a time-out, and the connection is ended', async () => {
    upstream.fault = 'slow'
    const fetchUpstream = client({ timeout: '1s', retry: false })
    const seen = watch(fetchUpstream(upstream.url))
    await until(() => upstream.requests.length === 1)
    await clock.advance(1000)
    expect(seen.error).toMatchObject({ code: 'ERR_RESILIENCE_TIMEOUT', service: 'upstream' })
    await until(
      () => new Promise<boolean>((resolve) => upstream.server.getConnections((_, count) => resolve(count === 0))),
    )
  })

  it('[RE-2] dead: the breaker opens, and then nothing is sent', async () => {
    const dead = `http://127.0.0.1:${await freePort()}`
    const fetchUpstream = client({ retry: false, breaker: { opens: consecutive(3) } })
    for (let at = 0; at < 3; at++) await expect(fetchUpstream(dead)).rejects.toThrow('fetch failed')
    await expect(fetchUpstream(dead)).rejects.toMatchObject({ code: 'ERR_RESILIENCE_OPEN', status: 503 })
    expect(fetchUpstream.protection.stats()).toMatchObject({ attempts: 3, refused: 1 })
  })

  it('[RE-2] dead and back again: one probe closes it', async () => {
    const registry = createBreakerRegistry()
    const fetchUpstream = client({ retry: false, registry, breaker: { opens: consecutive(2), openFor: '5s' } })
    upstream.fault = 'failing'
    for (let at = 0; at < 2; at++) await fetchUpstream(upstream.url)
    expect(registry.list()).toMatchObject([{ name: 'upstream', state: 'open' }])
    upstream.fault = 'well'
    await clock.advance(5000)
    const answers = await Promise.allSettled([1, 2, 3].map(() => fetchUpstream(upstream.url)))
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
    expect(upstream.requests).toHaveLength(3)
    expect(registry.list()).toMatchObject([{ name: 'upstream', state: 'closed' }])
  })

  it('[RE-1] dead: even a POST is tried again where no connection came about', async () => {
    const dead = `http://127.0.0.1:${await freePort()}`
    const fetchUpstream = client()
    await expect(settle(fetchUpstream(dead, { method: 'POST', body: 'x' }))).rejects.toThrow()
    expect(fetchUpstream.protection.stats().attempts).toBe(4)
  })

  it('[RE-3] the last answer is given as it is when the retries are used up', async () => {
    upstream.fault = 'failing'
    const response = await settle(client({ retry: { retries: 1 } })(upstream.url))
    expect([response.status, await response.text()]).toEqual([503, 'down'])
    expect(upstream.requests).toHaveLength(2)
  })

  it("[RE-3] the caller's signal ends the body too", async () => {
    upstream.fault = 'slow-body'
    const controller = new AbortController()
    const response = await client()(upstream.url, { signal: controller.signal })
    const body = watch(response.text())
    controller.abort()
    await until(() => body.state === 'rejected')
    expect((body.error as Error).name).toBe('AbortError')
  })

  it('[RE-3] a fetch of your own may be given', async () => {
    const asked: unknown[] = []
    const own = client({
      fetch: (input: unknown) => {
        asked.push(input)
        return Promise.resolve(new Response('own'))
      },
    })
    expect(await (await own('http://example.test/')).text()).toBe('own')
    expect(asked).toEqual(['http://example.test/'])
    await flush()
  })
})
