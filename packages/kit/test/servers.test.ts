import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { symlinkSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer, request as httpRequest, type Server } from 'node:http'
import { createServer as createHttpsServer, request as httpsRequest } from 'node:https'
import { connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { TlsOptions } from 'node:tls'
import { afterEach, describe, expect, it } from '@jest/globals'
import { compilePackages, freePort, startChild, until } from '@hardening/test-utils'
import type { LogSink } from '@hardening/logging'
import { harden, serverOptions, type HardenOptions, type Kit } from '../src/index.js'
import { versions } from './apps.js'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

/** A key that both ends know stands for a certificate. */
const sharedKey = Buffer.from('a key of a test')
const psk: TlsOptions = { ciphers: 'PSK', maxVersion: 'TLSv1.2', pskCallback: () => sharedKey }

describe.each(versions)('servers of a hardened application of %s', (_, express) => {
  function make(options: HardenOptions = {}): {
    app: ReturnType<typeof express>
    kit: Kit
    lines: { message: string; path?: string; aborted?: boolean; status?: number }[]
  } {
    const lines: { message: string }[] = []
    const sink: LogSink = {
      write: (line) => void lines.push(JSON.parse(line) as { message: string }),
      flush: () => Promise.resolve(),
      close: () => Promise.resolve(),
    }
    const app = express()
    const kit = harden(app, { log: { sink }, ...options })
    ends.push(() => kit.close())
    return { app, kit, lines }
  }

  function endLater(server: Server): void {
    ends.push(async () => {
      if (server.listening) {
        const closed = once(server, 'close')
        server.close()
        server.closeAllConnections()
        await closed
      }
    })
  }

  async function open(server: Server): Promise<number> {
    endLater(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }

  it('[KI-1] app.listen makes the server that spares Express work, and takes all that it takes elsewhere', async () => {
    const { app } = make()
    let names: string[] = []
    app.get('/', (req, res) => {
      names = [req.constructor.name, res.constructor.name]
      res.send('ok')
    })
    const path = join(tmpdir(), `kit-${process.pid}-${Math.random()}.sock`)
    for (const listen of [
      (ready: () => void) => app.listen(0, ready),
      (ready: () => void) => app.listen(0, '127.0.0.1', ready),
      (ready: () => void) => app.listen(0, '127.0.0.1', 10, ready),
      (ready: () => void) => app.listen(path, ready),
    ]) {
      const server = await new Promise<Server>((resolve) => {
        const made = listen(() => resolve(made))
      })
      endLater(server)
      const address = server.address() as AddressInfo | string
      const to = typeof address === 'string' ? { socketPath: address } : { port: address.port, host: '127.0.0.1' }
      const status = await new Promise((resolve, reject) => {
        httpRequest({ ...to, agent: false }, (res) => resolve(res.resume().statusCode))
          .on('error', reject)
          .end()
      })
      expect([status, ...names]).toEqual([200, 'ExpressRequest', 'ExpressResponse'])
    }
  })

  it('[KI-1] https, with the requests and responses of the application', async () => {
    const { app } = make()
    app.get('/', (req, res) => {
      res.json({ secure: req.secure, protocol: req.protocol, own: Object.getPrototypeOf(req) === app.request })
    })
    const server = createHttpsServer({ ...psk, ...serverOptions(app) }, app)
    const port = await open(server)
    const client = {
      port,
      agent: false,
      ciphers: 'PSK',
      maxVersion: 'TLSv1.2',
      checkServerIdentity: () => undefined,
    } as const
    const answer = await new Promise<{ headers: Record<string, unknown>; body: string }>((resolve, reject) => {
      const req = httpsRequest(
        { ...client, pskCallback: () => ({ psk: sharedKey, identity: 'test' }) } as never,
        (res) => {
          let body = ''
          res.setEncoding('utf8')
          res.on('data', (chunk: string) => (body += chunk))
          res.on('end', () => resolve({ headers: res.headers, body }))
        },
      )
      req.on('error', reject).end()
    })
    expect(JSON.parse(answer.body)).toEqual({ secure: true, protocol: 'https', own: true })
    expect(answer.headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-request-id': expect.any(String) })
  })

  it('[KI-1] a WebSocket passes by, before and after requests on other connections', async () => {
    const { app, kit } = make({ rateLimit: { policies: [{ limit: 2, window: '1m' }] } })
    app.get('/', (_req, res) => void res.send('ok'))
    const server = kit.createServer()
    server.on('upgrade', (req, socket) => {
      const accept = createHash('sha1')
        .update(`${String(req.headers['sec-websocket-key'])}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
        .digest('base64')
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      )
      socket.on('data', (frame: Buffer) => {
        // A masked text of fewer than 126 bytes goes back unmasked.
        const mask = frame.subarray(2, 6)
        const text = frame.subarray(6).map((byte, at) => byte ^ (mask[at % 4] as number))
        socket.end(Buffer.concat([Buffer.from([0x81, text.length]), text]))
      })
    })
    const port = await open(server)
    const shakeHands = (): Promise<string> =>
      new Promise((resolve, reject) => {
        let seen = ''
        const socket = connect(port, '127.0.0.1', () => {
          socket.write(
            'GET /chat HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
              'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
          )
        })
        socket.setEncoding('latin1')
        socket.on('data', (chunk: string) => {
          const isFirst = seen === ''
          seen += chunk
          if (isFirst) socket.write(Buffer.from([0x81, 0x82, 1, 2, 3, 4, 0x68 ^ 1, 0x69 ^ 2]))
        })
        socket.on('error', reject)
        socket.on('close', () => resolve(seen))
      })
    const first = await shakeHands()
    expect(first).toContain('Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
    expect(first.endsWith('\u0081\u0002hi')).toBe(true)
    const statuses: number[] = []
    for (let at = 0; at < 4; at++) statuses.push((await fetch(`http://127.0.0.1:${port}`)).status)
    expect(statuses).toEqual([200, 200, 429, 429])
    expect(await shakeHands()).toBe(first)
  })

  it('[KI-1] a client that goes in mid-answer ends the request once, and what the route still writes hurts nobody', async () => {
    const { app, kit, lines } = make()
    let closed = 0
    const source = new Readable({ read() {} })
    app.get('/stream', (_req, res) => {
      res.on('close', () => closed++)
      res.type('text')
      source.pipe(res)
      source.push('x'.repeat(2000))
    })
    let arrived = (): void => {}
    app.get('/late', (req, res) => {
      arrived()
      req.on('close', () => setImmediate(() => res.json({ late: true })))
    })
    const port = await open(kit.createServer())
    for (const path of ['/stream', '/late']) {
      const socket = connect(port, '127.0.0.1', () => {
        socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n`)
      })
      arrived = () => socket.destroy()
      socket.once('data', arrived)
      await once(socket, 'close')
      await until(() => lines.some((line) => line.path === path))
      source.push('more')
    }
    expect(closed).toBe(1)
    expect(lines.filter(({ message }) => message === 'request')).toHaveLength(2)
    expect((await fetch(`http://127.0.0.1:${port}/health/liveness`)).status).toBe(200)
  })

  it('[KI-1] two applications in one process never meet', async () => {
    const [one, two] = [make(), make({ headers: false })]
    Object.assign(one.app.request, { mark: 'one' })
    Object.assign(two.app.request, { mark: 'two' })
    const texts: unknown[] = []
    for (const { app, kit } of [one, two]) {
      app.get(
        '/',
        (req, res) => void res.json({ mark: (req as never as { mark: string }).mark, mine: req.app === app }),
      )
      const answer = await fetch(`http://127.0.0.1:${await open(kit.createServer())}`)
      texts.push([await answer.json(), answer.headers.get('x-content-type-options')])
    }
    expect(texts).toEqual([
      [{ mark: 'one', mine: true }, 'nosniff'],
      [{ mark: 'two', mine: true }, null],
    ])
  })

  it('[KI-1] an application behind another one keeps its own requests, responses and settings', async () => {
    const { app, kit } = make()
    const inner = express()
    Object.assign(inner.request, { mark: 'inner' })
    inner.set('json spaces', 1)
    inner.get(
      '/',
      (req, res) => void res.json({ mark: (req as never as { mark: string }).mark, mine: res.app === inner }),
    )
    app.use('/inner', inner)
    app.get(
      '/after',
      (req, res) => void res.json({ mark: (req as never as { mark?: string }).mark ?? null, mine: req.app === app }),
    )
    const port = await open(kit.createServer())
    const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`)
    const answer = await get('/inner')
    expect(await answer.text()).toBe('{\n "mark": "inner",\n "mine": true\n}')
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(await (await get('/after')).text()).toBe('{"mark":null,"mine":true}')
  })

  it('[KI-1] a plain server serves the same application meanwhile', async () => {
    const { app, kit } = make()
    app.get('/', (req, res) => void res.json({ own: Object.getPrototypeOf(req) === app.request, ip: req.ip }))
    const ports = [await open(kit.createServer()), await open(createHttpServer(app))]
    for (const port of [...ports, ...ports]) {
      const answer = await fetch(`http://127.0.0.1:${port}`)
      expect(await answer.json()).toEqual({ own: true, ip: '127.0.0.1' })
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    }
  })
})

describe('servers in a cluster', () => {
  const program = `
const cluster = require('node:cluster')
const { createServer } = require('@hardening/kit/server.js')
if (cluster.isPrimary) {
  cluster.schedulingPolicy = cluster.SCHED_RR
  for (let at = 0; at < 2; at++) cluster.fork()
  let listening = 0
  cluster.on('listening', () => { if (++listening === 2) console.log('ready') })
} else {
  const app = require(process.argv[3])()
  app.get('/', (req, res) => {
    res.set('connection', 'close').json({ pid: process.pid, own: Object.getPrototypeOf(req) === app.request })
  })
  createServer(app).listen(Number(process.argv[2]), '127.0.0.1')
}
`

  it.each(['express', 'express4'])('[KI-1] two workers share a port, with %s', async (library) => {
    const { folder, remove } = compilePackages('core', 'security', 'kit')
    const modules = (of: string, name: string): string => join(__dirname, '../..', of, 'node_modules', name)
    for (const [of, name] of [
      ['security', 'helmet'],
      ['security', 'cors'],
      ['kit', library],
    ] as const)
      symlinkSync(modules(of, name), join(folder, 'node_modules', name))
    writeFileSync(join(folder, 'main.cjs'), program)
    const port = await freePort()
    const child = startChild('env', ['-u', 'NODE_PATH', process.execPath, 'main.cjs', String(port), library], folder)
    ends.push(async () => {
      child.signal('SIGKILL')
      await child.ended()
      remove()
    })
    await child.waitFor(/ready/)
    const workers = new Set<unknown>()
    for (let at = 0; at < 6; at++) {
      const { pid, own } = (await (await fetch(`http://127.0.0.1:${port}`)).json()) as { pid: number; own: boolean }
      expect(own).toBe(true)
      workers.add(pid)
    }
    expect(workers.size).toBe(2)
  })
})
