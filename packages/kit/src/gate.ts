import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Step } from '@hardening/core'
import type { Logger } from '@hardening/logging'
import type { PrecomputedRefusal, RateLimitMiddleware } from '@hardening/ratelimit'

/** Answers a request before Express sees it. @returns whether it has. */
export type Gate = (req: IncomingMessage, res: ServerResponse) => boolean

/** Milliseconds between two lines about refused requests. */
const logEvery = 10_000

/**
 * The gate of an application: clients that are known to be over their limit get an answer that is ready, with the
 * headers that every answer has. A flood costs a look into a map, not a walk through the application.
 */
export function createGate(limiter: RateLimitMiddleware, steps: readonly Step[], logger: Logger): Gate {
  const fixed = steps.flatMap((step) => (step.headers ?? []).flatMap(([name, value]) => [name, value]))
  const heads = new WeakMap<PrecomputedRefusal, string[]>()
  let refused = 0
  let told = Number.NEGATIVE_INFINITY

  return (req, res) => {
    const refusal = limiter.gate(req)
    if (refusal === undefined) return false
    let head = heads.get(refusal)
    if (head === undefined) heads.set(refusal, (head = [...fixed, ...headersOf(refusal)]))
    res.writeHead(refusal.status, head)
    res.end(refusal.body)
    refused += 1
    const now = performance.now()
    if (now - told >= logEvery) {
      logger.warn('Requests of clients over their limit are refused before the application', { refused })
      told = now
      refused = 0
    }
    return true
  }
}

/** Name and value in turn of the lines behind the status line. */
function headersOf({ head }: PrecomputedRefusal): string[] {
  return head
    .split('\r\n')
    .slice(1)
    .flatMap((line) => {
      const colon = line.indexOf(':')
      return colon === -1 ? [] : [line.slice(0, colon), line.slice(colon + 2)]
    })
}
