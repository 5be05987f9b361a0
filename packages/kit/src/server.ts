import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http'
import { expressClasses, prepareApp, type AppLike } from '@hardening/core'
import { hardenServer } from '@hardening/security'
import type { Gate } from './gate.js'

/** An Express application as the kit needs it: something that answers requests. */
export type HandlingApp = (req: IncomingMessage, res: ServerResponse) => unknown

/**
 * Options for `http.createServer` and `https.createServer` that make Express's requests and responses at once.
 *
 * Express gives every request and response its application's prototype when they arrive. V8 then treats each as a thing
 * it has never seen, and all code that touches them runs several times slower (nodejs/node#37457, expressjs/express#5998:
 * about three times on Node 20 and 22, a tenth on 24 and later). Here the server makes them with that prototype, so that
 * there is nothing left to change. All that an application can see stays as it is.
 *
 * @example
 * https.createServer({ key, cert, ...serverOptions(app) }, app).listen(443)
 */
export function serverOptions(app: object): ServerOptions {
  prepareApp(app as AppLike)
  return expressClasses(app as AppLike)
}

/** Makes `app.listen` of an application use {@link createServer}; in all else it is Express's own. */
export function adoptListen(app: object): void {
  const listening = app as { listen(...args: unknown[]): Server } & HandlingApp
  listening.listen = (...args) => {
    const server = createServer(listening)
    const ready = args.at(-1)
    if (typeof ready === 'function') {
      // Express 5 hands an error of listening to the callback too.
      let called = false
      const once = (error?: Error): void => {
        if (!called) ready.call(server, error)
        called = true
      }
      args[args.length - 1] = () => once()
      if (reportsListenErrors(listening)) server.once('error', once)
    }
    return server.listen(...(args as []))
  }
}

/** Whether the application is of Express 5, which is told by what Express 4 alone has. */
function reportsListenErrors(app: object): boolean {
  return typeof (app as { lazyrouter?: unknown }).lazyrouter !== 'function'
}

const gates = new WeakMap<object, Gate>()

/** Lets servers of the application ask `gate` before they hand a request on. */
export function setGate(app: object, gate: Gate): void {
  gates.set(app, gate)
}

const followers = new WeakMap<object, (server: Server) => void>()

/** Shows every server that is made for the application to `follow`. */
export function followServers(app: object, follow: (server: Server) => void): void {
  followers.set(app, follow)
}

/**
 * A plain `http.Server` of the application, made with {@link serverOptions}, with time-outs and bounds against slow
 * clients. It does not listen yet.
 */
export function createServer(app: HandlingApp, options: ServerOptions = {}): Server {
  const gate = gates.get(app)
  const listener =
    gate === undefined
      ? app
      : (req: IncomingMessage, res: ServerResponse) => {
          if (!gate(req, res)) app(req, res)
        }
  const server = hardenServer(createHttpServer({ ...options, ...serverOptions(app) }, listener as never))
  followers.get(app)?.(server)
  return server
}
