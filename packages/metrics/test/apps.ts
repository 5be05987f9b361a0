import { connect } from 'node:net'
import type { HttpError } from '@hardening/core'
import { listen, type Listening } from '@hardening/test-utils'
import express5 from 'express'
import express4 from 'express4'
import { parseExposition, type Exposition } from './exposition-parser.js'

export type Express = typeof express5
export type Application = ReturnType<Express>

/** Both versions of Express that the toolkit serves, for `describe.each`. */
export const versions: readonly [name: string, express: Express][] = [
  ['Express 5', express5],
  ['Express 4', express4],
]

const listening: Listening[] = []

/** Ends what {@link serve} of a test started. */
export async function closeAll(): Promise<void> {
  await Promise.all(listening.splice(0).map((server) => server.close()))
}

/** An app that `build` fills; errors are answered with their status and code. */
export async function serve(build: (app: Application) => void, express: Express = express5): Promise<Listening> {
  const app = express()
  build(app)
  app.use(((error: HttpError, _req, res, next) => {
    if (res.headersSent) return next(error)
    res.set(error.headers ?? {})
    res.status(error.status ?? 500).json({ code: error.code })
  }) as import('express').ErrorRequestHandler)
  const server = await listen(app)
  listening.push(server)
  return server
}

export const openMetricsType = 'application/openmetrics-text'

/** What `/metrics` shows, parsed. */
export async function scrape(url: string, openMetrics = false, signal?: AbortSignal): Promise<Exposition> {
  const response = await fetch(`${url}/metrics`, {
    headers: { accept: openMetrics ? openMetricsType : 'text/plain' },
    ...(signal && { signal }),
  })
  const text = await response.text()
  if (response.status !== 200) throw new Error(`${response.status}: ${text}`)
  return parseExposition(text, openMetrics)
}

/** Sends so many requests over one connection without waiting in between; resolves when all are answered. */
export function pipeline(port: number, lines: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let answered = 0
    let rest = ''
    socket.on('error', reject)
    socket.on('data', (chunk) => {
      const parts = (rest + chunk.toString('latin1')).split('HTTP/1.1 ')
      answered += parts.length - 1
      rest = (parts.at(-1) as string).slice(-8)
      if (answered < lines.length) return
      socket.destroy()
      resolve()
    })
    socket.write(lines.map((line) => `${line} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''))
  })
}
