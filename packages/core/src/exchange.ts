import type { IncomingHttpHeaders } from 'node:http'
import type { RequestContext } from './context.js'
import type { HeaderName } from './head/header-name.js'
import type { StaticHead } from './head/static-head.js'
import type { RequestLike, ResponseLike } from './http.js'

/** A place in {@link Exchange.notes} that knows its type. */
export interface NoteKey<Value> {
  readonly name: string
  /** Holds the type only; never set. */
  readonly type?: Value
}

/** Takes the chunks of a response's body, as `res.write` and `res.end` do. */
export interface BodySink {
  write(chunk: unknown, encoding?: unknown, callback?: unknown): boolean
  end(chunk?: unknown, encoding?: unknown, callback?: unknown): void
}

/** Puts a sink before a body. Made once, so that nothing is made for a response whose body it leaves alone. */
export interface BodyFilter {
  /** A body that is given whole and has fewer bytes goes by without a sink. @defaultValue 0 */
  readonly atLeast?: number
  /** The sink for a response. `inner` is the one that stands there now. */
  wrap(inner: BodySink, exchange: Exchange): BodySink
}

/** The one record of a request and its response, which every step and the end of the response share. */
export interface Exchange {
  readonly req: RequestLike
  readonly res: ResponseLike
  /** Ids, trace, user. What {@link currentContext} gives where the context step is on. */
  context: RequestContext
  /** Monotonic milliseconds at which the request was first seen. */
  readonly start: number
  /** Method of the request, as the client sent it. */
  readonly method: string
  /** Target of the request, as the client sent it: path and query. */
  readonly url: string
  /** Headers of the request, as Node gives them. Reading them here is cheap; of `req` each reading costs. */
  readonly headers: IncomingHttpHeaders
  /** Path of the request without query, as the client sent it. */
  readonly path: string
  /**
   * Address of the client: the peer's, or the one that `trust proxy` allows to believe; IPv4 where it is mapped into
   * IPv6. `undefined` over a Unix socket.
   */
  readonly ip: string | undefined
  /** Whether the application believes proxies: its setting `trust proxy`. */
  readonly trustsProxy: boolean

  /**
   * Sets a header of the response, unless the application sets one of the same name, before or later.
   *
   * @param name - the name, or what {@link headerName} has found out about it at creation
   * @param isChecked - whether the caller made the value of nothing that could end its line, so that it needs no look
   */
  setHeader(name: string | HeaderName, value: string, isChecked?: boolean): void
  /** {@link Exchange.setHeader} for several that {@link compileHead} has made ready, for the price of one. */
  setHeaders(headers: StaticHead): void
  /** Takes back what {@link Exchange.setHeader} or a step's fixed headers set. */
  removeHeader(name: string): void
  /**
   * Whether the application may have set a header that a step sets or looks for: then it is worth looking. Steps tell
   * by {@link Step.names} which they look for.
   */
  readonly meets: boolean
  /** Adds to `Vary`, also where the application sets `Vary` itself. */
  vary(field: string): void

  /** Ends the pass: the error goes to the error handlers. */
  refuse(error: unknown): void
  /** Ends the pass by answering. A body that is text is UTF-8, unless `encoding` says otherwise. */
  answer(
    status: number,
    headers?: Readonly<Record<string, string>>,
    body?: string | Uint8Array,
    encoding?: BufferEncoding,
  ): void
  /** Whether the pass has ended, by {@link Exchange.refuse} or {@link Exchange.answer}. */
  readonly settled: boolean

  /** Puts a sink before the body of the response, made when the first of it, or its head, goes out. */
  filterBody(filter: BodyFilter): void

  /** Fires the context's signal: nobody waits for the answer any more. */
  cancel(reason: Error): void

  /** What a package has noted for others, or for its own end. */
  note<Value>(key: NoteKey<Value>): Value | undefined
  setNote<Value>(key: NoteKey<Value>, value: Value): void

  /** The error that the error handler answered with, if one came to it. */
  error: unknown
  /** Whether the response has ended or its connection died. What follows holds from then on. */
  readonly ended: boolean
  /** Status as sent; 499 where the client went before any was. */
  readonly status: number
  /** Bytes of the body that were given to the connection. */
  readonly bytes: number
  /** Milliseconds from first sight to the end. */
  readonly durationMs: number
  /** Whether the connection died before the response was complete. */
  readonly aborted: boolean
  /**
   * Template of the route that answered, such as `/users/:id`; `unmatched` where none did. A step that answers a path of
   * its own sets it.
   */
  route: string
}
