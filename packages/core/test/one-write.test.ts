import { createServer, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import { listen, until, type Listening } from '@hardening/test-utils'
import { canEndInOne, middleware } from '../src/index.js'
import { versions } from './apps.js'

let servers: Listening[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
  servers = []
})

type Route = (res: ServerResponse) => void

/** Everything that comes on a connection until its end. */
function wire({ port }: Listening, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    let text = ''
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => (text += chunk))
    socket.on('error', reject)
    socket.on('close', () => resolve(text.replaceAll(/Date: [^\r]+/g, 'Date: x')))
  })
}

describe('answers in one write', () => {
  it('[CO-7] this Node allows them', () => {
    expect(canEndInOne()).toBe(true)
  })

  it.each(versions)('[CO-7] send text as one chunk on %s', async (_name, express) => {
    const app = express()
    app.use(middleware({ name: 'step', headers: [['X-Step', '1']] }))
    app.use((_req, res) => void res.setHeader('Content-Length', 4).end('body'))
    const server = await listen(app)
    servers.push(server)
    const writes: unknown[] = []
    server.server.on('connection', (socket) => {
      const write = socket.write.bind(socket) as (...args: unknown[]) => boolean
      Object.assign(socket, {
        write(...args: unknown[]) {
          writes.push(args[0])
          return write(...args)
        },
      })
    })
    const text = await wire(server, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    expect(writes).toHaveLength(1)
    expect(text).toContain('\r\nX-Step: 1\r\n')
    expect(text.endsWith('\r\n\r\nbody')).toBe(true)
  })

  const much = 'x'.repeat(20_000)
  const ways: Record<string, Route> = {
    'text of Latin letters': (res) => res.setHeader('Content-Length', 4).end('text'),
    'text of others': (res) => res.setHeader('Content-Length', 6).end('é€x'),
    'text in Latin-1': (res) => res.setHeader('Content-Length', 3).end('éàx', 'latin1'),
    'text in another encoding': (res) => res.setHeader('Content-Length', 3).end('616263', 'hex'),
    bytes: (res) => res.setHeader('Content-Length', 4).end(Buffer.from([0, 0x7f, 0x80, 0xff])),
    'bytes that are no Buffer': (res) => res.setHeader('Content-Length', 2).end(new Uint8Array([0x80, 0xff])),
    'many bytes': (res) => res.setHeader('Content-Length', much.length).end(Buffer.from(much)),
    'no length': (res) => res.end('text'),
    'no body': (res) => res.setHeader('Content-Length', 0).end(''),
    'much text': (res) => res.setHeader('Content-Length', much.length).end(much),
    'a callback': (res) => res.setHeader('Content-Length', 4).end('text', () => undefined),
    'a callback in another place': (res) => res.setHeader('Content-Length', 4).end('text', 'utf8', () => undefined),
    'a head that is out': (res) => res.writeHead(200, { 'Content-Length': '4' }).end('text'),
    'a chunk before': (res) => {
      res.setHeader('Content-Length', 8).write('text')
      res.end('text')
    },
    chunks: (res) => res.setHeader('Transfer-Encoding', 'chunked').setHeader('Content-Length', 4).end('text'),
    'a status without body': (res) => {
      res.statusCode = 304
      res.setHeader('Content-Length', 4).end('text')
    },
    'a status line of its own': (res) => {
      res.statusMessage = 'Fine'
      res.setHeader('Content-Length', 4).end('text')
    },
    'an end of the connection': (res) =>
      res.setHeader('Connection', 'close').setHeader('Content-Length', 4).end('text'),
    'a wrong length': (res) => res.setHeader('Connection', 'close').setHeader('Content-Length', 2).end('text'),
    'a right length where lengths are strict': (res) => {
      res.strictContentLength = true
      res.setHeader('Content-Length', 4).end('text')
    },
    'a second end': (res) => {
      res.setHeader('Content-Length', 4).end('text')
      res.end()
    },
  }

  it.each(Object.entries(ways))('[CO-7] are what Node sends: %s', async (_what, route) => {
    const requests = ['GET', 'HEAD', 'POST', 'GET'].map(
      (method, at) =>
        `${method} / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n${at === 3 ? 'Connection: close\r\n' : ''}\r\n`,
    )
    const said: string[] = []
    const told: unknown[] = []
    for (const ours of [false, true]) {
      const step = middleware({
        name: 'step',
        end: ({ status, bytes, aborted }) => void told.push([status, bytes, aborted]),
      })
      const server = await listen(createServer((req, res) => (ours ? step(req, res, () => route(res)) : route(res))))
      servers.push(server)
      said.push(await wire(server, requests.join('')))
    }
    expect(said[0]).not.toBe('')
    expect(said[1]).toBe(said[0])
    // What follows the end of a connection may be begun, and is never answered.
    expect((told[0] as unknown[])[2]).toBe(false)
  })

  it.each<[string, (res: ServerResponse, done: () => void) => void]>([
    ['behind the text', (res, done) => res.end('text', done)],
    ['behind the encoding', (res, done) => res.end('text', 'utf8', done)],
    ['behind bytes', (res, done) => res.end(Buffer.from('text'), done)],
  ])('[CO-7] call back as ever: %s', async (_what, end) => {
    const step = middleware({ name: 'step' })
    let called = 0
    const route = (res: ServerResponse): void => end(res.setHeader('Content-Length', 4), () => called++)
    const server = await listen(createServer((req, res) => step(req, res, () => route(res))))
    servers.push(server)
    await (await fetch(server.url)).text()
    await until(() => called > 0)
    expect(called).toBe(1)
  })

  it('[CO-7] come in the order of the requests, and finish and close as ever', async () => {
    const events: string[] = []
    let at = 0
    const step = middleware({ name: 'step' })
    const server = await listen(
      createServer((req, res) =>
        step(req, res, () => {
          const mine = at++
          res.on('finish', () => events.push(`finish ${mine}`))
          res.on('close', () => events.push(`close ${mine}`))
          const send = (): void => void res.setHeader('Content-Length', 1).end(String(mine))
          if (mine === 0) setImmediate(() => setImmediate(send))
          else send()
          expect(res.writableEnded).toBe(mine !== 0)
        }),
      ),
    )
    servers.push(server)
    const one = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'
    const text = await wire(server, one + one + one.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'))
    expect([...text.matchAll(/\r\n\r\n(\d)/g)].map(([, digit]) => digit)).toEqual(['0', '1', '2'])
    expect(events.filter((event) => event.startsWith('finish'))).toEqual(['finish 0', 'finish 1', 'finish 2'])
    expect(events.filter((event) => event.startsWith('close'))).toHaveLength(3)
  })

  it('[CO-7] leave a response that is strict about its length to Node', async () => {
    const step = middleware({ name: 'step' })
    let error: unknown
    const server = await listen(
      createServer((req, res) =>
        step(req, res, () => {
          res.strictContentLength = true
          res.setHeader('Content-Length', 2)
          try {
            res.end('text')
          } catch (thrown) {
            error = thrown
            res.destroy()
          }
        }),
      ),
    )
    servers.push(server)
    await wire(server, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n').catch(() => '')
    expect(error).toMatchObject({ code: 'ERR_HTTP_CONTENT_LENGTH_MISMATCH' })
  })
})
