import { request as httpRequest, type IncomingMessage } from 'node:http'
import { afterEach } from '@jest/globals'
import { FakeClock, listen, type Listening } from '@hardening/test-utils'
import type { Request, Response } from 'express'
import { responseCache, type ResponseCacheMiddleware, type ResponseCacheOptions } from '../src/index.js'
import type { Express } from './apps.js'

export type Lines = Record<string, string | string[]>

export interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** What the route answers with. */
export interface Reply {
  readonly status?: number
  readonly headers?: Lines
  readonly body?: string
}

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

/** An application with a response cache as it comes, in front of a route that says what the test tells it to. */
export class Site {
  readonly clock: FakeClock = new FakeClock()
  /** What came to the route. */
  readonly calls: Request[] = []
  cache!: ResponseCacheMiddleware
  #server!: Listening

  static async open(
    express: Express,
    route: Reply | ((req: Request, turn: number) => Reply),
    options: ResponseCacheOptions = {},
  ): Promise<Site> {
    const site = new Site()
    site.cache = responseCache({ clock: site.clock, ...options })
    const app = express()
    app.disable('etag')
    app.use(site.cache)
    app.use((req: Request, res: Response) => {
      site.calls.push(structuredHead(req))
      const turn = site.calls.length
      const { status = 200, headers = {}, body } = typeof route === 'function' ? route(req, turn) : route
      res.statusCode = status
      for (const [name, value] of Object.entries(headers)) res.setHeader(name, value)
      const isBodiless = status === 204 || status === 304
      if (body === undefined && !res.hasHeader('content-type') && !isBodiless)
        res.setHeader('Content-Type', 'text/plain')
      res.end(isBodiless ? undefined : (body ?? `body ${turn}`))
    })
    const server = await listen(app)
    site.#server = server
    open.push(
      () => server.close(),
      () => site.cache.close(),
    )
    return site
  }

  ask(headers: Lines = {}, { path = '/', method = 'GET' } = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const req = httpRequest({ port: this.#server.port, path, method, headers, agent: false }, (res) => {
        const chunks: Buffer[] = []
        res.on('data', (chunk: Buffer) => chunks.push(chunk))
        res.on('end', () =>
          resolve({ status: res.statusCode ?? 0, headers: res.headers, body: Buffer.concat(chunks).toString() }),
        )
        res.on('error', reject)
      })
      req.on('error', reject)
      req.end()
    })
  }

  /** Lets so many seconds go by. */
  wait(seconds: number): Promise<void> {
    return this.clock.advance(seconds * 1000)
  }
}

/** The head as the route saw it, which a later step may change. */
function structuredHead(req: Request): Request {
  return Object.assign(Object.create(req) as Request, { headers: { ...req.headers } })
}
