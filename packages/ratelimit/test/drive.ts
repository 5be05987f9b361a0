import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { HttpError, Middleware, RequestLike } from '@hardening/core'

/** What became of a request. */
export interface Outcome {
  /** 200 where it passed, else the status of the error. */
  readonly status: number
  readonly error: HttpError | undefined
  readonly res: ServerResponse
  /** Ends the response, as its server would. */
  end(status?: number): void
}

/** What a request looks like. */
export interface DriveOptions {
  address?: string
  method?: string
  url?: string
  headers?: Record<string, string>
  app?: Record<string, unknown>
}

/** A request and its response without a server: for tests of many requests. */
export function message(options: DriveOptions = {}): { req: RequestLike; res: ServerResponse } {
  const { address = '192.0.2.1', method = 'GET', url = '/', headers = {} } = options
  const socket = new Socket()
  Object.defineProperty(socket, 'remoteAddress', { value: address === '' ? undefined : address })
  const req = Object.assign(new IncomingMessage(socket), { method, url, headers })
  return { req: req, res: new ServerResponse(req) }
}

/** Runs a middleware; `undefined` where it has not decided when it returns. */
export function driveNow(middleware: Middleware, options: DriveOptions = {}): Outcome | undefined {
  const { req, res } = message(options)
  let outcome: Outcome | undefined
  middleware(req, res, (error?: unknown) => {
    outcome = outcomeOf(res, error)
  })
  return outcome
}

/** Runs a middleware and waits until it has decided. */
export function drive(middleware: Middleware, options: DriveOptions = {}): Promise<Outcome> {
  const { req, res } = message(options)
  return new Promise((resolve) => {
    middleware(req, res, (error?: unknown) => resolve(outcomeOf(res, error)))
  })
}

/** Statuses of so many requests, one after the other. */
export async function driveMany(middleware: Middleware, count: number, options: DriveOptions = {}): Promise<number[]> {
  const found: number[] = []
  for (let at = 0; at < count; at++) found.push((await drive(middleware, options)).status)
  return found
}

/** How many of so many requests, one after the other, pass. */
export async function passing(middleware: Middleware, count: number, options: DriveOptions = {}): Promise<number> {
  return (await driveMany(middleware, count, options)).filter((status) => status === 200).length
}

function outcomeOf(res: ServerResponse, error: unknown): Outcome {
  const failure = error as HttpError | undefined
  return {
    status: failure === undefined ? 200 : (failure.status ?? 500),
    error: failure,
    res,
    end: (status = 200) => {
      res.statusCode = status
      Object.defineProperty(res, 'writableFinished', { value: true, configurable: true })
      res.emit('close')
    },
  }
}
