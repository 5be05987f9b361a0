import {
  booleanOption,
  channels,
  ConfigError,
  durationOption,
  functionOption,
  middleware,
  rejectUnknownOptions,
  sizeOption,
  stringOption,
  systemClock,
  type CacheLookupMessage,
  type Clock,
  type Duration,
  type Exchange,
  type NoteKey,
  type RedisGuard,
  type RedisLike,
  type RequestLike,
  type Size,
  type StepMiddleware,
} from '@hardening/core'
import { createResponseStore, type Cache, type ResponseStore } from './create-cache.js'
import { ResponseCache } from './http/response-cache-core.js'
import type { ResponsePlan } from './http/response-plan.js'

declare global {
  // oxlint-disable-next-line typescript/no-namespace
  namespace Express {
    interface Response {
      /** Names by which this response is forgotten together with others: `cache.deleteByTag(...)`. Needs `responseCache()`. */
      cacheTags(...tags: string[]): void
    }
  }
}

/** Options of {@link responseCache}. */
export interface ResponseCacheOptions {
  /** Name in `Cache-Status`, events and keys. @defaultValue `'responses'` */
  name?: string
  /** Where responses are kept; made by `createCache`. @defaultValue a cache of its own */
  cache?: Cache
  /** Redis for the cache of its own; see `createCache`. @defaultValue memory alone */
  redis?: RedisLike | RedisGuard
  /** Most bytes in memory of the cache of its own. @defaultValue 64 MB */
  maxBytes?: Size
  /** How long responses are fresh that do not say so themselves. @defaultValue 0, so that they are not kept */
  ttl?: Duration
  /** A longer body is not kept. @defaultValue 1 MB */
  maxBodyBytes?: Size
  /** How long a response that is no longer fresh is kept so that it can be validated. @defaultValue 1 hour */
  keepStale?: Duration
  /** Parameters of the query that count; others are no part of the key. @defaultValue all */
  query?: readonly string[]
  /**
   * Headers that tell who the user is, beside `Authorization`, `Cookie` and the like. A response to such a request is
   * kept only where it says that it is for everybody (`public` or `s-maxage`).
   *
   * @defaultValue `[]`
   */
  credentialHeaders?: readonly string[]
  /** Whose responses these are: a text that is the same for all who may see the same. @defaultValue everybody's */
  partition?: (req: RequestLike) => string | undefined
  /** Whether `no-cache`, `max-age` and `min-fresh` of requests are heard (RFC 9111 section 5.2.1). @defaultValue `true` */
  clientDirectives?: boolean
  /** How long a request waits for another one that is making the same response. @defaultValue 5 s */
  waitFor?: Duration
  /** Where time comes from. @defaultValue the system's clock */
  clock?: Clock
}

/** {@link responseCache}'s middleware, with a way to forget and to end. */
export type ResponseCacheMiddleware = StepMiddleware & {
  /** Where the responses are: `deleteByTag`, `deleteByPattern`, `clear`, `stats`. */
  readonly cache: Cache
  /** Ends the cache of its own. */
  close(): Promise<void>
}

const planNote: NoteKey<ResponsePlan | 'unsafe'> = { name: 'responseCache' }

/**
 * A shared cache inside the application, by RFC 9111. Nothing is kept of what shows who the user is unless the response
 * says that it is for everybody.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 * @see https://www.rfc-editor.org/rfc/rfc9111
 *
 * @example
 * const responses = responseCache({ redis })
 * app.get('/products', responses, async (req, res) => {
 *   res.set('Cache-Control', 'public, max-age=60')
 *   res.cacheTags('products')
 *   res.json(await products.list())
 * })
 */
export function responseCache(options: ResponseCacheOptions = {}): ResponseCacheMiddleware {
  const factory = 'responseCache'
  rejectUnknownOptions(factory, options, [
    'name',
    'cache',
    'redis',
    'maxBytes',
    'ttl',
    'maxBodyBytes',
    'keepStale',
    'query',
    'credentialHeaders',
    'partition',
    'clientDirectives',
    'waitFor',
    'clock',
  ])
  const { name = 'responses', ttl = 0, maxBodyBytes = '1mb', keepStale = '1h', clock = systemClock } = options
  const { query, credentialHeaders = [], partition, clientDirectives = true, waitFor = '5s' } = options
  if (!/^[A-Za-z][\w.-]{0,63}$/.test(stringOption(factory, 'name', name))) {
    throw new ConfigError(factory, 'name', 'a letter and at most 63 letters, digits, `.`, `_` and `-`', name)
  }
  booleanOption(factory, 'clientDirectives', clientDirectives)
  if (partition !== undefined) functionOption(factory, 'partition', partition as (...args: never[]) => unknown)
  const store = storeOption(factory, name, options, clock)
  const core = new ResponseCache({
    name,
    store,
    clock,
    defaultSeconds: durationOption(factory, 'ttl', ttl, { max: 366 * 86_400_000 }) / 1000,
    maxBodyBytes: sizeOption(factory, 'maxBodyBytes', maxBodyBytes),
    keepStaleMs: durationOption(factory, 'keepStale', keepStale),
    query: listOption(factory, 'query', query),
    credentialHeaders: (listOption(factory, 'credentialHeaders', credentialHeaders) ?? []).map((it) =>
      it.toLowerCase(),
    ),
    partition,
    clientDirectives,
    waitMs: durationOption(factory, 'waitFor', waitFor),
    tell: (exchange, outcome, level) => tell(name, exchange, outcome, level),
    setPlan: (exchange, plan) => exchange.setNote(planNote, plan),
  })
  const step = {
    name: factory,
    request(exchange: Exchange): void | Promise<void> {
      if (exchange.note(planNote) !== undefined) return
      const tagged = exchange.res as unknown as { cacheTags: (...tags: string[]) => void }
      tagged.cacheTags = (...tags) => addTags(exchange, tags)
      return core.request(exchange)
    },
    head(exchange: Exchange): void {
      const plan = exchange.note(planNote)
      if (plan === 'unsafe') core.invalidateAfter(exchange)
      else plan?.settle()
    },
    end(exchange: Exchange): void {
      const plan = exchange.note(planNote)
      if (plan !== undefined && plan !== 'unsafe') plan.ended()
    },
  }
  const close = (): Promise<void> => (options.cache === undefined ? store.close() : Promise.resolve())
  return Object.assign(middleware(step), { cache: store, close })
}

function addTags(exchange: Exchange, tags: readonly string[]): void {
  const plan = exchange.note(planNote)
  if (plan !== undefined && plan !== 'unsafe') for (const tag of tags) plan.tags.add(tag)
}

function tell(
  cache: string,
  exchange: Exchange,
  outcome: CacheLookupMessage['outcome'],
  level: CacheLookupMessage['level'],
): void {
  if (channels.cacheLookup.hasSubscribers)
    channels.cacheLookup.publish({ exchange, cache, outcome, level, durationMs: 0 })
}

function storeOption(factory: string, name: string, options: ResponseCacheOptions, clock: Clock): ResponseStore {
  const { cache, redis, maxBytes } = options
  if (cache === undefined) {
    return createResponseStore({
      name,
      clock,
      jitter: 0,
      ...(redis === undefined ? undefined : { redis }),
      ...(maxBytes === undefined ? undefined : { maxBytes }),
    })
  }
  if (redis !== undefined || maxBytes !== undefined) {
    throw new ConfigError(
      factory,
      redis === undefined ? 'maxBytes' : 'redis',
      'left out where `cache` is given',
      'both',
    )
  }
  if (typeof (cache as Partial<ResponseStore>).peek === 'function') return cache as ResponseStore
  throw new ConfigError(factory, 'cache', 'a cache of createCache', 'another object')
}

function listOption(factory: string, option: string, list: unknown): readonly string[] | undefined {
  if (list === undefined) return undefined
  if (Array.isArray(list) && list.every((item) => typeof item === 'string')) return list
  throw new ConfigError(factory, option, 'a list of names', list)
}
