import {
  ConfigError,
  durationOption,
  functionOption,
  integerOption,
  sizeOption,
  stringOption,
  systemClock,
  type Clock,
  type Duration,
  type RedisGuard,
  type RedisLike,
  type Size,
} from '@hardening/core'
import { checkNames, resolveEntryOptions, type CacheEntryOptions, type EntrySettings } from './data/settings.js'

/** Options of `createCache`. What an entry may have of its own is given here for all. */
export interface CreateCacheOptions extends CacheEntryOptions {
  /** Name in keys, events and metrics: letters, digits, `.`, `_` and `-`. Caches of one name share their values. @defaultValue `'default'` */
  name?: string
  /** Client of ioredis 5 or 6, `fromNodeRedis(client)`, or a guard that is there already. @defaultValue memory alone */
  redis?: RedisLike | RedisGuard
  /**
   * Client of which a second connection is made to hear of invalidations; `false` for none. Without it the journal is
   * read every `pollEvery`.
   *
   * @defaultValue `redis`, where that is a client
   */
  bus?: RedisLike | false
  /** What stands before all keys in Redis. @defaultValue `'hd'` */
  prefix?: string
  /** Most entries in memory. @defaultValue 10,000 */
  maxEntries?: number
  /** Most bytes in memory, as estimated. @defaultValue 64 MB */
  maxBytes?: Size
  /** A larger value is not kept in memory. @defaultValue an eighth of `maxBytes` */
  maxEntryBytes?: Size
  /**
   * For how long one process has the right to load a value that others wait for; prolonged while it is at it. 0 lets
   * every process load for itself.
   *
   * @defaultValue 2 s
   */
  lease?: Duration
  /** How long Redis may take for an answer, where `redis` is a client. @defaultValue 150 ms */
  redisTimeout?: Duration
  /** How often the journal of invalidations is looked at. @defaultValue 1 s with a bus, 50 ms without */
  pollEvery?: Duration
  /** Where time comes from. @defaultValue the system's clock */
  clock?: Clock
  /** Random numbers from 0 to 1, for the jitter. @defaultValue `Math.random` */
  random?: () => number
}

/** {@link CreateCacheOptions}, checked. */
export interface ResolvedCacheOptions {
  readonly name: string
  readonly prefix: string
  readonly redis: { readonly client?: RedisLike; readonly guard?: RedisGuard } | undefined
  readonly bus: RedisLike | undefined
  readonly maxEntries: number
  readonly maxBytes: number
  readonly maxEntryBytes: number
  readonly leaseMs: number
  readonly redisTimeoutMs: number
  readonly pollMs: number
  readonly clock: Clock
  readonly random: () => number
  readonly settings: EntrySettings
  /** Whether whoever uses it tells of lookups itself. */
  readonly isQuiet: boolean
}

const factory = 'createCache'
const ownNames = [
  'name',
  'redis',
  'bus',
  'prefix',
  'maxEntries',
  'maxBytes',
  'maxEntryBytes',
  'lease',
  'redisTimeout',
  'pollEvery',
  'clock',
  'random',
]

/** @throws ConfigError `ERR_CONFIG_INVALID` */
export function resolveCacheOptions(options: CreateCacheOptions = {}): ResolvedCacheOptions {
  checkNames(factory, options, ownNames)
  const { name = 'default', prefix = 'hd', maxEntries = 10_000, maxBytes = '64mb' } = options
  const { lease = 2000, redisTimeout = 150, clock = systemClock, random = Math.random } = options
  const redis = redisOption(options.redis)
  const bus = busOption(options.bus, redis?.client)
  const { pollEvery = bus === undefined ? 50 : 1000 } = options
  const bytes = sizeOption(factory, 'maxBytes', maxBytes, 1024)
  const leaseMs = durationOption(factory, 'lease', lease, { max: 60_000 })
  if (leaseMs > 0 && leaseMs < 100) throw new ConfigError(factory, 'lease', '0, or from 100 ms to 60 s', lease)
  if (!/^[\w.-]{1,64}$/.test(stringOption(factory, 'name', name))) {
    throw new ConfigError(factory, 'name', '1 to 64 letters, digits, `.`, `_` and `-`', name)
  }
  if (!/^[\w.-]+(?::[\w.-]+)*:*$/.test(stringOption(factory, 'prefix', prefix)) || prefix.length > 64) {
    throw new ConfigError(factory, 'prefix', '1 to 64 letters, digits, `.`, `_`, `-` and `:`', prefix)
  }
  return {
    name,
    prefix,
    redis,
    bus,
    maxEntries: integerOption(factory, 'maxEntries', maxEntries, { min: 1, max: 16_000_000 }),
    maxBytes: bytes,
    maxEntryBytes: sizeOption(factory, 'maxEntryBytes', options.maxEntryBytes ?? Math.ceil(bytes / 8), 1),
    leaseMs,
    redisTimeoutMs: durationOption(factory, 'redisTimeout', redisTimeout, { min: 1 }),
    pollMs: durationOption(factory, 'pollEvery', pollEvery, { min: 5 }),
    clock,
    random: functionOption(factory, 'random', random),
    settings: resolveEntryOptions(factory, options),
    isQuiet: false,
  }
}

function redisOption(redis: unknown): ResolvedCacheOptions['redis'] {
  if (redis === undefined) return undefined
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- without it nothing can be asked of the value
  const candidate = redis as Partial<RedisGuard & RedisLike> | null
  if (typeof candidate?.script === 'function' && typeof candidate.run === 'function') {
    return { guard: candidate as RedisGuard }
  }
  if (typeof candidate?.call === 'function' && typeof candidate.status === 'string') {
    return { client: candidate as RedisLike }
  }
  // Never the value itself: a client holds its password.
  const got = typeof redis === 'object' && redis !== null ? 'another object' : redis
  throw new ConfigError(factory, 'redis', 'a client of ioredis, fromNodeRedis(client), or a Redis guard', got)
}

function busOption(bus: unknown, client: RedisLike | undefined): RedisLike | undefined {
  if (bus === false) return undefined
  const given = bus ?? client
  if (given === undefined) return undefined
  if (typeof (given as Partial<RedisLike>).duplicate === 'function') return given as RedisLike
  throw new ConfigError(factory, 'bus', 'false, or a client of ioredis or fromNodeRedis(client)', 'another object')
}
