import { createRedisGuard, type Clock, type RedisGuard } from '@hardening/core'
import type { ResolvedCacheOptions } from '../options.js'
import type { Entry } from './entry.js'
import { writeEnvelope } from './envelope.js'
import type { Flight } from './flight.js'
import type { Invalidation, Invalidations } from './invalidations.js'
import { Journal } from './journal.js'
import { cacheKeys } from './keys.js'
import { Pending, type PendingValue } from './pending.js'
import { Remote, tombstoneMs, type Found } from './remote.js'

/** What the store needs of memory. */
export interface StoreHost {
  invalidated(what: Invalidation): void
  /** Everything in memory may be wrong, but for these. */
  lost(kept: readonly Entry[]): void
}

/** Redis behind memory: whatever fails here is made up for later, and never fails a caller. */
export class Store {
  readonly #options: ResolvedCacheOptions
  readonly #clock: Clock
  readonly #guard: RedisGuard
  readonly #ownsGuard: boolean
  readonly #journal: Journal
  readonly #remote: Remote
  readonly #invalidations: Invalidations
  readonly #host: StoreHost
  readonly #pending: Pending
  readonly #writes = new Set<Promise<unknown>>()

  constructor(options: ResolvedCacheOptions, invalidations: Invalidations, host: StoreHost) {
    this.#options = options
    this.#clock = options.clock
    this.#invalidations = invalidations
    this.#host = host
    this.#pending = new Pending(options.maxBytes)
    const { client, guard } = options.redis as NonNullable<ResolvedCacheOptions['redis']>
    this.#ownsGuard = guard === undefined
    this.#guard =
      guard ??
      createRedisGuard(client as NonNullable<typeof client>, {
        name: `cache:${options.name}`,
        timeout: options.redisTimeoutMs,
        clock: options.clock,
      })
    const keys = cacheKeys(options.prefix, options.name)
    const { pollMs, bus } = options
    const startMs = options.redisTimeoutMs
    this.#journal = new Journal(
      { guard: this.#guard, keys, clock: options.clock, pollMs, startMs, bus },
      invalidations,
      {
        invalidated: (what) => host.invalidated(what),
        lost: (how) => this.#lost(how),
        recovered: () => this.#catchUp(),
      },
    )
    this.#remote = new Remote(this.#guard, client ?? bus, keys, this.#journal, invalidations)
  }

  get isLive(): boolean {
    return this.#journal.isLive
  }

  get isUsable(): boolean {
    return this.#journal.isUsable && this.#pending.size === 0
  }

  get seq(): number {
    return this.#journal.seq
  }

  get pendingSize(): number {
    return this.#pending.size
  }

  /** Whether Redis can be asked, after hearing what there is to hear. */
  async ensure(): Promise<boolean> {
    if (this.#journal.isLive && this.isUsable) return true
    return (await this.#journal.ensure()) && this.#pending.size === 0
  }

  doubt(error?: unknown): void {
    if ((error as { reason?: string } | undefined)?.reason !== undefined) this.#journal.doubt()
  }

  read(key: string): Promise<Found | undefined> {
    return this.#remote.read(key)
  }

  leaseThenRead(key: string, token: string): Promise<{ taken: boolean; found: Found | undefined }> {
    return this.#remote.leaseThenRead(key, token, this.#options.leaseMs)
  }

  release(key: string, token: string): void {
    this.#track(this.#remote.release(key, token))
  }

  /** Keeps a lease while its loader runs. */
  hold(key: string, token: string): { stop(): void } {
    const { leaseMs } = this.#options
    let timer: unknown
    const renew = (): void => {
      timer = this.#clock.setTimeout(() => {
        this.#track(this.#remote.renew(key, token, leaseMs))
        renew()
      }, leaseMs / 3)
    }
    renew()
    return { stop: () => this.#clock.clearTimeout(timer) }
  }

  /** Writes what a loader gave, without anybody waiting for it. */
  put(key: string, entry: Entry, flight: Pick<Flight, 'seq' | 'startedAt' | 'isOffline'>, token: string): void {
    const tookMs = this.#clock.monotonic() - flight.startedAt
    // What was changed while it was being loaded is newer.
    const at = this.#clock.now() - tookMs
    const pending = { key, entry, at, isSure: flight.isOffline }
    if (!this.isUsable) {
      this.#pending.addValue(pending)
      return
    }
    if (tookMs >= tombstoneMs) return
    const { epoch } = this.#journal
    const order = { epoch, seq: flight.seq, at, by: 'seq', token } as const
    const { text, leftMs } = this.#pack(key, entry, epoch, flight.seq, at)
    const write = this.#remote.put(key, text, leftMs, order)
    this.#track(write.catch((error: unknown) => this.#failed(error, () => this.#pending.addValue(pending))))
  }

  async set(key: string, entry: Entry): Promise<void> {
    const at = this.#clock.now()
    const pending = { key, entry, at, isSure: true }
    try {
      if (!(await this.ensure())) return this.#pending.addValue(pending)
      const seq = await this.#journal.mark({ kind: 'key', names: [key] })
      const { epoch } = this.#journal
      const { text, leftMs } = this.#pack(key, entry, epoch, seq, at)
      await this.#remote.put(key, text, leftMs, { epoch, seq, at, by: 'seq' })
    } catch (error) {
      this.#failed(error, () => this.#pending.addValue(pending))
    }
  }

  async invalidate(what: Invalidation): Promise<void> {
    const at = this.#clock.now()
    try {
      if (!(await this.ensure())) return this.#pending.addInvalidation(what, at)
      const seq = await this.#journal.mark(what)
      await this.#clean(what, seq, at, 'seq')
    } catch (error) {
      this.#failed(error, () => this.#pending.addInvalidation(what, at))
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#writes)
    this.#journal.close()
    if (this.#ownsGuard) this.#guard.close()
  }

  /** Only what was made in the certainty that nothing was heard from Redis is still to be told to it. */
  #lost(how: 'new-life' | 'too-much-missed'): void {
    const isStillGood = ({ key, entry, isSure }: PendingValue): boolean =>
      isSure && how === 'new-life' && !this.#invalidations.isOutdatedEntry(key, entry.tags, entry.generation)
    this.#host.lost(this.#pending.retain(isStillGood))
  }

  async #clean(what: Invalidation, seq: number, at: number, by: 'seq' | 'time'): Promise<void> {
    const { epoch } = this.#journal
    if (what.kind === 'key') {
      await Promise.all(what.names.map((key) => this.#remote.bury(key, { epoch, seq, at, by })))
    } else if (what.kind === 'pattern') for (const name of what.names) await this.#remote.sweep(name)
  }

  /** Tells Redis what it missed; deletions first. False where it is gone again. */
  async #catchUp(): Promise<boolean> {
    try {
      for (let next = this.#pending.firstInvalidation(); next !== undefined; next = this.#pending.firstInvalidation()) {
        await this.#catchUpInvalidation(next.what, next.at)
        this.#pending.doneInvalidation(next)
      }
      for (let next = this.#pending.firstValue(); next !== undefined; next = this.#pending.firstValue()) {
        await this.#catchUpValue(next)
        this.#pending.doneValue(next)
      }
      return true
    } catch {
      return false
    }
  }

  async #catchUpInvalidation(what: Invalidation, at: number): Promise<void> {
    let { names } = what
    if (what.kind === 'key') {
      const isNewer = await Promise.all(names.map((key) => this.#remote.hasNewer(key, at)))
      names = names.filter((_, index) => isNewer[index] === false)
      if (names.length === 0) return
    }
    const late = what.kind === 'key' ? { kind: what.kind, names, at } : what
    const seq = await this.#journal.mark(late, true)
    await this.#clean(late, seq, at, 'time')
  }

  async #catchUpValue({ key, entry, at }: PendingValue): Promise<void> {
    // Asked before it is marked as changed, since a mark makes what was there before invalid.
    if (await this.#remote.hasNewer(key, at)) return this.#host.invalidated({ kind: 'key', names: [key] })
    const seq = await this.#journal.mark({ kind: 'key', names: [key], at }, true)
    const { epoch } = this.#journal
    const isGood =
      entry.freshUntil > this.#clock.monotonic() &&
      !this.#invalidations.isOutdatedEntry(key, entry.tags, entry.generation)
    const order = { epoch, seq, at, by: 'time' } as const
    if (!isGood) return this.#remote.bury(key, order)
    const { text, leftMs } = this.#pack(key, entry, epoch, seq, at)
    // Somebody else has written a newer one: then ours in memory is wrong.
    if (!(await this.#remote.put(key, text, leftMs, order))) this.#host.invalidated({ kind: 'key', names: [key] })
  }

  #pack(key: string, entry: Entry, epoch: string, seq: number, at: number): { text: string; leftMs: number } {
    const now = this.#clock.monotonic()
    const wall = this.#clock.now()
    const freshUntil = wall + entry.freshUntil - now
    const staleUntil = wall + entry.staleUntil - now
    const { tags, content } = entry
    const text = writeEnvelope({ epoch, seq, at, freshUntil, staleUntil, key, tags, content })
    return { text, leftMs: staleUntil - wall }
  }

  #failed(error: unknown, makeUp: () => void): void {
    this.doubt(error)
    makeUp()
  }

  #track(write: Promise<unknown>): void {
    const tracked = write.catch((error: unknown) => this.doubt(error)).finally(() => this.#writes.delete(tracked))
    this.#writes.add(tracked)
  }
}
