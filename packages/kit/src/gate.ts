import type { IncomingMessage, ServerResponse } from 'node:http'
import { isValidRequestId, type Step } from '@hardening/core'
import type { Logger } from '@hardening/logging'
import type { RateLimitMiddleware } from '@hardening/ratelimit'
import { Refusals } from './refusals.js'

/** Answers a request before Express sees it. @returns whether it has. */
export type Gate = (req: IncomingMessage, res: ServerResponse) => boolean

/** Milliseconds between two lines about refused requests. */
const logEvery = 10_000

const policyHeader = 'Content-Security-Policy'

type Lines = readonly (readonly [name: string, value: string])[]

/** The step of CORS, as far as an answer without it goes. */
type CorsStep = Step & { headersFor?(origin: string | undefined): Lines }

/** A request as it is where the kit's server has made it: with what Express knows of its application. */
type ExpressRequest = IncomingMessage & {
  readonly app?: { readonly settings?: Readonly<Record<string, unknown>> }
  readonly ip?: string
}

/**
 * The gate of an application: clients that are known to be over their limit get an answer that is ready, with the
 * headers that every answer has. A flood costs a look into a map and one write, not a walk through the application.
 * What needs the application to be answered goes there, and so does whatever fails here.
 */
export function createGate(limiter: RateLimitMiddleware, steps: readonly Step[], logger: Logger): Gate {
  const context = steps.find((step) => step.context !== undefined)?.context
  const cors: CorsStep | undefined = steps.find(({ name }) => name === 'corsPolicy')
  const answersPreflights = cors?.request !== undefined
  const asksTheApplication = answersPreflights && cors.headers === undefined && cors.headersFor === undefined
  const refusals = new Refusals(fixedHeaders(steps), cors?.headersFor)
  let refused = 0
  let told = Number.NEGATIVE_INFINITY

  return (req, res) => {
    if (!limiter.refusing) return false
    const { headers } = req
    if (asksTheApplication && headers.origin !== undefined) return false
    if (answersPreflights && req.method === 'OPTIONS' && headers['access-control-request-method'] !== undefined)
      return false
    let now: number
    let id: string | undefined
    let answer
    try {
      const refusal = limiter.gate(req, addressBehindProxies(req))
      if (refusal === undefined) return false
      id = context?.make(req).requestId
      if (id !== undefined && !isValidRequestId(id)) return false
      now = Date.now()
      answer = refusals.answerFor(refusal, req, now)
    } catch {
      return false
    }
    refusals.write(answer, req, res, id)
    refused += 1
    if (now - told >= logEvery) {
      logger.warn('Requests of clients over their limit are refused before the application', { refused })
      told = now
      refused = 0
    }
    return true
  }
}

function fixedHeaders(steps: readonly Step[]): Lines {
  const headers = steps.flatMap((step) => step.headers ?? [])
  const isProtected = steps.some(({ name }) => name === 'secureHeaders')
  if (!isProtected || headers.some(([name]) => name.toLowerCase() === policyHeader.toLowerCase())) return headers
  // A policy with a nonce is made for each page; a refusal is no page and needs nothing.
  return [...headers, [policyHeader, "default-src 'none'; frame-ancestors 'none'"]]
}

/** The client's address where it is not the connection's: what Express makes of `trust proxy`. */
function addressBehindProxies(req: ExpressRequest): string | undefined {
  return req.app?.settings?.['trust proxy'] ? req.ip : undefined
}
