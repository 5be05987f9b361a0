import { connect } from 'node:net'
import { once } from 'node:events'
import { createServer, get } from 'node:http'
import type { Response as ExpressResponse } from 'express'
import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { FakeClock, listen, until, type Listening } from '@hardening/test-utils'
import { fuse, middleware, type Exchange, type Step } from '../src/index.js'
import { versions } from './apps.js'

let server: Listening | undefined
afterEach(() => server?.close())

/** A step that keeps what it was told at the end of each response. */
function observer(name = 'observer'): Step & { seen: Exchange[] } {
  const seen: Exchange[] = []
  return { name, seen, end: (exchange) => void seen.push(exchange) }
}

describe.each(versions)('the observation of a response on %s', (_, express) => {
  it('[CO-3] attaches one listener however many packages want to know', async () => {
    const app = express()
    let listeners = -1
    const [a, b, c] = [observer('a'), observer('b'), observer('c')]
    app.use(middleware(a), middleware(b), fuse([c, observer('d')]))
    app.get('/', (req, res) => {
      listeners = res.listenerCount('close') + res.listenerCount('finish')
      res.json({ ok: true })
    })
    const bare = express()
    let without = -1
    bare.get('/', (req, res) => {
      without = res.listenerCount('close') + res.listenerCount('finish')
      res.end()
    })
    server = await listen(bare)
    await fetch(server.url)
    await server.close()
    server = await listen(app)
    await fetch(server.url)
    await until(() => c.seen.length === 1)
    expect(listeners - without).toBe(1)
    expect(a.seen[0]).toBe(b.seen[0])
    expect(b.seen[0]).toBe(c.seen[0])
  })

  it('[CO-3] tells all the same time, status, route and bytes', async () => {
    const clock = new FakeClock()
    const watcher = observer()
    const app = express()
    app.use(fuse([watcher], { clock }))
    app.get('/users/:id', (req, res) => {
      void clock.advance(25).then(() => res.status(201).json({ id: req.params['id'] }))
    })
    server = await listen(app)
    const body = await (await fetch(`${server.url}/users/7?x=1`)).text()
    await until(() => watcher.seen.length === 1)
    expect(watcher.seen[0]).toMatchObject({
      status: 201,
      route: '/users/:id',
      path: '/users/7',
      durationMs: 25,
      bytes: body.length,
      aborted: false,
      ended: true,
      error: undefined,
    })
  })

  it.each([
    ['a string of many bytes a letter', (res: ExpressResponse): void => void res.send('äöü€'), 9],
    [
      'chunks',
      (res: import('express').Response) => {
        res.write('ab')
        res.write(Buffer.from('cde'))
        res.end('ff', 'hex')
      },
      6,
    ],
    ['nothing', (res: ExpressResponse): void => void res.status(204).end(), 0],
    ['a callback in place of a chunk', (res: ExpressResponse): void => void res.end(() => {}), 0],
  ] as const)('[CO-3] counts the bytes of %s', async (_what, send, bytes) => {
    const watcher = observer()
    const app = express()
    app.use(middleware(watcher))
    app.get('/', (req, res) => send(res))
    server = await listen(app)
    await (await fetch(server.url)).arrayBuffer()
    await until(() => watcher.seen.length === 1)
    expect(watcher.seen[0]?.bytes).toBe(bytes)
  })

  it('[CO-3] counts no body for HEAD and 304', async () => {
    const watcher = observer()
    const app = express()
    app.use(middleware(watcher))
    app.get('/', (req, res) => void res.send('hello'))
    server = await listen(app)
    const { headers } = await fetch(server.url, { method: 'HEAD' })
    // Not by fetch, which asks for a fresh answer as soon as it is given a condition.
    get(server.url, { headers: { 'if-none-match': headers.get('etag') as string } }, (res) => res.resume())
    await until(() => watcher.seen.length === 2)
    expect(watcher.seen.map(({ status, bytes }) => [status, bytes])).toEqual([
      [200, 0],
      [304, 0],
    ])
  })

  it('[CO-3] tells of a client that went before the answer, once', async () => {
    const watcher = observer()
    const app = express()
    app.use(middleware(watcher))
    const arrived = new Promise<void>((resolve) => app.get('/', () => resolve()))
    server = await listen(app)
    const socket = connect(server.port, '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await arrived
    socket.destroy()
    await until(() => watcher.seen.length === 1)
    expect(watcher.seen[0]).toMatchObject({ aborted: true, status: 499, route: '/' })
  })

  it('[CO-3] tells of a client that went in mid-answer with the status that was sent', async () => {
    const watcher = observer()
    const app = express()
    app.use(middleware(watcher))
    app.get('/', (req, res) => void res.write('half'))
    server = await listen(app)
    const socket = connect(server.port, '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await once(socket, 'data')
    socket.destroy()
    await until(() => watcher.seen.length === 1)
    expect(watcher.seen[0]).toMatchObject({ aborted: true, status: 200, bytes: 4 })
  })

  it('[CO-3] has the route of an error that a mounted router threw', async () => {
    const watcher = observer()
    const app = express()
    app.use(middleware(watcher))
    const router = express.Router()
    router.get('/users/:id', () => {
      throw Object.assign(new Error('x'), { status: 418 })
    })
    app.use('/api/:tenant', router)
    app.set('env', 'test')
    server = await listen(app)
    await fetch(`${server.url}/api/acme/users/7`)
    await until(() => watcher.seen.length === 1)
    expect(watcher.seen[0]).toMatchObject({ status: 418, route: '/api/:tenant/users/:id' })
  })

  it('[CO-3] calls what matched nothing unmatched', async () => {
    const watcher = observer()
    const app = express()
    app.use(middleware(watcher))
    server = await listen(app)
    for (const path of ['/a', '/b/c', '/%00']) await fetch(server.url + path)
    await until(() => watcher.seen.length === 3)
    expect(new Set(watcher.seen.map(({ route }) => route))).toEqual(new Set(['unmatched']))
  })

  it('[CO-3] answers pipelined requests each with a record of its own', async () => {
    const watcher = observer()
    const app = express()
    app.use(middleware(watcher))
    app.get('/:id', (req, res) => void res.send(req.params['id']))
    server = await listen(app)
    const socket = connect(server.port, '127.0.0.1')
    socket.write('GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /22 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    await once(socket.resume(), 'close')
    await until(() => watcher.seen.length === 2)
    expect(watcher.seen.map(({ path, bytes }) => [path, bytes])).toEqual([
      ['/1', 1],
      ['/22', 2],
    ])
  })

  it('[CO-3] is the same in a sub-app, also when the sub-app alone has the step', async () => {
    const watcher = observer()
    const app = express()
    const sub = express()
    sub.use(middleware(watcher))
    sub.get('/inside', (req, res) => void res.send('ok'))
    app.use('/sub', sub)
    app.use((req, res) => void res.status(404).send('outside'))
    server = await listen(app)
    await fetch(`${server.url}/sub/inside`)
    await fetch(`${server.url}/sub/nothing`)
    await until(() => watcher.seen.length === 2)
    expect(watcher.seen.map(({ route, bytes }) => [route, bytes])).toEqual([
      ['/sub/inside', 2],
      ['unmatched', 7],
    ])
  })

  it('[CO-3] is the same, with all headers, in an app that a router holds', async () => {
    const watcher = observer()
    const app = express()
    const router = express.Router()
    const inner = express()
    app.use(middleware({ name: 'fixed', headers: [['X-Fixed', '1']] }), middleware(watcher))
    inner.get('/inside/:id', (req, res) => void res.send('ok'))
    router.use('/inner', inner)
    app.use('/outer', router)
    server = await listen(app)
    for (let round = 0; round < 2; round++) {
      const { headers } = await fetch(`${server.url}/outer/inner/inside/7`)
      expect(headers.get('x-fixed')).toBe('1')
    }
    await until(() => watcher.seen.length === 2)
    expect(watcher.seen.map(({ route, bytes }) => [route, bytes])).toEqual([
      ['/outer/inner/inside/:id', 2],
      ['/outer/inner/inside/:id', 2],
    ])
  })

  it('[CO-3] survives a step that throws at the end', async () => {
    const watcher = observer()
    const broken: Step = {
      name: 'broken',
      end() {
        throw new Error('x')
      },
    }
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const app = express()
    app.use(fuse([broken, watcher]))
    app.get('/', (req, res) => void res.send('ok'))
    server = await listen(app)
    await fetch(server.url)
    await until(() => watcher.seen.length === 1)
    expect(warn.mock.calls[0]?.[0]).toContain('The step broken failed')
    warn.mockRestore()
  })
})

describe('the observation of a response', () => {
  it('[CO-3] works on a plain node:http server', async () => {
    const watcher = observer()
    const run = fuse([{ name: 'h', headers: [['X-Fixed', '1']] }, watcher])
    server = await listen(createServer((req, res) => run(req, res, () => res.end('plain'))))
    const res = await fetch(server.url)
    await until(() => watcher.seen.length === 1)
    expect(res.headers.get('x-fixed')).toBe('1')
    expect(watcher.seen[0]).toMatchObject({ status: 200, bytes: 5, route: 'unmatched' })
  })

  it('[CO-3] a step that answers itself names its route', async () => {
    const watcher = observer()
    const app = versions[0]![1]()
    const answers = (exchange: Exchange) => {
      exchange.route = '/probe'
      exchange.answer(200, {}, 'up')
    }
    app.use(fuse([watcher, { name: 'probe', request: answers }]))
    server = await listen(app)
    await fetch(`${server.url}/probe/`)
    await until(() => watcher.seen.length === 1)
    expect(watcher.seen[0]).toMatchObject({ status: 200, route: '/probe' })
  })

  it.each([
    ['/a/b?x=1', '/a/b'],
    ['http://example.com/a/b?x', '/a/b'],
    ['http://example.com', '/'],
    ['*', '*'],
  ])('[CO-3] has the path of the request target %p', async (target, path) => {
    const watcher = observer()
    const run = fuse([watcher])
    server = await listen(createServer((req, res) => run(req, res, () => res.end())))
    const socket = connect(server.port, '127.0.0.1')
    socket.write(`OPTIONS ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
    await once(socket.resume(), 'close')
    expect(watcher.seen[0]?.path).toBe(path)
  })

  it('[CO-3] has the address of the client: the peer, or the one that a trusted proxy names', async () => {
    const seen: (string | undefined)[] = []
    const app = versions[0]![1]()
    app.use(middleware({ name: 'address', request: (x) => void seen.push(x.ip) }))
    app.use((req, res) => void res.end())
    server = await listen(app)
    await fetch(server.url, { headers: { 'x-forwarded-for': '203.0.113.9' } })
    app.set('trust proxy', 1)
    await fetch(server.url, { headers: { 'x-forwarded-for': '203.0.113.9' } })
    await fetch(server.url, { headers: { 'x-forwarded-for': '::ffff:203.0.113.9' } })
    expect(seen).toEqual(['127.0.0.1', '203.0.113.9', '203.0.113.9'])
  })

  it('[CO-3] has the address that the application trusts which has the step, and the peer where there is none', async () => {
    const seen: (string | undefined)[] = []
    const step: Step = { name: 'address', request: (x) => void seen.push(x.ip) }
    const headers = { 'x-forwarded-for': '203.0.113.9' }
    for (const [, express] of versions) {
      const app = express()
      const inner = express().use(middleware(step))
      app.use(inner)
      // Of its own: what it has from the application above it is as ever.
      inner.set('trust proxy', 1)
      app.use((_req, res) => void res.end())
      server = await listen(app)
      await fetch(server.url, { headers })
      await server.close()
    }
    const run = fuse([step])
    server = await listen(createServer((req, res) => run(req, res, () => res.end())))
    await fetch(server.url, { headers })
    expect(seen).toEqual(['203.0.113.9', '203.0.113.9', '127.0.0.1'])
  })
})
