import type { Server } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach } from '@jest/globals'
import { channels, type HttpError, type ThreatMessage } from '@hardening/core'
import { listen, type App, type Listening } from '@hardening/test-utils'
import express5 from 'express'
import express4 from 'express4'

export type Express = typeof express5
type Application = ReturnType<Express>

/** Both versions of Express that the toolkit serves, for `describe.each`. */
export const versions: readonly [name: string, express: Express][] = [
  ['Express 5', express5],
  ['Express 4', express4],
]

const listening: Listening[] = []
const floods: NodeJS.Timeout[] = []

/** Ends what {@link serve}, {@link serveApp} and {@link drip} of a test started. */
export async function closeAll(): Promise<void> {
  for (const flood of floods.splice(0)) clearInterval(flood)
  await Promise.all(listening.splice(0).map((server) => server.close()))
}

export async function serveApp(app: App | Server): Promise<Listening> {
  const server = await listen(app)
  listening.push(server)
  return server
}

/** An app of `express` that `build` fills; errors are answered with their status and code, as JSON. */
export function serve(express: Express, build: (app: Application) => void): Promise<Listening> {
  const app = express()
  build(app)
  app.use(((error: HttpError, _req, res, next) => {
    if (res.headersSent) return next(error)
    res.set(error.headers ?? {})
    res.status(error.status ?? 500).json({ code: error.code, detail: error.detail ?? String(error) })
  }) as import('express').ErrorRequestHandler)
  return serveApp(app)
}

/** Sends `text` again and again until the test or the connection ends. */
export function drip(socket: Socket, text: string, everyMs: number): void {
  floods.push(setInterval(() => socket.writable && socket.write(text), everyMs))
}

/** Sends bytes as they are and gives the whole answer; ends when the server closes the connection. */
export function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let answer = ''
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => (answer += chunk))
    socket.on('error', reject)
    socket.on('close', () => resolve(answer))
    socket.write(text, 'latin1')
  })
}

/** The status in what {@link raw} gave. */
export function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1])
}

/** Collects what guards tell of threats while a test runs. */
export function threats(): ThreatMessage[] {
  const found: ThreatMessage[] = []
  const listener = (message: ThreatMessage): void => void found.push(message)
  beforeEach(() => {
    found.length = 0
    channels.threat.subscribe(listener)
  })
  afterEach(() => channels.threat.unsubscribe(listener))
  return found
}
