import { createHash } from 'node:crypto'
import { ConfigError, type Clock, type ConfigIssue } from '@hardening/core'
import type { RateLimitRequestHandler, Store } from 'express-rate-limit'
import { RateLimitStoreError, RateLimitUnsupportedError } from '../errors.js'
import { inTime } from '../in-time.js'
import type { Policy } from '../policy.js'
import type { Claim, Quota } from '../quota.js'
import type { KeyRef, KeyStatus, RateLimitStore, StoreSetup } from '../store.js'
import type { Verdict } from '../verdict.js'
import type { ExternalStore } from './external-store.js'
import { StoreBreaker } from '../store-breaker.js'
import { loadExpressRateLimit } from './load-express-rate-limit.cjs'

/** What one run of express-rate-limit is given in place of a request, and where it leaves what it counted. */
interface Run {
  readonly key: string
  readonly limit: number
  rateLimit?: { readonly used: number; readonly remaining: number; readonly resetTime: Date | undefined }
}

/** Refuses what express-rate-limit and its stores have no way to do. @throws ConfigError `ERR_CONFIG_INVALID` */
export function checkExternal(policies: readonly Policy[], store: ExternalStore, hasBlocks: boolean): void {
  const issues = policies.flatMap(({ name, quota, cost, costOf, finalCost, quotaOf }): ConfigIssue[] => {
    const of = (option: string): string => `policies[${name}].${option}`
    const why = 'with a store of express-rate-limit'
    return [
      ...(quota.algorithm === 'fixed-window'
        ? []
        : [{ option: of('algorithm'), expected: `'fixed-window' ${why}`, got: quota.algorithm }]),
      ...(cost === 1 && costOf === undefined
        ? []
        : [{ option: of('cost'), expected: `1 ${why}`, got: costOf ?? cost }]),
      ...(finalCost === undefined ? [] : [{ option: of('count'), expected: `'all' ${why}`, got: finalCost }]),
      ...(quotaOf === undefined
        ? []
        : [{ option: of('limit'), expected: `a number, as the window, ${why}`, got: quotaOf }]),
    ]
  })
  if (hasBlocks) issues.push({ option: 'block', expected: 'left out with a store of express-rate-limit', got: true })
  if (typeof store !== 'function' && policies.length > 1) {
    const expected = 'a function that makes a store for each policy, since two policies cannot share one'
    issues.push({ option: 'store', expected, got: 'one store' })
  }
  if (issues.length > 0) throw new ConfigError('rateLimit', issues)
}

/**
 * Runs express-rate-limit, one instance a policy, over stores that were written for it: fixed windows, one call a
 * window, each counted for itself. Time-out, breaker and failure modes are ours; a store that was made by a function is
 * made anew when it did not get over an outage by itself.
 */
export class ExternalLimits implements RateLimitStore {
  readonly #store: ExternalStore
  readonly #timeoutMs: number
  readonly #clock: Clock
  readonly #breaker: StoreBreaker
  readonly #instances = new Map<number, RateLimitRequestHandler>()
  readonly #stores: Store[] = []
  #groups: StoreSetup['groups'] = []

  constructor(store: ExternalStore, timeoutMs: number, clock: Clock) {
    this.#store = store
    this.#timeoutMs = timeoutMs
    this.#clock = clock
    this.#breaker = new StoreBreaker(clock)
  }

  init({ groups }: StoreSetup): void {
    this.#groups = groups
    this.#make()
  }

  get available(): boolean {
    return this.#breaker.allows
  }

  async take(claims: readonly Claim[], verdict: Verdict): Promise<void> {
    verdict.clear()
    if (this.#breaker.isOpen && typeof this.#store === 'function') this.#make()
    this.#breaker.begin()
    let at = 0
    const runs = claims.flatMap((claim) => claim.quotas.map((quota) => this.#count(claim, quota, verdict, at++)))
    try {
      await inTime(Promise.all(runs), this.#timeoutMs, this.#clock)
    } catch (error) {
      this.#breaker.fail()
      throw error
    }
    this.#breaker.succeed()
  }

  adjust(): never {
    throw new RateLimitUnsupportedError('correct a count')
  }

  strike(): number {
    return 0
  }

  async inspect(ref: KeyRef, quotas: readonly Quota[]): Promise<KeyStatus> {
    const windows = quotas.map(async (quota) => {
      const info = await this.#instanceOf(quota).getKey(this.#keyOf(ref.group, ref.key, quota))
      // Some stores give something that is no number for a key that they do not have.
      const hits = Number(info?.totalHits) || 0
      const remaining = Math.max(0, quota.limit - hits)
      return { name: quota.name, remaining, resetMs: this.#resetMs(info?.resetTime, quota) }
    })
    return {
      blockedMs: 0,
      strikes: 0,
      level: 0,
      windows: await inTime(Promise.all(windows), this.#timeoutMs, this.#clock),
    }
  }

  block(): never {
    throw new RateLimitUnsupportedError('block a key')
  }

  unblock(): never {
    throw new RateLimitUnsupportedError('unblock a key')
  }

  reset(ref: KeyRef): void {
    const { quotas } = this.#groups[ref.group] as StoreSetup['groups'][number]
    for (const quota of quotas) this.#instanceOf(quota).resetKey(this.#keyOf(ref.group, ref.key, quota))
  }

  /** Ends the stores that were made here; one that was given stays as it is. */
  close(): void {
    if (typeof this.#store !== 'function') return
    for (const store of this.#stores.splice(0)) void store.shutdown?.()
  }

  #make(): void {
    this.close()
    this.#stores.length = 0
    for (const { quotas } of this.#groups) {
      for (const quota of quotas) {
        const { name, limit, windowMs } = quota
        const store = typeof this.#store === 'function' ? this.#store({ name, limit, windowMs }) : this.#store
        this.#stores.push(store)
        this.#instances.set(quota.id, createInstance(store, windowMs))
      }
    }
  }

  async #count(claim: Claim, quota: Quota, verdict: Verdict, at: number): Promise<void> {
    const run: Run = { key: this.#keyOf(claim.group, claim.key, quota), limit: quota.limit }
    const passed = await runInstance(this.#instanceOf(quota), run)
    const { rateLimit } = run
    if (rateLimit === undefined) throw new RateLimitStoreError('express-rate-limit has counted nothing')
    verdict.resetMs[at] = this.#resetMs(rateLimit.resetTime, quota)
    verdict.remaining[at] = rateLimit.remaining
    verdict.waitMs[at] = passed ? 0 : Math.max(1, verdict.resetMs[at])
    if (!passed && quota.isEnforced) verdict.allowed = false
  }

  #instanceOf(quota: Quota): RateLimitRequestHandler {
    return this.#instances.get(quota.id) as RateLimitRequestHandler
  }

  /** Stores know nothing of names: two policies over one prefix must not meet, and no address leaves this process. */
  #keyOf(group: number, key: string, quota: Quota): string {
    const identity = `${this.#groups[group]?.name}\n${key}`
    return `${quota.name}:${createHash('sha256').update(identity).digest('base64url').slice(0, 22)}`
  }

  #resetMs(resetTime: Date | undefined, { windowMs }: Quota): number {
    const ms = Number(resetTime?.getTime()) - this.#clock.now()
    return Number.isNaN(ms) ? windowMs : Math.min(windowMs, Math.max(0, ms))
  }
}

/** What fails is told by the limiter's own events; a store that starts before its server would fill the log. */
const silent = { warn: () => undefined, error: () => undefined }

function createInstance(store: Store, windowMs: number): RateLimitRequestHandler {
  return loadExpressRateLimit()({
    windowMs,
    store,
    limit: (run) => (run as unknown as Run).limit,
    keyGenerator: (run) => (run as unknown as Run).key,
    handler: (_run, _res, next) => next('limited'),
    // Headers, and checks of addresses and proxies, are ours.
    standardHeaders: false,
    legacyHeaders: false,
    validate: false,
    logger: silent,
  })
}

/** Whether the run passed. Rejects with the store's error. */
function runInstance(instance: RateLimitRequestHandler, run: Run): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const next = (result?: unknown): void => {
      if (result === undefined) resolve(true)
      else if (result === 'limited') resolve(false)
      else reject(result instanceof Error ? result : new RateLimitStoreError('The store failed', { cause: result }))
    }
    Promise.resolve(instance(run as never, {} as never, next)).catch(reject)
  })
}
