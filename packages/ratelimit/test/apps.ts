import { afterEach, beforeEach } from '@jest/globals'
import { channels, type HttpError, type RateLimitDecisionMessage } from '@hardening/core'
import { listen, type Listening } from '@hardening/test-utils'
import express5 from 'express'
import express4 from 'express4'

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

/** An app that `build` fills; what it does not route is answered with 200, errors as problems (RFC 9457). */
export async function serve(build: (app: Application) => void, express: Express = express5): Promise<Listening> {
  const app = express()
  build(app)
  app.use((_req, res) => void res.json({ ok: true }))
  app.use(((error: HttpError, _req, res, next) => {
    if (res.headersSent) return next(error)
    const { type, title, status = 500, code, detail = String(error), extensions } = error
    res.set(error.headers ?? {})
    res.status(status).type('application/problem+json')
    res.send(JSON.stringify({ type, title, status, code, detail, ...extensions }))
  }) as import('express').ErrorRequestHandler)
  const server = await listen(app)
  listening.push(server)
  return server
}

/** Statuses of so many requests, one after the other. */
export async function statuses(url: string, count: number, init?: RequestInit): Promise<number[]> {
  const found: number[] = []
  for (let at = 0; at < count; at++) {
    const response = await fetch(url, init)
    await response.arrayBuffer()
    found.push(response.status)
  }
  return found
}

/** Collects the decisions that are told while a test runs. */
export function decisions(): RateLimitDecisionMessage[] {
  const found: RateLimitDecisionMessage[] = []
  const listener = (message: RateLimitDecisionMessage): void => void found.push(message)
  beforeEach(() => {
    found.length = 0
    channels.rateLimitDecision.subscribe(listener)
  })
  afterEach(() => channels.rateLimitDecision.unsubscribe(listener))
  return found
}
