import { EventEmitter } from 'node:events'
import { afterEach, describe, expect, it } from '@jest/globals'
import { listen, type Listening } from '@hardening/test-utils'
import { ConfigError, currentContext, outgoingHeaders, requestContext, type RequestContext } from '../src/index.js'
import { versions } from './apps.js'

let server: Listening | undefined
afterEach(() => server?.close())

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

describe.each(versions)('requestContext on %s', (_, express) => {
  async function ask(headers: Record<string, string>, options = {}): Promise<{ res: Response; seen: RequestContext }> {
    const app = express()
    let seen: RequestContext | undefined
    app.use(requestContext(options))
    app.get('/', (req, res) => {
      seen = currentContext()
      res.json({})
    })
    server = await listen(app)
    const res = await fetch(server.url, { headers })
    return { res, seen: seen as RequestContext }
  }

  it.each(['abc', 'A.b_c-1', 'x'.repeat(128)])('[CO-2] keeps the well-formed id %p', async (id) => {
    const { res, seen } = await ask({ 'x-request-id': id })
    expect(res.headers.get('x-request-id')).toBe(id)
    expect(seen.requestId).toBe(id)
  })

  it.each(['', 'a b', 'a/b', '<script>', 'x'.repeat(129), 'ü'.normalize(), 'a,b'])(
    '[CO-2] makes a new id instead of %p',
    async (id) => {
      const { res, seen } = await ask({ 'x-request-id': id })
      expect(res.headers.get('x-request-id')).toMatch(/^[A-Za-z0-9._-]{1,128}$/)
      expect(seen.requestId).not.toBe(id)
    },
  )

  it('[CO-2] takes X-Correlation-Id where there is no X-Request-Id', async () => {
    const { res } = await ask({ 'x-correlation-id': 'corr-1' })
    expect(res.headers.get('x-request-id')).toBe('corr-1')
  })

  it('[CO-2] believes no id of the client where told so', async () => {
    const { res } = await ask({ 'x-request-id': 'abc' }, { trustInbound: false })
    expect(res.headers.get('x-request-id')).not.toBe('abc')
  })

  it('[CO-2] takes ids from a generator of the user', async () => {
    const { res } = await ask({}, { generate: () => 'mine-1' })
    expect(res.headers.get('x-request-id')).toBe('mine-1')
  })

  it('[CO-2] gives every request another id and trace', async () => {
    const first = await ask({})
    await server?.close()
    const second = await ask({})
    expect(first.seen.requestId).not.toBe(second.seen.requestId)
    expect(first.seen.trace.traceId).not.toBe(second.seen.trace.traceId)
    expect(first.seen.trace.traceId).toMatch(/^[0-9a-f]{32}$/)
  })

  it('[CO-2] goes on with the trace of the caller', async () => {
    const { seen } = await ask({ traceparent, tracestate: 'vendor=1' })
    expect(seen.trace.traceId).toBe('0af7651916cd43dd8448eb211c80319c')
    const out = outgoingHeaders(seen)
    expect(out['traceparent']).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-0[0-9a-f]$/)
    expect(out['traceparent']).not.toContain('b7ad6b7169203331')
    expect(out['tracestate']).toBe('vendor=1')
    expect(out['x-request-id']).toBe(seen.requestId)
  })

  it('[CO-2] starts a new trace for a malformed one, and drops its state', async () => {
    const { seen } = await ask({ traceparent: traceparent.toUpperCase(), tracestate: 'vendor=1' })
    expect(seen.trace.traceId).not.toBe('0af7651916cd43dd8448eb211c80319c')
    expect(outgoingHeaders(seen)['tracestate']).toBeUndefined()
  })

  it('[CO-2] knows the time, and user and tenant once they are known', async () => {
    const before = Date.now()
    const { seen } = await ask({})
    expect(seen.startedAt).toBeGreaterThanOrEqual(before)
    expect(seen.user).toBeUndefined()
    seen.user = 'u1'
    seen.tenant = 't1'
    expect(seen).toMatchObject({ user: 'u1', tenant: 't1' })
  })

  it('[CO-2] is found in promises, timers, emitters and after the body was read', async () => {
    const app = express()
    app.use(requestContext())
    app.use(express.json())
    app.post('/', (req, res) => {
      const seen = [currentContext()?.requestId]
      const emitter = new EventEmitter().on('x', () => seen.push(currentContext()?.requestId))
      void Promise.resolve()
        .then(() => seen.push(currentContext()?.requestId))
        .then(() =>
          setImmediate(() => {
            emitter.emit('x')
            res.json(seen)
          }),
        )
    })
    server = await listen(app)
    const ask = async (id: string): Promise<unknown> => {
      const body = JSON.stringify({ pad: 'x'.repeat(50_000) })
      const headers = { 'x-request-id': id, 'content-type': 'application/json' }
      return (await fetch((server as Listening).url, { method: 'POST', headers, body })).json()
    }
    const ids = Array.from({ length: 50 }, (_unused, at) => `id-${at}`)
    expect(await Promise.all(ids.map(ask))).toEqual(ids.map((id) => [id, id, id]))
  })

  it('[CO-2] fires its signal when the client goes', async () => {
    const app = express()
    let context: RequestContext | undefined
    app.use(requestContext())
    const gone = new Promise<unknown>((resolve) => {
      app.get('/', () => {
        context = currentContext() as RequestContext
        context.signal.addEventListener('abort', () => resolve((context as RequestContext).signal.reason))
        controller.abort()
      })
    })
    const controller = new AbortController()
    server = await listen(app)
    await fetch(server.url, { signal: controller.signal }).catch(() => {})
    expect(await gone).toBeInstanceOf(Error)
  })

  it('[CO-2] leaves its signal alone when the answer was given', async () => {
    const { seen } = await ask({})
    expect(seen.signal.aborted).toBe(false)
  })
})

describe('requestContext', () => {
  it('[CO-2] is nowhere outside a request', () => {
    expect(currentContext()).toBeUndefined()
    expect(outgoingHeaders()).toEqual({})
  })

  it('[CO-2] can do without AsyncLocalStorage', async () => {
    const app = versions[0]![1]()
    let seen: unknown = 'unset'
    app.use(requestContext({ async: false }))
    app.get('/', (req, res) => {
      seen = currentContext()
      res.end()
    })
    server = await listen(app)
    const res = await fetch(server.url)
    expect(seen).toBeUndefined()
    expect(res.headers.get('x-request-id')).toBeTruthy()
  })

  it.each([{ nope: 1 }, { trustInbound: 'yes' }, { generate: () => 'not an id' }, { async: 1 }])(
    '[CO-2] refuses %p at creation',
    (options) => expect(() => requestContext(options as never)).toThrow(ConfigError),
  )

  it('[CO-2] takes undefined for omitted', () => {
    expect(() =>
      requestContext({ trustInbound: undefined, generate: undefined, async: undefined } as never),
    ).not.toThrow()
  })
})
