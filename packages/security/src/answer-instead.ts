import { STATUS_CODES } from 'node:http'
import type { Exchange, HttpError, ResponseLike } from '@hardening/core'

/**
 * Answers in the place of an application that already has the request, and drops what it still sends: its late answer
 * would otherwise fail with `ERR_HTTP_HEADERS_SENT`, far from any error handler.
 *
 * @returns whether there was still something to answer
 */
export function answerInstead(exchange: Exchange, error: HttpError): boolean {
  const { req, res, context } = exchange
  if (res.headersSent || exchange.ended) return false
  exchange.error = error
  const title = STATUS_CODES[error.status] ?? 'Error'
  const problem = {
    type: error.type,
    title,
    status: error.status,
    ...(error.expose ? { detail: error.detail } : {}),
    code: error.code,
    requestId: context.requestId,
  }
  const body = JSON.stringify(problem)
  // What the application had prepared describes an answer that is not coming.
  for (const name of ['Content-Encoding', 'Content-Range', 'ETag', 'Last-Modified', 'Transfer-Encoding'])
    res.removeHeader(name)
  exchange.answer(
    error.status,
    {
      'Cache-Control': 'no-store',
      'Content-Type': 'application/problem+json',
      'Content-Length': String(Buffer.byteLength(body)),
      // A body that is still on its way would be taken for the next request.
      ...(req.complete ? {} : { Connection: 'close' }),
      ...error.headers,
    },
    body,
  )
  mute(res)
  return true
}

type Callback = () => void

/** Makes a response that is complete take everything and send nothing. */
function mute(res: ResponseLike): void {
  const itself = (): ResponseLike => res
  const take = (...args: unknown[]): void => {
    const callback = args.find((arg) => typeof arg === 'function') as Callback | undefined
    if (callback !== undefined) queueMicrotask(callback)
  }
  Object.assign(res, {
    setHeader: itself,
    setHeaders: itself,
    appendHeader: itself,
    removeHeader: () => undefined,
    writeHead: itself,
    flushHeaders: () => undefined,
    write: (...args: unknown[]) => {
      take(...args)
      return true
    },
    end: (...args: unknown[]) => {
      take(...args)
      return res
    },
  })
}
