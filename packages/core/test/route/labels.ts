import { IncomingMessage, request } from 'node:http'
import { Socket } from 'node:net'
import express5 from 'express'
import express4 from 'express4'
import { listen, until, type App } from '@hardening/test-utils'
import { captureRoute, routeTemplate } from '../../src/route/index.js'
import type { Express } from '../apps.js'

export type Application = ReturnType<Express>
export type Router = ReturnType<Express['Router']>

/** What a version writes differently. */
export interface Dialect {
  readonly name: string
  readonly express: Express
  /** Prepares the application once all is mounted. */
  readonly finish: (app: Application) => void
  readonly splat: (name: string) => string
  readonly optional: (name: string) => string
  readonly is4: boolean
}

const five = {
  express: express5,
  splat: (name: string) => `*${name}`,
  optional: (name: string) => `{/:${name}}`,
  is4: false,
}

/** Express 4 and 5, and 5 as it was before 5.3, when layers did not keep the paths that they were made with. */
export const dialects: readonly [name: string, dialect: Dialect][] = [
  { ...five, name: 'Express 5', finish: () => {} },
  { ...five, name: 'Express 5.0 to 5.2', finish: (app: Application) => forgetPaths(app, new Set()) },
  {
    name: 'Express 4',
    express: express4,
    finish: () => {},
    splat: () => '*',
    optional: (name: string) => `/:${name}?`,
    is4: true,
  },
].map((dialect) => [dialect.name, dialect])

function forgetPaths(at: unknown, seen: Set<unknown>): void {
  if (typeof at !== 'function' || seen.has(at)) return
  seen.add(at)
  const { stack } = ('lazyrouter' in at ? {} : 'router' in at ? at.router : at) as { stack?: unknown }
  if (!Array.isArray(stack)) return
  for (const layer of stack as { rawPath?: unknown; handle?: unknown }[]) {
    delete layer.rawPath
    forgetPaths(layer.handle, seen)
  }
}

/** A request: a path, with a method before it where that is not GET. */
export type Ask = string

/** The prototype of an application's requests, which Express's types leave out. */
export function requestsOf(app: unknown): object {
  return (app as { request: object }).request
}

/** Mounts what sees each response to its end, first of all. */
export function observe(app: Pick<Application, 'use'>, labels: string[], root?: () => unknown): void {
  app.use((req, res, next) => {
    const top = root?.() ?? req.app
    captureRoute(requestsOf(top))
    res.on('close', () => labels.push(routeTemplate(req, top)))
    next()
  })
}

/** The label of each request, asked one after the other over HTTP. */
export async function labelsOf(
  { express, finish }: Pick<Dialect, 'express' | 'finish'>,
  build: (app: Application) => void,
  ...asks: readonly Ask[]
): Promise<string[]> {
  const app = express()
  const labels: string[] = []
  observe(app, labels)
  build(app)
  finish(app)
  // What Express prints of errors nobody handles.
  app.set('env', 'test')
  await askAll(app, asks, labels)
  return labels
}

/** Asks an app and waits for a label of each answer. */
export async function askAll(app: unknown, asks: readonly Ask[], labels: string[]): Promise<number[]> {
  const server = await listen(app as App)
  const statuses: number[] = []
  try {
    for (const ask of asks) {
      const [path = '', method = 'GET'] = ask.split(' ').reverse()
      const before = labels.length
      statuses.push(await statusOf(server.port, method, path))
      await until(() => labels.length > before)
    }
  } finally {
    await server.close()
  }
  return statuses
}

function statusOf(port: number, method: string, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request({ port, host: '127.0.0.1', method, path, agent: false }, (res: IncomingMessage) => {
      res.resume()
      res.on('end', () => resolve(res.statusCode ?? 0))
    })
      .on('error', reject)
      .end()
  })
}

/** The label of a request that never sees a network, given to the application as it is: 404 where nothing answers. */
export function labelOf(app: Application, url: string, extra: object = {}): Promise<string> {
  const req = Object.assign(new IncomingMessage(new Socket()), { url, method: 'GET' }, extra)
  return new Promise((resolve) => {
    const res: unknown = { setHeader: () => {}, end: () => resolve(routeTemplate(req, app, 200)) }
    app(req as never, res as never, (error?: unknown) =>
      resolve(routeTemplate(req, app, error === undefined || error === null ? 404 : 500)),
    )
  })
}
