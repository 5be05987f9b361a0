import { STATUS_CODES, type IncomingMessage } from 'node:http'
import { Decisions } from './decisions.js'
import type { DenyEntry } from './deny-cache.js'
import { RateLimitBlockedError, RateLimitExceededError } from './errors.js'
import { denialHeaders } from './headers/denial-headers.js'
import { withoutPort } from './keys/client-address.js'
import type { ResolvedLimiter } from './limiter.js'

/** An answer that is ready to be written. */
export interface PrecomputedRefusal {
  readonly status: 429
  /** Seconds until a new attempt makes sense. */
  readonly retryAfter: number
  /**
   * Status line and header lines, each with its line end, without the empty line: more headers may follow. `Date` and
   * `Connection` are not among them.
   */
  readonly head: string
  /** The problem (RFC 9457), as UTF-8. */
  readonly body: Buffer
}

/** One event for so many refusals of a key. */
const eventEvery = 100

/** Bodies are few: one for each set of policies. More than this and they are made anew. */
const mostBodies = 100

/**
 * Answers for clients that are known to be refused, before Express has done anything: a look into a map and a text that
 * is ready. Knows only what has already been decided, by the client's address, for all paths.
 */
export class RefusalGate {
  readonly #parts: ResolvedLimiter
  readonly #decisions: Decisions
  /** The kind of key that is the address; -1 where the gate can know nothing. */
  readonly #group: number
  readonly #bodies = new Map<string, Buffer>()
  /** The answer of each key, made anew once a second at most. */
  readonly #answers = new WeakMap<DenyEntry, PrecomputedRefusal>()

  constructor(parts: ResolvedLimiter) {
    this.#parts = parts
    this.#decisions = new Decisions(parts.name)
    const group = parts.keys.findIndex(({ isAddress }) => isAddress)
    const isForAll = parts.policies.some(
      (policy) => policy.group === group && policy.paths === undefined && policy.methods === undefined,
    )
    // What an own `skip` would say needs Express's view of the request.
    this.#group = isForAll && parts.skip === undefined ? group : -1
  }

  /**
   * @param address - the client's, where the caller knows better than the connection; without it, keys that were
   * learnt behind a proxy are left to Express
   */
  check(req: IncomingMessage, address?: string): PrecomputedRefusal | undefined {
    const { denials, address: addresses, allow, skipPath, clock } = this.#parts
    if (this.#group === -1 || denials.size === 0) return undefined
    const client = address ?? req.socket.remoteAddress
    const key = client === undefined ? undefined : addresses.keyOf(client)
    if (key === undefined) return undefined
    const entry = denials.find(this.#group, key)
    if (entry === undefined || (address === undefined && !entry.isDirect)) return undefined
    // Its neighbours of the same subnet may be refused, it may not.
    if (allow?.has(withoutPort(client as string)) === true) return undefined
    if (skipPath !== undefined && (req.method === 'GET' || req.method === 'HEAD') && skipPath(pathOf(req.url ?? '/'))) {
      return undefined
    }
    denials.hit(entry)
    this.#count(entry)
    return this.#refusal(entry, Math.max(1, Math.ceil((entry.until - clock.monotonic()) / 1000)))
  }

  #count(entry: DenyEntry): void {
    if (this.#decisions.isHeard && ++entry.unpublished >= eventEvery) this.#decisions.tellRest(entry)
  }

  #refusal(entry: DenyEntry, retryAfter: number): PrecomputedRefusal {
    const known = this.#answers.get(entry)
    if (known?.retryAfter === retryAfter) return known
    const { policies, writeHeaders } = this.#parts
    const body = this.#bodyOf(entry)
    let head =
      `HTTP/1.1 429 ${STATUS_CODES[429]}\r\nContent-Type: application/problem+json\r\n` +
      `Content-Length: ${body.length}\r\nCache-Control: no-store\r\nRetry-After: ${retryAfter}\r\n`
    for (const [name, value] of denialHeaders(entry, policies, retryAfter, writeHeaders))
      head += `${name}: ${value}\r\n`
    const answer: PrecomputedRefusal = { status: 429, retryAfter, head, body }
    this.#answers.set(entry, answer)
    return answer
  }

  #bodyOf({ isBlocked, policies }: DenyEntry): Buffer {
    const name = `${isBlocked ? '!' : ''}${policies.join(' ')}`
    let body = this.#bodies.get(name)
    if (body === undefined) {
      const details = { policies, retryAfter: 1 }
      const { type, title, status, code, extensions } = isBlocked
        ? new RateLimitBlockedError(details)
        : new RateLimitExceededError(details)
      body = Buffer.from(JSON.stringify({ type, title, status, code, ...extensions }))
      if (this.#bodies.size >= mostBodies) this.#bodies.clear()
      this.#bodies.set(name, body)
    }
    return body
  }
}

function pathOf(url: string): string {
  const query = url.indexOf('?')
  return query === -1 ? url : url.slice(0, query)
}
