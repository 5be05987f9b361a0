import { afterEach, describe, expect, it } from '@jest/globals'
import { requestContext } from '@hardening/core'
import { listen, until, type Listening } from '@hardening/test-utils'
import express5 from 'express'
import express4 from 'express4'
import { consecutive, protect, resilientFetch, type Protection } from '../src/index.js'
import { failure, FakeClock } from './support.js'
import { startUpstream, type Upstream } from './upstream.js'

const servers: Listening[] = []
const policies: Protection[] = []
afterEach(async () => {
  for (const policy of policies.splice(0)) policy.close()
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

async function serve(
  express: typeof express5,
  handler: (req: express5.Request, res: express5.Response) => Promise<unknown>,
): Promise<Listening> {
  const app = express()
  app.use(requestContext() as never)
  // Express 4 does not wait for promises.
  app.get('/', (req, res, next) => void handler(req, res).catch(next))
  const server = await listen(app)
  servers.push(server)
  return server
}

async function upstreamServer(): Promise<Upstream> {
  const upstream = await startUpstream()
  servers.push(upstream)
  return upstream
}

describe.each([
  ['Express 5', express5],
  ['Express 4', express4],
])('%s', (_, express) => {
  it("[RE-2] 3.4.6 an open breaker is 503 with Retry-After, by Express's own handler", async () => {
    const policy = protect('billing', { retry: false, breaker: { opens: consecutive(1), openFor: '20s' } })
    policies.push(policy)
    const { url } = await serve(express, async (_req, res) => {
      res.json(await policy.execute(() => Promise.reject(failure())))
    })
    expect((await fetch(url)).status).toBe(500)
    const refused = await fetch(url)
    expect(refused.status).toBe(503)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(20)
    expect(refused.headers.get('cache-control')).toBe('no-store')
  })

  it('[RE-3] 3.4.4 a client that goes ends the call of its request, without counting against the service', async () => {
    const upstream = await upstreamServer()
    upstream.fault = 'slow'
    const fetchUpstream = resilientFetch('upstream', { breaker: { opens: consecutive(1) } })
    policies.push(fetchUpstream.protection)
    let ended: unknown
    const { url } = await serve(express, async (_req, res) => {
      try {
        res.send(await (await fetchUpstream(upstream.url)).text())
      } catch (error) {
        ended = error
        throw error
      }
    })
    const controller = new AbortController()
    const going = fetch(url, { signal: controller.signal }).catch(() => undefined)
    await until(() => upstream.requests.length === 1)
    controller.abort()
    await going
    await until(() => ended !== undefined)
    expect(fetchUpstream.protection.breaker?.state).toBe('closed')
    expect(fetchUpstream.protection.stats()).toMatchObject({ failures: 0, retries: 0 })
  })

  it('[RE-3] trace and request id are handed on, unless that is turned off', async () => {
    const upstream = await upstreamServer()
    const told = resilientFetch('told')
    const untold = resilientFetch('untold', { propagate: false })
    policies.push(told.protection, untold.protection)
    const { url } = await serve(express, async (_req, res) => {
      await told(upstream.url)
      await untold(upstream.url)
      res.end()
    })
    await fetch(url, { headers: { 'X-Request-Id': 'r-1' } })
    expect(upstream.headers[0]).toMatchObject({ 'x-request-id': 'r-1', traceparent: expect.stringMatching(/^00-/) })
    expect(upstream.headers[1]).not.toHaveProperty('x-request-id')
  })

  it('[RE-3] what a request has left of its time bounds its calls', async () => {
    const clock = new FakeClock()
    const policy = protect('slow', { clock })
    policies.push(policy)
    let left: number | undefined
    const { url } = await serve(express, async (_req, res) => {
      const { currentContext } = await import('@hardening/core')
      const context = currentContext()
      if (context !== undefined) context.deadline = clock.monotonic() + 250
      res.json(
        await policy.execute(({ remainingMs }) => {
          left = remainingMs
          return new Promise(() => undefined)
        }),
      )
    })
    const answer = fetch(url)
    await until(() => left !== undefined)
    expect(left).toBe(250)
    await clock.advance(250)
    expect((await answer).status).toBe(504)
  })
})
