import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  exchangeOf,
  middleware,
  type ErrorMiddleware,
  type Exchange,
  type HttpError,
  type Next,
  type RequestLike,
  type ResponseLike,
} from '@hardening/core'
import { checkErrorHandlerOptions, type ErrorHandlerOptions } from './error-handler-options.js'
import { isDisconnect } from './foreign/network.js'
import { mappedError } from './foreign/mapped-error.js'
import { instanceOf } from './instance.js'
import { negotiator, type ProblemFormat } from './negotiate.js'
import type { Problem } from './problem/problem.js'
import { describeProblem, resolveError, serialise, type ToProblemContext } from './problem/to-problem.js'
import { renderHtml, renderText } from './render.js'
import { isGone, sendProblem } from './send-problem.js'

const contentTypes: Readonly<Record<ProblemFormat, string>> = {
  json: 'application/problem+json',
  html: 'text/html; charset=utf-8',
  text: 'text/plain; charset=utf-8',
}

const open = middleware({ name: 'errorHandler' })
const nothing = (): void => {}

/**
 * Answers every error with a problem (RFC 9457) in JSON, HTML or plain text. Mount it last. Errors of Express and of
 * common libraries get the status that they mean; of a 5xx nothing gets out but its status.
 *
 * @example
 * app.use(notFound())
 * app.use(errorHandler({ onError: (error, exchange) => logger.error('Request failed', { error }) }))
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
export function errorHandler(options: ErrorHandlerOptions = {}): ErrorMiddleware {
  checkErrorHandlerOptions(options)
  const { map, types, typeBase, formats = ['json', 'html', 'text'] } = options
  const { html, localise, instance = pathInstance, onError, dangerouslyExposeInternal = false } = options
  const negotiate = negotiator(formats)
  const warned = new Set<string>()
  const shared: ToProblemContext = {
    ...(types !== undefined && { types }),
    ...(typeBase !== undefined && { typeBase }),
    dangerouslyExposeInternal,
  }

  /** Calls a hook of the application, whose failure must not cost the client its answer. */
  function hook<Arguments extends unknown[], Result>(
    name: string,
    call: (...args: Arguments) => Result,
    ...args: Arguments
  ): Result | undefined {
    try {
      const result = call(...args)
      if (result instanceof Promise) result.catch((error: unknown) => warn(name, error))
      return result
    } catch (error) {
      warn(name, error)
      return undefined
    }
  }

  function warn(name: string, error: unknown): void {
    if (warned.has(name)) return
    warned.add(name)
    const kind = error instanceof Error ? error.name : typeof error
    process.emitWarning(`errorHandler: \`${name}\` failed (${kind}); said once`, { code: 'HARDENING_ERRORS_HOOK' })
  }

  function describe(refusal: HttpError, error: unknown, exchange: Exchange): Problem {
    const reference: unknown = hook('instance', instance, exchange)
    return describeProblem(refusal, error, {
      ...shared,
      instance: typeof reference === 'string' ? reference : undefined,
      requestId: requestIdOf(exchange),
      traceId: exchange.context.trace.traceId,
    })
  }

  function page(problem: Problem, exchange: Exchange, language: string | undefined): string {
    const own = html === undefined ? undefined : hook('html', html, problem, exchange)
    return typeof own === 'string' ? own : renderHtml(problem, language)
  }

  function answer(refusal: HttpError, error: unknown, exchange: Exchange): void {
    let problem = describe(refusal, error, exchange)
    const texts = localise === undefined ? undefined : hook('localise', localise, problem, exchange)
    if (texts !== undefined) {
      const { title = problem.title, detail = problem.detail } = texts
      problem = { ...problem, title, ...(detail !== undefined && { detail }) }
    }
    const format = formats.length === 1 ? (formats[0] as ProblemFormat) : negotiate(exchange.req.headers.accept)
    const body =
      format === 'json'
        ? serialise(problem)
        : format === 'text'
          ? renderText(problem)
          : page(problem, exchange, texts?.language)
    sendProblem(exchange, refusal, contentTypes[format], body, texts?.language)
  }

  // Express knows an error handler by its four parameters, of which the last is not needed.
  function errorHandlerMiddleware(thrown: unknown, req: IncomingMessage, res: ServerResponse, _next: Next): void {
    const error = thrown ?? new Error('An error handler was called without an error')
    const exchange = exchangeFor(req, res)
    const unfinished = !res.writableEnded
    // A handler that is still at work when its request has been answered with this very error, by a time-out say.
    if (!unfinished && error === exchange.error) return
    const sent = res.headersSent
    if (!sent || exchange.error === undefined) exchange.error = error
    if ((isGone(res) || !unfinished) && isDisconnect(error)) return
    const refusal = resolveError(error, map === undefined ? undefined : (value) => hook('map', map, value))
    if (!sent) res.statusCode = refusal.status
    if (onError !== undefined) hook('onError', onError, error, exchange)
    if (res.headersSent) {
      // Half of an answer cannot be taken back: only the end of the connection tells the client that it is not whole.
      if (unfinished) req.socket.destroy()
      return
    }
    if (isGone(res)) return
    try {
      answer(refusal, error, exchange)
    } catch (failure) {
      if (res.headersSent) return
      const plain = mappedError({ status: 500 }, failure)
      res.statusCode = 500
      sendProblem(exchange, plain, contentTypes.json, serialise(describe(plain, failure, exchange)))
    }
  }

  return errorHandlerMiddleware
}

function pathInstance(exchange: Exchange): string | undefined {
  return instanceOf(exchange.path)
}

function exchangeFor(req: RequestLike, res: ResponseLike): Exchange {
  const held = exchangeOf(res)
  if (held !== undefined) return held
  open(req, res, nothing)
  return exchangeOf(res) as Exchange
}

/** The id that the response says, where somebody else has put one there. */
function requestIdOf(exchange: Exchange): string {
  const given = exchange.res.getHeader('x-request-id')
  if (typeof given === 'string' && given !== '') return given
  exchange.setHeader('X-Request-Id', exchange.context.requestId)
  return exchange.context.requestId
}
