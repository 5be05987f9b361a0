import { createServer } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import { ConfigError } from '@hardening/core'
import { until, type Listening } from '@hardening/test-utils'
import { hardenServer, requestLimits, type HardenServerOptions } from '../src/index.js'
import { closeAll, drip, raw, serve, serveApp, statusOf, threats, versions } from './apps.js'

const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await closeAll()
})

interface Client {
  readonly socket: Socket
  readonly received: () => string
  readonly gone: () => Promise<unknown>
}

function open(port: number, text = ''): Client {
  const socket = connect(port, '127.0.0.1')
  sockets.push(socket)
  let received = ''
  let closed = false
  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => (received += chunk))
  socket.on('error', () => {})
  socket.on('close', () => (closed = true))
  if (text !== '') socket.write(text)
  return { socket, received: () => received, gone: () => until(() => closed, { what: 'the end of the connection' }) }
}

const quick: HardenServerOptions = { headersTimeout: 100, requestTimeout: 200, checkInterval: 10 }

function start(
  options: HardenServerOptions,
  answer: Parameters<typeof createServer>[1] = (_req, res) => res.end('ok'),
): Promise<Listening> {
  return serveApp(hardenServer(createServer(answer as never), options))
}

describe('hardenServer against slow clients', () => {
  const found = threats()

  it('[SE-5] ends a connection that says nothing', async () => {
    const { port } = await start(quick)
    const client = open(port)
    await client.gone()
    expect(client.received()).toMatch(/^$|^HTTP\/1\.1 408/)
  })

  it('[SE-5] ends a head that comes byte by byte with 408 (Slowloris)', async () => {
    const { port } = await start(quick)
    const client = open(port, 'GET / HTTP/1.1\r\nHost: a\r\n')
    drip(client.socket, 'X-A: b\r\n', 20)
    await client.gone()
    expect(statusOf(client.received())).toBe(408)
  })

  it('[SE-5] ends a body that comes byte by byte', async () => {
    const { port } = await start(quick, (req) => void req.resume())
    const client = open(port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n')
    drip(client.socket, 'a', 20)
    await client.gone()
    expect(statusOf(client.received())).toBe(408)
  })

  it('[SE-5] ends the second head of a connection that comes byte by byte', async () => {
    const { port } = await start({ ...quick, keepAliveTimeout: '5s' })
    const client = open(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await until(() => client.received().endsWith('ok'), { what: 'the first answer' })
    drip(client.socket, 'G', 20)
    await client.gone()
    expect(client.received().match(/HTTP\/1\.1 200/g)).toHaveLength(1)
  })

  it('[SE-5] ends a client that does not read its answer', async () => {
    const { port, server } = await start({ socketTimeout: 200 }, (_req, res) => res.end(Buffer.alloc(64 * 1024 * 1024)))
    let serverSide: Socket | undefined
    server.on('connection', (socket) => (serverSide = socket))
    const client = open(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    client.socket.pause()
    await until(() => serverSide?.destroyed, { what: 'the end of the connection' })
    expect(client.socket.bytesRead).toBeLessThan(64 * 1024 * 1024)
  })

  it('[SE-5] ends an idle connection', async () => {
    const { port } = await start({ ...quick, keepAliveTimeout: 50 })
    const client = open(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await client.gone()
    expect(statusOf(client.received())).toBe(200)
  })

  it('[SE-5] leaves a quick client alone that a slow one stands beside', async () => {
    const { port } = await start(quick)
    const slow = open(port, 'GET / HT')
    const answer = await raw(port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    expect(statusOf(answer)).toBe(200)
    await slow.gone()
  })

  it('[SE-5] a slow answer of the application is no slow client', async () => {
    const { port } = await start(quick, (_req, res) => void setTimeout(() => res.end('late'), 400))
    const answer = await raw(port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    expect(answer).toMatch(/late$/)
  })

  it('[SE-5] takes no more connections than allowed, and tells of it', async () => {
    const { port } = await start({ maxConnections: 2 })
    const kept = [open(port), open(port)]
    await until(() => kept.every(({ socket }) => socket.readyState === 'open'), { what: 'two connections' })
    await open(port).gone()
    expect(kept.every(({ socket }) => socket.readyState === 'open')).toBe(true)
    expect(found).toMatchObject([{ kind: 'connections', rule: 'connections', blocked: true }])
  })

  it('[SE-5] takes no more connections of one address than allowed, and again when one has gone', async () => {
    const { port } = await start({ maxConnectionsPerAddress: 2 })
    const hello = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
    const kept = [open(port, hello), open(port, hello)]
    await until(() => kept.every((client) => client.received() !== ''), { what: 'two answers' })
    const third = open(port, hello)
    await third.gone()
    expect(third.received()).toBe('')
    expect(found).toMatchObject([{ kind: 'connections', rule: 'connections-per-address' }])
    kept[0]?.socket.destroy()
    await until(async () => {
      const next = open(port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
      await next.gone()
      return next.received() !== ''
    })
  })

  it('[SE-5] closes a connection after so many requests, in good order', async () => {
    const { port } = await start({ maxRequestsPerSocket: 2 })
    const client = open(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await until(() => client.received().endsWith('ok'), { what: 'the first answer' })
    expect(client.received()).toMatch(/^connection: keep-alive\r$/im)
    client.socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await until(() => /^connection: close\r$/im.test(client.received()), { what: 'the second answer' })
    expect(client.received().match(/HTTP\/1\.1 200/g)).toHaveLength(2)
    client.socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await until(() => client.received().includes('HTTP/1.1 503'), { what: 'the refusal' })
  })
})

describe.each(versions)('hardenServer on %s', (_, express) => {
  it('[SE-5] takes what app.listen() gives', async () => {
    const app = express().use((_req, res) => void res.send('ok'))
    const server = hardenServer(app.listen(0, '127.0.0.1'), quick)
    await until(() => server.listening)
    const client = open((server.address() as { port: number }).port, 'GET / HTTP/1.1\r\n')
    await client.gone()
    expect(statusOf(client.received())).toBe(408)
    await new Promise((resolve) => server.close(resolve))
  })

  it('[SE-5] reads more header lines than requestLimits refuses, so that none is left out in silence', async () => {
    const { port, server } = await serve(express, (app) =>
      app.use(requestLimits()).use((_req, res) => void res.send('ok')),
    )
    hardenServer(server)
    const lines = (count: number): string => Array.from({ length: count }, (_x, at) => `X-${at}: 1\r\n`).join('')
    for (const count of [101, 198, 199, 500]) {
      const answer = await raw(port, `GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${lines(count)}\r\n`)
      expect([count, statusOf(answer)]).toEqual([count, 431])
    }
  })
})

describe('options of hardenServer', () => {
  it('[SE-5] has a default for every bound', () => {
    const { headersTimeout, requestTimeout, keepAliveTimeout, timeout, ...others } = hardenServer(createServer())
    expect({ headersTimeout, requestTimeout, keepAliveTimeout, timeout }).toEqual({
      headersTimeout: 15_000,
      requestTimeout: 120_000,
      keepAliveTimeout: 65_000,
      timeout: 120_000,
    })
    expect(others).toMatchObject({ maxHeadersCount: 200, maxRequestsPerSocket: 1000, maxConnections: 10_000 })
  })

  it.each<[string, unknown]>([
    ['headersTimeout', { headersTimeout: 0 }],
    ['requestTimeout', { requestTimeout: '10s' }],
    ['requestTimeout', { requestTimeout: 'never' }],
    ['keepAliveTimeout', { keepAliveTimeout: -1 }],
    ['socketTimeout', { socketTimeout: null }],
    ['checkInterval', { checkInterval: 1 }],
    ['maxHeadersCount', { maxHeadersCount: 0 }],
    ['maxRequestsPerSocket', { maxRequestsPerSocket: 1.5 }],
    ['maxConnections', { maxConnections: 0 }],
    ['maxConnectionsPerAddress', { maxConnectionsPerAddress: '5' }],
    ['timeout', { timeout: 1 }],
  ])('[SE-5] refuses a wrong `%s`, and leaves the server as it was', (option, options) => {
    const server = createServer()
    const before = server.headersTimeout
    expect.assertions(3)
    try {
      hardenServer(server, options as never)
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError)
      expect(error).toMatchObject({ factory: 'hardenServer', option })
      expect(server.headersTimeout).toBe(before)
    }
  })
})
