import { systemClock, type Clock } from '../clock.js'
import { durationOption, type Duration } from '../duration.js'
import { ConfigError } from '../errors.js'
import { functionOption, integerOption, rejectUnknownOptions, stringOption } from '../option.js'
import type { RedisLike } from './client.js'

/** When a guard stops asking a Redis that does not answer. */
export interface RedisBreakerOptions {
  /** How many failures in a row open the breaker. @defaultValue 5 */
  failures?: number
  /**
   * How long it stays open before one call is let through: at first, and at most. The time doubles with each probe that
   * fails and starts again after a success.
   *
   * @defaultValue `['1s', '30s']`
   */
  openFor?: readonly [first: Duration, most: Duration]
}

/** Options of `createRedisGuard`. */
export interface RedisGuardOptions {
  /** Name of this connection in errors, events and metrics: `'requests'`, `'tokens'`. @defaultValue `'redis'` */
  name?: string
  /** How long a call may take. @defaultValue 150 ms */
  timeout?: Duration
  /** When to stop asking. */
  breaker?: RedisBreakerOptions
  /**
   * How often a Redis that is out of reach is looked for: a PING while the breaker is open, a new attempt to connect
   * while an ioredis client waits before its next one.
   *
   * @defaultValue 1 s
   */
  probeEvery?: Duration
  /** Where time comes from. @defaultValue the system's clock */
  clock?: Clock
}

/** The options of a guard, checked and complete. */
export interface ResolvedRedisGuardOptions {
  readonly name: string
  readonly timeoutMs: number
  readonly failures: number
  readonly openMs: number
  readonly maxOpenMs: number
  readonly probeMs: number
  readonly clock: Clock
}

const factory = 'createRedisGuard'

/** @throws ConfigError `ERR_CONFIG_INVALID` */
export function resolveRedisGuardOptions(options: RedisGuardOptions = {}): ResolvedRedisGuardOptions {
  rejectUnknownOptions(factory, options, ['name', 'timeout', 'breaker', 'probeEvery', 'clock'])
  const { name = 'redis', timeout = 150, breaker = {}, probeEvery = 1000, clock = systemClock } = options
  rejectUnknownOptions(factory, breaker, ['failures', 'openFor'], 'breaker')
  const { failures = 5, openFor = ['1s', '30s'] } = breaker
  if (!Array.isArray(openFor) || openFor.length !== 2) {
    throw new ConfigError(factory, 'breaker.openFor', "two durations such as ['1s', '30s']", openFor)
  }
  const openMs = durationOption(factory, 'breaker.openFor[0]', openFor[0], { min: 1 })
  return {
    name: stringOption(factory, 'name', name),
    timeoutMs: durationOption(factory, 'timeout', timeout, { min: 1 }),
    failures: integerOption(factory, 'breaker.failures', failures, { min: 1 }),
    openMs,
    maxOpenMs: durationOption(factory, 'breaker.openFor[1]', openFor[1], { min: openMs }),
    probeMs: durationOption(factory, 'probeEvery', probeEvery, { min: 10 }),
    clock: checkClock(clock),
  }
}

/** @throws ConfigError where the client lacks what the guard calls, with a hint for clients of node-redis. */
export function checkRedisClient(client: RedisLike): RedisLike {
  const candidate = client as Partial<RedisLike> | null | undefined
  const works =
    typeof candidate?.call === 'function' &&
    typeof candidate.on === 'function' &&
    typeof candidate.off === 'function' &&
    typeof candidate.status === 'string'
  if (works) return client
  // Never the value itself: a client holds its password.
  const got = candidate === null || typeof candidate !== 'object' ? candidate : 'another object'
  throw new ConfigError(factory, 'client', 'a client of ioredis, or fromNodeRedis(client) for one of node-redis', got)
}

function checkClock(clock: Clock): Clock {
  for (const method of ['monotonic', 'setTimeout', 'clearTimeout'] as const) {
    functionOption(factory, `clock.${method}`, clock[method])
  }
  return clock
}
