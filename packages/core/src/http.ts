import type { IncomingMessage, ServerResponse } from 'node:http'

/** What the toolkit reads of an Express application. */
export interface AppLike {
  readonly parent?: AppLike
  readonly request: object
  readonly response: object
  readonly settings?: Readonly<Record<string, unknown>>
}

/** A request as Express hands it on; without Express the additions are absent. */
export type RequestLike = IncomingMessage & {
  originalUrl?: string
  readonly app?: AppLike
  readonly ip?: string | undefined
}

/** A response, with or without Express. */
export type ResponseLike = ServerResponse

/** Hands the request on to what is mounted next, or an error to the error handlers. */
export type Next = (error?: unknown) => void

/** Express middleware, typed so that Express 4, 5 and plain `node:http` stacks all accept it. */
export type Middleware = (req: IncomingMessage, res: ServerResponse, next: Next) => void

/** Express error middleware. Express knows it by its four parameters. */
export type ErrorMiddleware = (error: unknown, req: IncomingMessage, res: ServerResponse, next: Next) => void
