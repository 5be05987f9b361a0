import { connect } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import { listen, rawHttp, until, type Listening } from '@hardening/test-utils'
import {
  HttpError,
  currentContext,
  fuse,
  middleware,
  requestContext,
  stepsOf,
  type Exchange,
  type Step,
} from '../src/index.js'
import { versions } from './apps.js'

let server: Listening | undefined
afterEach(() => server?.close())

/** A chunk as Express hands it on: text or bytes. */
const text = (chunk: unknown): string => (Buffer.isBuffer(chunk) ? chunk.toString() : (chunk as string))

type Answering = import('node:http').ServerResponse

describe('steps', () => {
  it('[CO-7] are carried by the middleware that was made of them', () => {
    const step: Step = { name: 'limits' }
    expect(stepsOf(middleware(step))).toEqual([step])
    expect(stepsOf(fuse([step, step]))).toEqual([step, step])
    expect(middleware(step).name).toBe('limitsMiddleware')
  })

  it.each([undefined, null, {}, () => {}])('[CO-7] are none in %p', (value) => expect(stepsOf(value)).toEqual([]))
})

describe.each(versions)('a pass on %s', (_, express) => {
  async function run(steps: Step[], mount: 'fused' | 'one by one' = 'fused'): Promise<Response & { order: string[] }> {
    const order: string[] = []
    const app = express()
    if (mount === 'fused') app.use(fuse(steps))
    else for (const step of steps) app.use(middleware(step))
    app.get('/', (req, res) => void res.send('route'))
    app.use(((error, req, res, _next) => {
      res.status((error as HttpError).status ?? 500).send(`handled: ${(error as Error).message}`)
    }) as import('express').ErrorRequestHandler)
    server = await listen(app)
    return Object.assign(await fetch(server.url), { order })
  }

  const tracing = (log: string[], name: string, extra: Partial<Step> = {}): Step => ({
    name,
    request: () => void log.push(name),
    ...extra,
  })

  it.each(['fused', 'one by one'] as const)('[CO-7] runs its steps in their order, mounted %s', async (mount) => {
    const log: string[] = []
    const wait: Step = {
      name: 'wait',
      async request() {
        await new Promise(setImmediate)
        log.push('wait')
      },
    }
    const res = await run([tracing(log, 'a'), wait, tracing(log, 'b')], mount)
    expect(await res.text()).toBe('route')
    expect(log).toEqual(['a', 'wait', 'b'])
  })

  it('[CO-7] stays synchronous where all steps are', async () => {
    const app = express()
    let during = 0
    app.use((req, res, next) => {
      during = 1
      next()
      during = 0
    })
    app.use(
      fuse([
        { name: 'a', request() {} },
        { name: 'b', request() {} },
      ]),
    )
    app.get('/', (req, res) => void res.send(String(during)))
    server = await listen(app)
    expect(await (await fetch(server.url)).text()).toBe('1')
  })

  it.each(['fused', 'one by one'] as const)('[CO-7] ends where a step refuses, mounted %s', async (mount) => {
    const log: string[] = []
    const refusing = tracing(log, 'refusing', { request: (x) => x.refuse(new HttpError(429, 'Too many')) })
    const res = await run([tracing(log, 'a'), refusing, tracing(log, 'b')], mount)
    expect([res.status, await res.text()]).toEqual([429, 'handled: Too many'])
    expect(log).toEqual(['a'])
  })

  it('[CO-7] ends where a step answers', async () => {
    const log: string[] = []
    const answering = tracing(log, 'x', { request: (x) => x.answer(204, { Allow: 'GET' }) })
    const res = await run([answering, tracing(log, 'b')])
    expect([res.status, res.headers.get('allow'), log]).toEqual([204, 'GET', []])
  })

  it('[CO-7] ends where a waiting step refuses', async () => {
    const step: Step = {
      name: 'late',
      async request(x) {
        await new Promise(setImmediate)
        x.refuse(new HttpError(403, 'No'))
      },
    }
    expect((await run([step])).status).toBe(403)
  })

  it.each<[string, () => void | Promise<void>]>([
    [
      'throws',
      () => {
        throw new HttpError(500, 'broken', { expose: true })
      },
    ],
    ['rejects', () => Promise.reject(new HttpError(500, 'broken'))],
    [
      'throws nothing',
      () => {
        throw undefined
      },
    ],
    ['rejects with nothing', () => Promise.reject(undefined)],
  ])('[CO-7] hands a step that %s to the error handler, not to the wall', async (_what, request) => {
    const res = await run([{ name: 'broken', request }])
    expect([res.status, (await res.text()).startsWith('handled: ')]).toEqual([500, true])
  })

  it('[CO-7] does not go on for a client that has gone while a step waited', async () => {
    let release = (): void => {}
    let routed = false
    let ended: Exchange | undefined
    const wait: Step = {
      name: 'wait',
      request: () =>
        new Promise((resolve) => {
          release = resolve
        }),
      end: (x) => {
        ended = x
      },
    }
    const app = express()
    app.use(fuse([wait]))
    app.get('/', () => {
      routed = true
    })
    server = await listen(app)
    const socket = connect(server.port, '127.0.0.1')
    const before = release
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await until(() => release !== before)
    socket.destroy()
    await until(() => ended !== undefined)
    release()
    await new Promise(setImmediate)
    expect(routed).toBe(false)
  })

  it('[CO-7] gives all its steps one exchange, with notes that know their type', async () => {
    const key = { name: 'tier' } as const satisfies { name: string }
    let seen: unknown
    await run([
      { name: 'a', request: (x) => x.setNote<string>(key, 'gold') },
      {
        name: 'b',
        request: (x) => {
          seen = x.note<string>(key)
        },
      },
    ])
    expect(seen).toBe('gold')
  })

  it('[CO-7] opens the context for its other steps too', async () => {
    let seen: unknown
    const context = stepsOf(requestContext({ generate: () => 'id-1' }))
    await run([
      {
        name: 'a',
        request: () => {
          seen = currentContext()?.requestId
        },
      },
      ...context,
    ])
    expect(seen).toBe('id-1')
  })

  it('[CO-7] can put sinks before the body, the last one first', async () => {
    const shout: Step = {
      name: 'shout',
      request(x) {
        x.filterBody({
          wrap: (inner) => ({
            write: (chunk, encoding, callback) => inner.write(text(chunk).toUpperCase(), encoding, callback),
            end: (chunk, encoding, callback) => {
              x.res.removeHeader('Content-Length')
              inner.end(chunk === undefined ? undefined : `${text(chunk).toUpperCase()}!`, encoding, callback)
            },
          }),
        })
      },
    }
    let bytes = 0
    const res = await run([
      shout,
      shout,
      {
        name: 'end',
        end: (x) => {
          bytes = x.bytes
        },
      },
    ])
    expect(await res.text()).toBe('ROUTE!!')
    await until(() => bytes === 7)
  })

  it.each([
    ['a short whole body goes by', (res: Answering) => res.end('short'), 'short'],
    ['a long whole body does not', (res: Answering) => res.end('long enough'), '<long enough>'],
    ['nor what comes in pieces', (res: Answering) => (res.write('a'), res.end('b')), '<a><b>'],
    ['nor a body behind a head that is out', (res: Answering) => (res.writeHead(200), res.end('c')), '<c>'],
    ['nor one behind a head that was flushed', (res: Answering) => (res.flushHeaders(), res.end('d')), '<d>'],
  ])('[CO-7] a sink that is not for short bodies: %s', async (_title, answer, expected) => {
    const made: string[] = []
    const app = express()
    app.use(
      middleware({
        name: 'tag',
        request: (x) =>
          x.filterBody({
            atLeast: 8,
            wrap: (inner) => {
              made.push(x.path)
              return {
                write: (chunk, ...rest) => inner.write(`<${text(chunk)}>`, ...rest),
                end: (chunk, ...rest) => inner.end(chunk === undefined ? chunk : `<${text(chunk)}>`, ...rest),
              }
            },
          }),
      }),
    )
    app.get('/', (req, res) => void answer(res))
    server = await listen(app)
    expect(await (await fetch(server.url)).text()).toBe(expected)
    expect(made).toEqual(expected === 'short' ? [] : ['/'])
  })

  it('[CO-7] puts its sinks behind those of middleware that wraps the response itself', async () => {
    const app = express()
    app.use(
      middleware({
        name: 'tag',
        request: (x) =>
          x.filterBody({
            wrap: (inner) => ({
              write: (chunk, ...rest) => inner.write(`<${text(chunk)}>`, ...rest),
              end: (chunk, ...rest) => inner.end(chunk === undefined ? chunk : `<${text(chunk)}>`, ...rest),
            }),
          }),
      }),
    )
    app.use((req, res, next) => {
      const { end } = res
      res.end = function (this: typeof res, chunk: unknown) {
        return end.call(this, `wrapped ${String(chunk)}`, 'utf8')
      } as never
      next()
    })
    app.get('/', (req, res) => void res.end('x'))
    server = await listen(app)
    expect(await (await fetch(server.url)).text()).toBe('<wrapped x>')
  })

  /** Three requests that arrive in one piece, and what became of each in which order. */
  async function three(steps: Step[], cohorts: boolean): Promise<string[]> {
    const order: string[] = []
    const app = express()
    const told: Step = { name: 'told', request: (x) => void order.push(`pass ${x.path}`) }
    app.use(fuse([requestContext(), middleware(told)].flatMap((one) => [...stepsOf(one)]).concat(steps), { cohorts }))
    app.get('/:name', (req, res) => {
      order.push(`route ${req.path}`)
      if (req.path === '/b') throw new HttpError(418, 'no')
      res.send(`${currentContext()?.requestId}`)
    })
    app.use(
      ((_error, _req, res, _next) => void res.status(418).send('handled')) as import('express').ErrorRequestHandler,
    )
    server = await listen(app)
    const ask = (path: string, last = ''): string =>
      `GET ${path} HTTP/1.1\r\nHost: x\r\nX-Request-Id: id-of-${path.slice(1)}\r\n${last}\r\n`
    // The first puts what is done once behind it.
    await (await fetch(`${server.url}/first`)).text()
    order.length = 0
    const { text: answers } = await rawHttp(server.url, ask('/a') + ask('/b') + ask('/c', 'Connection: close\r\n'))
    expect([...answers.matchAll(/id-of-\w(?!\r)|handled/g)].map(([found]) => found)).toEqual([
      'id-of-a',
      'handled',
      'id-of-c',
    ])
    return order
  }

  const apart = ['pass /a', 'route /a', 'pass /b', 'route /b', 'pass /c', 'route /c']
  const together = ['pass /a', 'pass /b', 'pass /c', 'route /a', 'route /b', 'route /c']

  it('[CO-7] is followed by the application at once', async () => {
    expect(await three([], false)).toEqual(apart)
  })

  it('[CO-7] in cohorts lets all requests of a turn through before the application has any, each in its context', async () => {
    expect(await three([], true)).toEqual(together)
  })

  it('[CO-7] in cohorts does not wait again where a step has waited', async () => {
    const waiting: Step = { name: 'waiting', request: () => Promise.resolve() }
    expect((await three([waiting], true)).slice(0, 3)).toEqual(together.slice(0, 3))
  })

  it('[CO-7] in cohorts answers what a step refuses without the application', async () => {
    const refusing: Step = {
      name: 'refusing',
      request(x) {
        if (x.path === '/a') x.refuse(new HttpError(400, 'no'))
      },
    }
    const order: string[] = []
    const app = express()
    app.use(fuse([refusing], { cohorts: true }))
    app.use((req, res) => void res.send(order.push(req.path) && 'ok'))
    server = await listen(app)
    expect((await fetch(`${server.url}/a`)).status).toBeGreaterThanOrEqual(400)
    expect((await fetch(`${server.url}/b`)).status).toBe(200)
    expect(order).toEqual(['/b'])
  })
})
