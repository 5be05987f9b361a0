import {
  createRedisGuard,
  redisKeyspace,
  rejectUnknownOptions,
  type Clock,
  type Duration,
  type RedisGuard,
  type RedisKeyspace,
  type RedisLike,
} from '@hardening/core'
import type { Claim, Quota } from '../quota.js'
import type { KeyRef, KeyStatus, RateLimitStore, StoreSetup } from '../store.js'
import type { Verdict } from '../verdict.js'
import { Batcher, CrossSlotError } from './batcher.js'
import { ChangeLog } from './change-log.js'
import { KnownKeys } from './known-keys.js'
import type { Reply } from './reply.js'
import { readStatus, readTake, TakeUnit, writeTake, type BatchWriter } from './units.js'

/** Options of {@link RedisRateLimitStore}. */
export interface RedisRateLimitStoreOptions {
  /** A client of ioredis 5 or 6, single or Cluster, with any options; or a guard. */
  redis: RedisLike | RedisGuard
  /** What keys begin with. @defaultValue `'hd'` */
  prefix?: string
  /** Longest wait for an answer; with a guard in `redis`, the guard's holds. @defaultValue 150 ms */
  timeout?: Duration
  /** Where the guard takes time from. @defaultValue the system's */
  clock?: Clock
  /** Milliseconds since 1970 in place of the server's time, for tests. @defaultValue the server's */
  now?: () => number
}

/**
 * Counts in Redis, together with every other instance of the same name: one call for all windows of all requests that
 * wait in the same turn of the event loop, atomic, exact, by the server's clock. Identities are hashed.
 */
export class RedisRateLimitStore implements RateLimitStore {
  readonly guard: RedisGuard
  readonly #ownsGuard: boolean
  readonly #prefix: string | undefined
  readonly #isCluster: boolean
  readonly #now: (() => number) | undefined
  #keyspace!: RedisKeyspace
  #keys!: KnownKeys
  #batcher!: Batcher
  #changes!: ChangeLog

  /** @throws ConfigError `ERR_CONFIG_INVALID` */
  constructor(options: RedisRateLimitStoreOptions) {
    rejectUnknownOptions('RedisRateLimitStore', options, ['redis', 'prefix', 'timeout', 'clock', 'now'])
    const { redis, prefix, timeout, clock, now } = options
    this.#ownsGuard = !isGuard(redis)
    this.#isCluster = !isGuard(redis) && (redis as { isCluster?: boolean }).isCluster === true
    this.guard = isGuard(redis)
      ? redis
      : createRedisGuard(redis, {
          name: 'ratelimit',
          // Where one node of several is lost, PING does not tell: only a call that goes to its slots finds it back.
          ...(this.#isCluster && { breaker: { openFor: ['1s', '1500ms'] as const } }),
          ...(timeout !== undefined && { timeout }),
          ...(clock && { clock }),
        })
    this.#prefix = prefix
    this.#now = now
  }

  /** @throws ConfigError for a prefix or name that cannot stand in a key */
  init({ name, groups, penalty }: StoreSetup): void {
    const prefix = this.#prefix
    this.#keyspace = redisKeyspace({ area: 'rl', version: 1, name, ...(prefix !== undefined && { prefix }) })
    this.#keys = new KnownKeys(
      groups.map((group) => group.name),
      this.#keyspace,
    )
    this.#batcher = new Batcher({
      guard: this.guard,
      quotas: groups.flatMap((group) => group.quotas),
      penalty,
      isCluster: this.#isCluster,
      now: this.#now,
    })
    this.#changes = new ChangeLog(this.guard, `${this.#keyspace.base}changes`)
  }

  get available(): boolean {
    return this.guard.available
  }

  take(claims: readonly Claim[], verdict: Verdict): Promise<void> {
    verdict.clear()
    if (claims.length === 1) return this.#takeTogether(claims, [this.#keyOf(claims[0] as Claim)], verdict)
    const keys = claims.map((claim) => this.#keyOf(claim))
    if (this.#batcher.isCluster) return this.#takeApart(claims, keys, verdict)
    return this.#takeTogether(claims, keys, verdict).catch((error: unknown) => {
      if (error instanceof CrossSlotError) return this.#takeApart(claims, keys, verdict)
      throw error
    })
  }

  adjust(claim: Claim, at: number): Promise<void> {
    return this.#ask(
      claim,
      (writer, place) => {
        writer.numbers.push(2, place, at, claim.quotas.length)
        claim.quotas.forEach((quota, slot) => writer.numbers.push(writer.window(quota), claim.costs[slot] as number))
      },
      nothing,
    )
  }

  strike(ref: KeyRef, count: number): Promise<number> {
    return this.#ask(
      ref,
      ({ numbers }, place) => numbers.push(3, place, count),
      (reply) => reply.double(),
    )
  }

  inspect(ref: KeyRef, quotas: readonly Quota[]): Promise<KeyStatus> {
    return this.#ask(
      ref,
      (writer, place) => writer.numbers.push(4, place, quotas.length, ...quotas.map((quota) => writer.window(quota))),
      (reply) => readStatus(quotas, reply),
    )
  }

  block(ref: KeyRef, ms: number): Promise<void> {
    return this.#ask(ref, ({ numbers }, place) => numbers.push(5, place, Math.ceil(ms)), nothing)
  }

  async unblock(ref: KeyRef): Promise<void> {
    await this.#ask(ref, ({ numbers }, place) => numbers.push(6, place), nothing)
    await this.#changes.announce(this.#idOf(ref))
  }

  async reset(ref: KeyRef): Promise<void> {
    await this.#ask(ref, ({ numbers }, place) => numbers.push(7, place), nothing)
    await this.#changes.announce(this.#idOf(ref))
  }

  async changes(keys: Iterable<KeyRef>): Promise<readonly KeyRef[]> {
    const ids = await this.#changes.read()
    if (ids.size === 0) return []
    const freed: KeyRef[] = []
    for (const ref of keys) if (ids.has(this.#idOf(ref))) freed.push(ref)
    return freed
  }

  close(): void {
    if (this.#ownsGuard) this.guard.close()
  }

  #takeTogether(claims: readonly Claim[], keys: readonly string[], verdict: Verdict): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#batcher.add(new TakeUnit(claims, keys, verdict, resolve, reject))
    })
  }

  /** On a cluster keys of one request may be on several servers: what one took is given back where another refused. */
  async #takeApart(claims: readonly Claim[], keys: readonly string[], verdict: Verdict): Promise<void> {
    let at = 0
    const takes = claims.map((claim, index) => {
      const first = at
      at += claim.quotas.length
      const [one, key] = [[claim], [keys[index] as string]]
      return this.#ask(
        claim,
        (writer) => writeTake(one, key, writer),
        (reply) => ({ passed: readTake(one, index, first, verdict, reply), at: reply.now, first }),
      )
    })
    const results = await Promise.allSettled(takes)
    const failed = results.find((result) => result.status === 'rejected')
    verdict.allowed = results.every((result) => result.status === 'fulfilled' && result.value.passed)
    if (!verdict.allowed) {
      results.forEach((result, index) => {
        if (result.status === 'rejected' || !result.value.passed) return
        const claim = claims[index] as Claim
        const { at, first } = result.value
        // A dry run that had no room has taken nothing.
        const costs = claim.costs.map((cost, slot) => (verdict.waitMs[first + slot] === 0 ? -cost : 0))
        this.adjust({ ...claim, costs }, at).catch(() => undefined)
      })
    }
    if (failed !== undefined) throw failed.reason
  }

  #ask<T>(ref: KeyRef, write: (writer: BatchWriter, place: number) => void, read: (reply: Reply) => T): Promise<T> {
    const key = this.#keyOf(ref)
    return new Promise<T>((resolve, reject) => {
      let value!: T
      this.#batcher.add({
        keys: [key],
        single: undefined,
        write: (writer) => write(writer, writer.key(key)),
        read: (reply) => {
          value = read(reply)
        },
        resolve: () => resolve(value),
        reject,
      })
    })
  }

  #idOf(ref: KeyRef): string {
    return this.#keyOf(ref).slice(this.#keyspace.base.length)
  }

  #keyOf({ group, key }: KeyRef): string {
    return this.#keys.of(group, key)
  }
}

function nothing(): void {}

function isGuard(redis: RedisLike | RedisGuard): redis is RedisGuard {
  const candidate = redis as Partial<RedisGuard> | null | undefined
  return typeof candidate?.script === 'function' && typeof candidate.available === 'boolean'
}
