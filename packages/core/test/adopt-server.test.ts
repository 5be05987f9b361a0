import { createServer, IncomingMessage, ServerResponse, type RequestListener, type Server } from 'node:http'
import { createServer as createHttpsServer, request as httpsRequest } from 'node:https'
import { Socket, type AddressInfo } from 'node:net'
import { Duplex } from 'node:stream'
import { afterEach, describe, expect, it } from '@jest/globals'
import { middleware } from '../src/index.js'
import { classSlots } from '../src/server/adopt-server.js'
import { versions, type Express } from './apps.js'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function open(server: Server): Promise<string> {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Whether the requests and responses of a server are the application's before it has seen them, request by request. */
function watch(server: Server, app: ReturnType<Express>): boolean[] {
  const found: boolean[] = []
  server.prependListener('request', (req: IncomingMessage, res: ServerResponse) => {
    found.push(Object.getPrototypeOf(req) === app.request && Object.getPrototypeOf(res) === app.response)
  })
  return found
}

const text = async (url: string): Promise<string> => (await fetch(url)).text()

it('[CO-7] the self-test of where a server keeps its classes passes on this Node', () => {
  expect(classSlots()).toEqual({ request: expect.any(Symbol), response: expect.any(Symbol) })
})

it('[CO-7] a server without Express is left alone', async () => {
  const step = middleware({ name: 'step', headers: [['X-Step', '1']] })
  const server = createServer((req, res) => step(req, res, () => res.end(res.constructor.name)))
  const url = await open(server)
  await text(url)
  expect(await text(url)).toBe('ServerResponse')
})

describe.each(versions)('a server of the user own on %s', (_, express) => {
  const step = middleware({ name: 'step', headers: [['X-Step', '1']] })

  it('[CO-7] makes requests for its application from the second on', async () => {
    const app = express()
    app.use(step)
    app.get('/', (_req, res) => void res.send('x'))
    const server = createServer(app)
    const found = watch(server, app)
    const url = await open(server)
    for (let count = 0; count < 3; count++) await text(url)
    expect(found).toEqual([false, true, true])
  })

  it('[CO-7] shows an application what it always saw, before and after', async () => {
    const app = express()
    app.set('title', 'one')
    Object.assign(app.request, { mine: () => 'mine' })
    app.use(step)
    const sub = express()
    sub.get('/', (req, res) => void res.json([req.baseUrl, req.app === sub, res.app === sub]))
    app.use('/sub', sub)
    app.get('/', (req, res) => {
      const { mine, late } = req as unknown as Record<'mine' | 'late', (() => string) | undefined>
      const own = [req.app === app, res.app === app, res.req === req, req.res === res, req.app.get('title')]
      res.json([...own, mine?.(), late?.(), req instanceof Object.getPrototypeOf(app.request).constructor])
    })
    app.get('/fails', () => {
      throw new Error('x')
    })
    app.use(
      ((_error, _req, res, _next) => void res.status(500).send('failed')) as import('express').ErrorRequestHandler,
    )
    const url = await open(createServer(app))
    const seen = async (): Promise<unknown[]> => [
      JSON.parse(await text(url)),
      JSON.parse(await text(`${url}/sub`)),
      await text(`${url}/fails`),
      (await fetch(`${url}/none`)).status,
    ]
    const before = await seen()
    expect(before).toEqual([[true, true, true, true, 'one', 'mine', null, true], ['/sub', true, true], 'failed', 404])
    expect(await seen()).toEqual(before)
    Object.assign(app.request, { late: () => 'late' })
    expect(JSON.parse(await text(url))).toContain('late')
  })

  it.each([
    ['a socket that no server has taken', () => new Socket()],
    ['a stream in place of a socket', () => new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })],
  ])('[CO-7] answers what comes by %s', (_what, make) => {
    const app = express()
    app.use(step)
    app.get('/', (_req, res) => void res.send('x'))
    const req = Object.assign(new IncomingMessage(make() as Socket), { method: 'GET', url: '/' })
    const res = new ServerResponse(req)
    app(req as never, res as never)
    expect([res.statusCode, res.writableEnded, res.getHeader('X-Step')]).toEqual([200, true, '1'])
  })

  it('[CO-7] keeps classes that it was given', async () => {
    class OwnResponse extends ServerResponse {}
    const app = express()
    app.use(step)
    app.get('/', (_req, res) => void res.send('x'))
    const server = createServer({ ServerResponse: OwnResponse as typeof ServerResponse }, app as RequestListener)
    const made: boolean[] = []
    server.prependListener('request', (_req, res) => made.push(Object.getPrototypeOf(res) === OwnResponse.prototype))
    const url = await open(server)
    expect([await text(url), await text(url)]).toEqual(['x', 'x'])
    expect(made).toEqual([true, true])
  })

  it('[CO-7] serves two applications and a listener without Express, each as ever', async () => {
    const [one, two] = ['one', 'two'].map((name) => {
      const app = express()
      app.set('name', name)
      app.use(step)
      app.get(/./, (req, res) => void res.json([req.app.get('name'), res.app.get('name')]))
      return app
    }) as [ReturnType<Express>, ReturnType<Express>]
    const url = await open(
      createServer((req, res) => {
        if (req.url === '/plain') res.end('plain')
        else if (req.url === '/one') one(req, res)
        else two(req, res)
      }),
    )
    const answers = []
    for (const path of ['one', 'two', 'plain', 'two', 'one', 'plain']) answers.push(await text(`${url}/${path}`))
    const [first, second] = ['["one","one"]', '["two","two"]']
    expect(answers).toEqual([first, second, 'plain', second, first, 'plain'])
    const plain = await fetch(`${url}/plain`)
    expect(plain.headers.get('x-step')).toBeNull()
  })

  it('[CO-7] may be of https', async () => {
    const app = express()
    app.use(step)
    app.get('/', (_req, res) => void res.send('x'))
    const key = Buffer.alloc(32, 1)
    const psk = { ciphers: 'PSK+HIGH:TLS_AES_128_GCM_SHA256', maxVersion: 'TLSv1.2' as const }
    const server = createHttpsServer({ ...psk, pskCallback: () => key }, app)
    const found = watch(server, app)
    const { port } = new URL(await open(server))
    for (let count = 0; count < 2; count++) {
      const pskCallback = (): { identity: string; psk: Buffer } => ({ identity: 'client', psk: key })
      const options = {
        ...psk,
        host: '127.0.0.1',
        port,
        agent: false,
        pskCallback,
        checkServerIdentity: () => undefined,
      }
      const header = await new Promise((resolve, reject) => {
        const req = httpsRequest(options as never, (res) => resolve(res.resume().headers['x-step']))
        req.on('error', reject).end()
      })
      expect(header).toBe('1')
    }
    expect(found).toEqual([false, true])
  })
})
