import { connect, type Socket } from 'node:net'
import { request, Server, type IncomingMessage, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from '@jest/globals'
import { ConfigError } from '@hardening/core'
import { FakeClock, flush, listen, until, type Listening } from '@hardening/test-utils'
import { createHealthRegistry, gracefulShutdown, type GracefulShutdownOptions } from '../src/index.js'
import { never } from './support.js'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

type Line = [level: string, message: string, details: Readonly<Record<string, unknown>> | undefined]

async function setUp(options: GracefulShutdownOptions = {}, server: Server = new Server()) {
  const clock = new FakeClock()
  const lines: Line[] = []
  const exits: number[] = []
  const held: ServerResponse[] = []
  const log =
    (level: string) =>
    (message: string, details?: Readonly<Record<string, unknown>>): void =>
      void lines.push([level, message, details])
  const listening: Listening = await listen(server)
  server.on('request', (req: IncomingMessage, res: ServerResponse) => {
    if (req.url?.startsWith('/held')) held.push(res)
    else res.end('done')
  })
  const stop = gracefulShutdown(server, {
    clock,
    signals: [],
    logger: { info: log('info'), warn: log('warn'), error: log('error') },
    exit: (code) => void exits.push(code),
    ...options,
  })
  cleanups.push(() => listening.close(), stop.close)
  return { clock, lines, exits, held, listening, stop, server }
}

/** Asks on a keep-alive connection of its own. */
function ask(url: string): Promise<{ status: number; connection: string; text: string }> {
  return new Promise((resolve, reject) => {
    const req = request(url, { headers: { connection: 'keep-alive' }, agent: false }, (res) => {
      let text = ''
      res.setEncoding('utf8')
      res.on('data', (chunk: string) => (text += chunk))
      res.on('error', reject)
      res.on('end', () => resolve({ status: res.statusCode ?? 0, connection: res.headers.connection ?? '', text }))
    })
    req.on('error', reject)
    req.end()
  })
}

async function openSocket({ port }: Listening): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  cleanups.push(() => socket.destroy())
  await once(socket, 'connect')
  return socket
}

describe('gracefulShutdown', () => {
  it('[HE-4] an idle server ends at once with 0', async () => {
    const { stop, exits, server } = await setUp()
    expect(await stop.shutdown()).toBe(0)
    expect(exits).toEqual([0])
    expect(server.listening).toBe(false)
  })

  it('[HE-4] is not ready first, and goes on serving for the delay, with Connection: close', async () => {
    const registry = createHealthRegistry()
    const { stop, clock, server, listening, exits } = await setUp({ registry, delay: '5s' })
    expect((await ask(listening.url)).connection).toBe('keep-alive')
    const end = stop.shutdown()
    await clock.advance(4_999)
    expect([registry.draining, stop.draining, server.listening]).toEqual([true, true, true])
    expect(await ask(listening.url)).toEqual({ status: 200, connection: 'close', text: 'done' })
    await clock.advance(1)
    expect(server.listening).toBe(false)
    await expect(ask(listening.url)).rejects.toThrow('ECONNREFUSED')
    expect(await end).toBe(0)
    expect(exits).toEqual([0])
  })

  it('[HE-4] finishes what is in flight, and tells its clients to close', async () => {
    const { stop, held, listening, exits } = await setUp()
    const answers = [ask(`${listening.url}/held/1`), ask(`${listening.url}/held/2`)]
    await until(() => held.length === 2)
    const end = stop.shutdown()
    await flush()
    expect(exits).toEqual([])
    for (const res of held) res.end('finished')
    const answer = { status: 200, connection: 'close', text: 'finished' }
    expect(await Promise.all(answers)).toEqual([answer, answer])
    expect(await end).toBe(0)
  })

  it('[HE-4] waits for an answer that has begun before the stop', async () => {
    const { stop, held, listening, exits } = await setUp()
    const answer = ask(`${listening.url}/held`)
    await until(() => held.length === 1)
    held[0]?.write('first,')
    const end = stop.shutdown()
    await flush()
    expect(exits).toEqual([])
    held[0]?.end('last')
    expect((await answer).text).toBe('first,last')
    expect(await end).toBe(0)
  })

  it('[HE-4] lets go of idle keep-alive connections', async () => {
    const { stop, listening } = await setUp()
    const socket = await openSocket(listening)
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await once(socket, 'data')
    const closed = once(socket, 'close')
    expect(await stop.shutdown()).toBe(0)
    await closed
  })

  it('[HE-4] ends connections that were opened and never used, after a second', async () => {
    const { stop, listening, clock, server } = await setUp()
    await Promise.all([openSocket(listening), once(server, 'connection')])
    const end = stop.shutdown()
    await clock.advance(999)
    const tick = setInterval(() => void clock.advance(1), 1)
    cleanups.push(() => clearInterval(tick))
    expect(await end).toBe(0)
  })

  it('[HE-4] says goodbye on upgraded connections, and cuts off those that do not answer it', async () => {
    const { stop, listening, clock, server } = await setUp()
    server.on('upgrade', (_req, socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n'))
    const socket = await openSocket(listening)
    socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: own\r\n\r\n')
    await once(socket, 'data')
    const goodbye = once(socket, 'end')
    const end = stop.shutdown()
    const tick = setInterval(() => void clock.advance(100), 1)
    cleanups.push(() => clearInterval(tick))
    await goodbye
    expect(await end).toBe(0)
  })

  it('[HE-4] leaves requests that ask for an upgrade to the application where it knows of none', async () => {
    const { listening } = await setUp()
    const socket = await openSocket(listening)
    socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n')
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString()).toContain('200 OK')
  })

  it('[HE-4] G7 names a stuck request at the deadline without its query, cuts it off and ends with 1', async () => {
    const { stop, held, listening, clock, lines, exits } = await setUp({ deadline: '10s' })
    const answer = ask(`${listening.url}/held/7?token=hunter2`)
    answer.catch(() => undefined)
    await until(() => held.length === 1)
    const end = stop.shutdown('SIGTERM')
    await clock.advance(10_000)
    expect(await end).toBe(1)
    expect(exits).toEqual([1])
    await expect(answer).rejects.toThrow(/hang up|ECONNRESET/)
    expect(lines).toEqual([
      ['info', 'Shutting down', { reason: 'SIGTERM', inFlight: 1 }],
      ['error', expect.stringContaining('deadline'), { requests: ['GET /held/7'] }],
    ])
  })

  it('[HE-4] runs hooks by phase, those of one phase side by side', async () => {
    const { stop, held, listening } = await setUp()
    const answer = ask(`${listening.url}/held`)
    await until(() => held.length === 1)
    const said: string[] = []
    const hook = (name: string, turns: number) => async (): Promise<void> => {
      said.push(`${name} begins`)
      for (let turn = 0; turn < turns; turn++) await flush()
      said.push(`${name} ends`)
    }
    stop.onShutdown('flush', 'logs', hook('logs', 1))
    stop.onShutdown('after', 'database', hook('database', 3))
    stop.onShutdown('after', 'redis', hook('redis', 1))
    stop.onShutdown('before', 'queue', hook('queue', 1))
    const end = stop.shutdown()
    await until(() => said.includes('queue ends'))
    await flush()
    expect(said).toEqual(['queue begins', 'queue ends'])
    held[0]?.end()
    await answer
    expect(await end).toBe(0)
    expect(said.slice(2)).toEqual([
      'database begins',
      'redis begins',
      'redis ends',
      'database ends',
      'logs begins',
      'logs ends',
    ])
  })

  it('[HE-4] a failing hook stops no other, nor the stop', async () => {
    const { stop, lines } = await setUp()
    const ran: string[] = []
    const fail = new Error('no')
    stop.onShutdown('after', 'throws', () => {
      throw fail
    })
    stop.onShutdown('after', 'rejects', () => Promise.reject(fail))
    stop.onShutdown('after', 'well', () => ran.push('well'))
    stop.onShutdown('flush', 'last', () => ran.push('last'))
    expect(await stop.shutdown()).toBe(0)
    expect(ran).toEqual(['well', 'last'])
    expect(lines.slice(1)).toEqual([
      ['error', 'A shutdown hook failed', { hook: 'throws', error: fail }],
      ['error', 'A shutdown hook failed', { hook: 'rejects', error: fail }],
    ])
  })

  it('[HE-4] leaves a hook that hangs after its own time, and fires its signal', async () => {
    const { stop, lines, clock } = await setUp({ hookTimeout: '5s' })
    const ends: string[] = []
    const hang = (name: string) => (signal: AbortSignal) => {
      signal.addEventListener('abort', () => ends.push(name))
      return never()
    }
    stop.onShutdown('after', 'long', hang('long'))
    stop.onShutdown('after', 'short', hang('short'), { timeout: '1s' })
    stop.onShutdown('flush', 'last', () => ends.push('last'))
    const end = stop.shutdown()
    await until(() => clock.pending > 2)
    await clock.advance(1_000)
    expect(ends).toEqual(['short'])
    await clock.advance(4_000)
    expect(await end).toBe(0)
    expect(ends).toEqual(['short', 'long', 'last'])
    expect(lines.slice(1).map(([level, , details]) => [level, details])).toEqual([
      ['warn', { hook: 'short', afterMs: 1_000 }],
      ['warn', { hook: 'long', afterMs: 5_000 }],
    ])
  })

  it('[HE-4] flushes at the deadline too, once, and fires the signals of hooks that still run', async () => {
    const { stop, clock } = await setUp({ deadline: '3s' })
    const ran: string[] = []
    stop.onShutdown('after', 'database', (signal) => {
      signal.addEventListener('abort', () => ran.push('database given up'))
      return never()
    })
    stop.onShutdown('flush', 'logs', () => ran.push('logs'))
    const end = stop.shutdown()
    await until(() => clock.pending > 1)
    await clock.advance(3_000)
    expect(await end).toBe(1)
    await clock.advance(10_000)
    expect(ran).toEqual(['database given up', 'logs'])
  })

  it('[HE-4] is one stop however often it is asked for', async () => {
    const { stop, exits } = await setUp()
    let hooks = 0
    stop.onShutdown('after', 'once', () => (hooks += 1))
    expect(await Promise.all([stop.shutdown(), stop.shutdown(), stop.shutdown()])).toEqual([0, 0, 0])
    expect({ exits, hooks }).toEqual({ exits: [0], hooks: 1 })
  })

  it('[HE-4] takes its signal handlers off again', async () => {
    const before = process.listenerCount('SIGUSR2')
    const { stop } = await setUp({ signals: ['SIGUSR2'] })
    expect(process.listenerCount('SIGUSR2')).toBe(before + 1)
    stop.close()
    expect(process.listenerCount('SIGUSR2')).toBe(before)
  })

  it('[HE-4] G8 two servers in one process stop each for themselves', async () => {
    const one = await setUp()
    const two = await setUp()
    expect(await one.stop.shutdown()).toBe(0)
    expect(two.stop.draining).toBe(false)
    expect(await ask(two.listening.url)).toMatchObject({ status: 200, connection: 'keep-alive' })
  })

  it('[HE-4] puts no listener on a response while nothing is shut down', async () => {
    const { held, listening } = await setUp()
    const plain = await listen((_req, res) => void held.push(res))
    cleanups.push(plain.close)
    const answers = [ask(plain.url), ask(`${listening.url}/held`)]
    await until(() => held.length === 2)
    const [without, withStop] = held
    expect(withStop?.eventNames()).toEqual(without?.eventNames())
    for (const res of held) res.end()
    await Promise.all(answers)
  })

  it.each<[string, unknown]>([
    ['option', { grace: 1 }],
    ['delay', { delay: 'soon' }],
    ['delay', { delay: '30s', deadline: '30s' }],
    ['deadline', { deadline: 0 }],
    ['hookTimeout', { hookTimeout: 0 }],
    ['exit', { exit: 1 }],
  ])('[HE-4] refuses a wrong %s', (_option, options) => {
    expect(() => gracefulShutdown(new Server(), options as GracefulShutdownOptions)).toThrow(ConfigError)
  })

  it('[HE-4] refuses what is no server, and hooks that are none', async () => {
    expect(() => gracefulShutdown((() => undefined) as never)).toThrow(ConfigError)
    const { stop } = await setUp()
    expect(() => stop.onShutdown('later' as never, 'x', () => undefined)).toThrow(ConfigError)
    expect(() => stop.onShutdown('after', '', () => undefined)).toThrow(ConfigError)
    expect(() => stop.onShutdown('after', 'x', 1 as never)).toThrow(ConfigError)
    expect(() => stop.onShutdown('after', 'x', () => undefined, { timeout: 0 })).toThrow(ConfigError)
  })
})
