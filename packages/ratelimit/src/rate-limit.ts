import type { IncomingMessage } from 'node:http'
import { middleware, type Duration, type StepMiddleware } from '@hardening/core'
import { Administration, type RateLimitKeyKind, type RateLimitKeyStatus } from './administration.js'
import { Limiter } from './limiter.js'
import type { RateLimitOptions } from './options.js'
import { releaseName } from './redis/names.js'
import { RefusalGate, type PrecomputedRefusal } from './refusal-gate.js'
import { resolveLimiter } from './resolve.js'

/** What operators and servers do with a limiter, beside mounting it. */
export interface RateLimiter {
  /**
   * Refuses a key for a while, whatever it has left: at once here, in other instances with their next question to the
   * store.
   *
   * @param key - an address, a user, an API key: what the kind of key gives
   * @throws ConfigError; errors of the store, where it is out of reach and the block holds in this instance alone
   */
  block(key: string, duration: Duration, kind?: RateLimitKeyKind): Promise<void>
  /** Ends a block and forgets what led to it, in all instances within a second. */
  unblock(key: string, kind?: RateLimitKeyKind): Promise<void>
  /** Forgets all counts and blocks of a key, in all instances within a second. */
  reset(key: string, kind?: RateLimitKeyKind): Promise<void>
  /** What is known of a key. Counts nothing. */
  inspect(key: string, kind?: RateLimitKeyKind): Promise<RateLimitKeyStatus>
  /**
   * The answer for a client that is known to be refused, for a server that asks before Express does anything: a look
   * into a map. Knows clients by address alone; `undefined` lets pass, also where the limiter has a `skip` function.
   *
   * @param address - the client's, where it is not that of the connection
   */
  gate(req: IncomingMessage, address?: string): PrecomputedRefusal | undefined
  /** Whether any client is known to be refused; while none is, {@link RateLimiter.gate} need not be asked. */
  readonly refusing: boolean
  /** Whether the last decision was made without the store. */
  readonly degraded: boolean
  /** Ends timers, and the guard where the limiter made it. Clients and stores that were given stay open. */
  close(): void
}

/** Express middleware that limits, with what is done by hand attached. */
export type RateLimitMiddleware = StepMiddleware & RateLimiter

/**
 * Limits how many requests a client may make: several windows at once, in memory or in a Redis that may fail.
 *
 * A request that is over a limit goes to the error handlers as {@link RateLimitExceededError}, status 429, with
 * `Retry-After` and the names of the policies.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 *
 * @example
 * app.use(rateLimit({ policies: [{ limit: 100, window: '1m' }, { limit: 5000, window: '1d' }], redis: new Redis(url) }))
 */
export function rateLimit(options: RateLimitOptions = {}): RateLimitMiddleware {
  const parts = resolveLimiter(options)
  const limiter = new Limiter(parts)
  const gate = new RefusalGate(parts)
  const administration = new Administration(parts)
  const { clock } = options
  const mounted = middleware(limiter.step, clock && { clock })
  return Object.defineProperties(
    Object.assign(mounted, {
      block: (key: string, duration: Duration, kind?: RateLimitKeyKind) => administration.block(key, duration, kind),
      unblock: (key: string, kind?: RateLimitKeyKind) => administration.unblock(key, kind),
      reset: (key: string, kind?: RateLimitKeyKind) => administration.reset(key, kind),
      inspect: (key: string, kind?: RateLimitKeyKind) => administration.inspect(key, kind),
      gate: (req: IncomingMessage, address?: string) => gate.check(req, address),
      close: () => {
        parts.denials.close()
        if (parts.store !== options.store) parts.store.close?.()
        if (options.redis !== undefined) releaseName(options.redis, `${options.prefix ?? ''}\n${parts.name}`)
      },
    }),
    { degraded: { get: () => limiter.isDegraded }, refusing: { get: () => parts.denials.size > 0 } },
  ) as RateLimitMiddleware
}
