import { isHttpError, type HttpError } from '@hardening/core'
import { fromForeign } from '../foreign/from-foreign.js'
import { codeOfStatus } from '../foreign/known-code.js'
import { mappedError } from '../foreign/mapped-error.js'
import { internalsOf } from './internals.js'
import { isOwnMember, type Problem } from './problem.js'
import type { ProblemTypeRegistry } from './problem-types.js'
import { generalDetail, phraseOf } from './texts.js'

/** Turns errors of an application into HTTP errors; `undefined` leaves an error to the toolkit. */
export type ErrorMap = (error: unknown) => HttpError | undefined

/** What {@link toProblem} may be told beside the error. */
export interface ToProblemContext {
  /** URI reference of this occurrence. @defaultValue none */
  instance?: string | undefined
  /** Id of the request. @defaultValue none */
  requestId?: string | undefined
  /** Id of the trace. @defaultValue none */
  traceId?: string | undefined
  /** Turns errors of the application into HTTP errors. @defaultValue none */
  map?: ErrorMap
  /** Gives types and titles by the code of the error. @defaultValue none */
  types?: ProblemTypeRegistry
  /** Start of the type URI of errors that have none; their code follows: `https://example.com/errors/`. */
  typeBase?: string
  /** Adds message, stack and causes. @defaultValue `false` */
  dangerouslyExposeInternal?: boolean
}

/**
 * The problem (RFC 9457) for whatever was thrown: plain JSON data. Never throws. Nothing of a 5xx but its status gets out,
 * unless the error says `expose` itself.
 */
export function toProblem(error: unknown, context: ToProblemContext = {}): Problem {
  let problem: Problem
  try {
    problem = describeProblem(resolveError(error, context.map), error, context)
  } catch (failure) {
    // An HTTP error that cannot be read.
    problem = describeProblem(mappedError({ status: 500 }, failure), failure, context)
  }
  return JSON.parse(serialise(problem)) as Problem
}

/** The HTTP error that stands for whatever was thrown. Never throws. */
export function resolveError(error: unknown, map?: ErrorMap): HttpError {
  let resolved: HttpError | undefined
  if (map !== undefined) {
    try {
      const mapped = map(error)
      if (isHttpError(mapped)) resolved = mapped
    } catch {
      // The application's map has failed: the error itself still deserves its answer.
    }
  }
  resolved ??= fromForeign(error)
  const { status } = resolved
  return Number.isInteger(status) && status >= 400 && status <= 599 ? resolved : mappedError({ status: 500 }, error)
}

/** The problem of an HTTP error. `error` is what was thrown. */
export function describeProblem(refusal: HttpError, error: unknown, context: ToProblemContext): Problem {
  const { types, typeBase, instance, requestId, traceId } = context
  const { status } = refusal
  const code = isCode(refusal.code) ? refusal.code : codeOfStatus(status)
  let type = refusal.type || 'about:blank'
  if (type === 'about:blank') type = types?.typeOf(code) ?? (typeBase === undefined ? type : typeBase + code)
  const definitions = types?.definitions
  const title =
    refusal.title ??
    (definitions !== undefined && Object.hasOwn(definitions, type) ? definitions[type]?.title : undefined) ??
    phraseOf(status)
  const detail = refusal.expose ? refusal.detail : generalDetail(status)
  const problem: Record<string, unknown> = { type, title, status }
  if (detail !== undefined && detail !== '' && detail !== title) problem['detail'] = detail
  if (instance !== undefined) problem['instance'] = instance
  problem['code'] = code
  if (requestId !== undefined) problem['requestId'] = requestId
  if (traceId !== undefined) problem['traceId'] = traceId
  const { extensions } = refusal
  for (const name in extensions) if (!isOwnMember(name)) problem[name] = extensions[name]
  if (context.dangerouslyExposeInternal === true) problem['internal'] = internalsOf(error)
  return problem as unknown as Problem
}

function isCode(code: unknown): code is string {
  return typeof code === 'string' && code.length > 0 && code.length <= 64
}

/** A problem as JSON text. Members that are no JSON (cycles, big integers) are left out. Never throws. */
export function serialise(problem: Problem): string {
  try {
    return JSON.stringify(problem)
  } catch {
    const kept = Object.entries(problem).filter(([, value]) => isJson(value))
    return JSON.stringify(Object.fromEntries(kept))
  }
}

function isJson(value: unknown): boolean {
  try {
    return JSON.stringify(value) !== undefined
  } catch {
    return false
  }
}
