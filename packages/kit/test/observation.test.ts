import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { createServer as createPlainServer, type Server } from 'node:http'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from '@jest/globals'
import type { LogSink } from '@hardening/logging'
import { listen, until, type Listening } from '@hardening/test-utils'
import { harden, loadSettings, sentryOptions, type HardenOptions, type Kit } from '../src/index.js'
import { versions } from './apps.js'

type Line = Record<string, unknown>

let server: Listening | undefined
let kit: Kit | undefined
const sockets: Duplex[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await server?.close()
  await kit?.close()
})

function memorySink(lines: Line[]): LogSink {
  return {
    write: (line) => void lines.push(JSON.parse(line) as Line),
    flush: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }
}

const handshake = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'

// The server's end of an upgraded connection is nobody's to close but ours.
function serveUpgrade(_req: unknown, socket: Duplex): void {
  sockets.push(socket)
  socket.write(handshake)
}

describe.each(versions)('what harden sees of upgrades on %s', (_, express) => {
  async function start(options: HardenOptions, serve: (made: Server) => void, isOwn = false): Promise<Line[]> {
    const lines: Line[] = []
    const app = express()
    kit = harden(app, { log: { sink: memorySink(lines) }, ...options })
    app.get('/', (_req, res) => void res.send('plain'))
    const made = isOwn ? createPlainServer(app) : kit.createServer()
    if (isOwn) kit.shutdownOn(made, { exit: () => undefined, signals: [] })
    serve(made)
    server = await listen(made)
    return lines
  }

  /** Asks for a WebSocket; gives the first line of the answer. */
  async function ask(path: string): Promise<string> {
    const socket = connect(Number(new URL(server?.url ?? '').port), '127.0.0.1')
    sockets.push(socket)
    const head = `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-Request-Id: up-1\r\n\r\n`
    socket.write(head)
    const [answer] = (await once(socket, 'data')) as [Buffer]
    return answer.toString('latin1').split('\r\n')[0] as string
  }

  const requests = (lines: readonly Line[]): Line[] => lines.filter(({ message }) => message === 'request')

  it.each([
    ['made by the kit', false],
    ['of the application itself, once it shuts down with the kit', true],
  ])('[KI-1] [LO-3] E4 one line each, on a server %s', async (_server, isOwn) => {
    const lines = await start({}, (made) => void made.on('upgrade', serveUpgrade), isOwn)
    expect(await ask('/chat?token=secret-in-query')).toBe('HTTP/1.1 101 Switching Protocols')
    await until(() => requests(lines).length > 0)
    expect(requests(lines)).toMatchObject([
      { method: 'GET', path: '/chat', route: 'upgrade', status: 101, requestId: 'up-1', ip: '127.0.0.1' },
    ])
    expect(JSON.stringify(lines)).not.toContain('secret-in-query')
  })

  it('[KI-1] [LO-3] none without an access log', async () => {
    const listeners: number[] = []
    const lines = await start({ accessLog: false }, (made) => {
      made.on('upgrade', (req, socket) => {
        listeners.push(made.listenerCount('upgrade'))
        serveUpgrade(req, socket)
      })
    })
    await ask('/chat')
    expect(listeners).toEqual([1])
    expect(requests(lines)).toEqual([])
  })

  it('[KI-1] [LO-3] where nobody serves upgrades, or nobody any more, the application answers as ever', async () => {
    let made!: Server
    const lines = await start({}, (one) => (made = one))
    expect(await ask('/')).toBe('HTTP/1.1 200 OK')
    made.on('upgrade', serveUpgrade)
    expect(await ask('/')).toBe('HTTP/1.1 101 Switching Protocols')
    made.off('upgrade', serveUpgrade)
    expect(await ask('/')).toBe('HTTP/1.1 200 OK')
    await until(() => requests(lines).length === 3)
    expect(requests(lines).map(({ status }) => status)).toEqual([200, 101, 200])
  })
})

describe('sentryOptions', () => {
  function sentryAs(env: Record<string, string>): { inits: Record<string, unknown>[]; kit: Kit } {
    const inits: Record<string, unknown>[] = []
    const ended = (): Promise<boolean> => Promise.resolve(true)
    const module = {
      init: (options: Record<string, unknown>) => void inits.push(options),
      captureException: () => '',
      flush: ended,
      close: ended,
    }
    const [[, express]] = versions as unknown as [[string, (typeof versions)[number][1]]]
    kit = harden(express(), {
      log: { sink: memorySink([]) },
      sentry: sentryOptions(loadSettings(env), module),
    })
    return { inits, kit }
  }

  it('[KI-2] [LO-5] hands SENTRY_DSN and what belongs to it on', () => {
    const { inits, kit: made } = sentryAs({
      SENTRY_DSN: 'http://pub@127.0.0.1:1/42',
      SENTRY_TRACES_SAMPLE_RATE: '0.25',
      SERVICE_VERSION: '1.2.3',
      NODE_ENV: 'test',
    })
    expect(made.sentry?.enabled).toBe(true)
    expect(inits).toMatchObject([
      { dsn: 'http://pub@127.0.0.1:1/42', tracesSampleRate: 0.25, release: '1.2.3', environment: 'test' },
    ])
  })

  it('[KI-2] [LO-5] starts nothing without SENTRY_DSN', () => {
    const { inits, kit: made } = sentryAs({ NODE_ENV: 'test' })
    expect(made.sentry?.enabled).toBe(false)
    expect(inits).toEqual([])
  })
})
