import type { Clock, Duration, Exchange, RedisGuard, RedisLike, Size } from '@hardening/core'
import type { RateLimitAlgorithm } from './algorithms/index.js'
import type { ExternalStore } from './external/external-store.js'
import type { RateLimitHeaderFormat, RateLimitHeaderWriter } from './headers/format.js'
import type { RateLimitKey } from './keys/key-source.js'
import type { RateLimitStore } from './store.js'

/** A value that is the same for all requests, or worked out for each. */
export type PerRequest<Value> = Value | ((exchange: Exchange) => Value)

/** What a limiter does with a policy while its store is out of reach. */
export type StoreFailureMode = 'memory' | 'open' | 'closed'

/** One window. */
export interface RateLimitPolicyOptions {
  /**
   * Name in headers, problems, events and admin functions: letters, digits, `.`, `_` and `-`.
   *
   * @defaultValue limit and window, such as `60-in-1m`; `policy-<n>` where one of them is a function
   */
  name?: string
  /**
   * Units in a window, at least 1. By plan: an object from plan to limit, which must have a `default`; see
   * {@link RateLimitOptions.plan}. By request: a function; `Infinity` leaves the request uncounted.
   */
  limit: PerRequest<number> | { readonly default: number; readonly [plan: string]: number }
  /** Length of the window, from 1 ms to 366 days. */
  window: PerRequest<Duration>
  /** How it counts. @defaultValue `'sliding-window'` */
  algorithm?: RateLimitAlgorithm
  /** Most units at once; for the token bucket alone. @defaultValue `limit` */
  burst?: number
  /** By what clients are told apart. @defaultValue the limiter's `key` */
  key?: RateLimitKey
  /** Paths it is for, as the client sends them: `/login`, `/users/:id`, `/api/*`. @defaultValue all */
  paths?: readonly string[]
  /** Methods it is for; `GET` is for `HEAD` too. @defaultValue all */
  methods?: readonly string[]
  /** Units that a request takes: a whole number from 0 to the limit. @defaultValue 1 */
  cost?: PerRequest<number>
  /**
   * What counts, once the response is known: `'all'` requests, `'failures'` (status 400 and above, and responses that
   * broke off), `'successes'`, or the units to be counted in the end. The `cost` is taken when the request comes and
   * corrected when the response has ended, so requests side by side cannot slip through.
   *
   * @defaultValue `'all'`
   */
  count?: 'all' | 'failures' | 'successes' | ((exchange: Exchange) => number)
  /** Counts and tells (`would_block`), but never refuses. @defaultValue `false` */
  dryRun?: boolean
  /** Whether refused requests count too, so that a client that goes on has to wait longer. @defaultValue `false` */
  countRefused?: boolean
  /** Overrides the limiter's `onStoreFailure`. */
  onStoreFailure?: StoreFailureMode
}

/** When a key that goes on is blocked. */
export interface RateLimitBlockOptions {
  /** Refusals after which the key is blocked. @defaultValue 10 */
  after?: number
  /** Longest pause between two refusals that count together. @defaultValue `'10m'` */
  within?: Duration
  /** How long the first, second ... block lasts; the last one repeats. @defaultValue `['1m', '5m', '30m']` */
  for?: readonly Duration[]
  /** Good conduct after which the next block is one step shorter. @defaultValue `'1h'` */
  decay?: Duration
}

/** How many requests of one key are served at the same time. */
export interface RateLimitConcurrencyOptions {
  /** Most requests at once. */
  limit: PerRequest<number>
  /** Name in headers, problems and events. @defaultValue `'concurrency'` */
  name?: string
  /** By what clients are told apart. @defaultValue the limiter's `key` */
  key?: RateLimitKey
  /** Tells, but does not refuse. @defaultValue `false` */
  dryRun?: boolean
}

/** Options of {@link rateLimit}. */
export interface RateLimitOptions {
  /** The windows. A request passes if all of them have room, and counts in all or in none. @defaultValue 60 a minute and 1,000 an hour */
  policies?: readonly RateLimitPolicyOptions[]
  /** Name of this limiter in Redis keys and events; two limiters on one Redis need two names. @defaultValue `'default'` */
  name?: string
  /** By what clients are told apart. @defaultValue `'ip'` */
  key?: RateLimitKey
  /** Bits of an IPv6 address that count, 32 to 64, or `false` for all 128. @defaultValue 56 */
  ipv6Subnet?: number | false
  /** Plan of a request, for policies whose `limit` is by plan. What no policy knows is `default`. */
  plan?: (exchange: Exchange) => string | undefined
  /** Requests that are not counted, beside {@link RateLimitOptions.skipPaths}. */
  skip?: (exchange: Exchange) => boolean
  /**
   * Paths whose reading (GET, HEAD) is not counted; `[]` for none.
   *
   * @defaultValue health (`/health/*`, `/healthz`, `/livez`, `/readyz`, `/startupz`), docs (`/docs/*`, `/api-docs/*`,
   * `/openapi.json`, `/openapi.yaml`) and metrics (`/metrics`, `/admin/metrics`)
   */
  skipPaths?: readonly string[]
  /** Addresses and CIDR blocks that are never limited. @defaultValue `[]` */
  allow?: readonly string[]
  /** Addresses and CIDR blocks that are always refused with 403. @defaultValue `[]` */
  deny?: readonly string[]
  /** Blocks keys that go on after they were refused; `true` for the defaults. @defaultValue `false` */
  block?: boolean | RateLimitBlockOptions
  /** Limits how many requests of a key are served at once, in this process. @defaultValue none */
  concurrency?: RateLimitConcurrencyOptions
  /** Form of the headers, or a writer of your own; `false` for none. @defaultValue `'draft-8'` */
  headers?: RateLimitHeaderFormat | RateLimitHeaderWriter | false
  /** Redis in which all instances count together: a client of ioredis 5 or 6, or a guard. @defaultValue memory alone */
  redis?: RedisLike | RedisGuard
  /** What Redis keys begin with. @defaultValue `'hd'` */
  prefix?: string
  /** Longest wait for Redis or another store. With a guard in `redis`, the guard's. @defaultValue 150 ms */
  timeout?: Duration
  /**
   * A store of your own in place of `redis`; or stores of express-rate-limit, by a function that makes one for each
   * policy: see the README for what those cannot do.
   */
  store?: RateLimitStore | ExternalStore
  /** What a policy does while the store is out of reach. @defaultValue `'memory'` */
  onStoreFailure?: StoreFailureMode
  /** How many instances share the limits: while the store is out of reach, each allows its share. @defaultValue 1 */
  instances?: number
  /** Bounds of what is counted in memory. @defaultValue 100,000 keys and 64 MB */
  memory?: { maxKeys?: number; maxBytes?: Size }
  /** Most keys that are known to be refused without asking the store. @defaultValue 10,000 */
  maxDenied?: number
  /** Where time comes from. @defaultValue the system's */
  clock?: Clock
}

/** Every option, for the refusal of unknown ones. */
export const optionNames: readonly (keyof RateLimitOptions)[] = [
  'policies',
  'name',
  'key',
  'ipv6Subnet',
  'plan',
  'skip',
  'skipPaths',
  'allow',
  'deny',
  'block',
  'concurrency',
  'headers',
  'redis',
  'prefix',
  'timeout',
  'store',
  'onStoreFailure',
  'instances',
  'memory',
  'maxDenied',
  'clock',
]

/** Every option of a policy. */
export const policyOptionNames: readonly (keyof RateLimitPolicyOptions)[] = [
  'name',
  'limit',
  'window',
  'algorithm',
  'burst',
  'key',
  'paths',
  'methods',
  'cost',
  'count',
  'dryRun',
  'countRefused',
  'onStoreFailure',
]

/** What is counted where nothing else is said. */
export const defaultPolicies: readonly RateLimitPolicyOptions[] = [
  { limit: 60, window: '1m' },
  { limit: 1000, window: '1h' },
]

/** Paths that are not counted where nothing else is said. */
export const defaultSkipPaths: readonly string[] = [
  '/health/*',
  '/healthz',
  '/livez',
  '/readyz',
  '/startupz',
  '/docs/*',
  '/api-docs/*',
  '/openapi.json',
  '/openapi.yaml',
  '/metrics',
  '/admin/metrics',
]
