import { integerOption, rejectUnknownOptions, sizeOption, systemClock, type Clock, type Size } from '@hardening/core'
import type { WindowState } from '../algorithms/algorithm.js'
import type { Claim, Quota } from '../quota.js'
import type { KeyRef, KeyStatus, RateLimitStore, StoreSetup } from '../store.js'
import type { Verdict } from '../verdict.js'
import { EntryTable } from './entry-table.js'
import { PenaltyBook } from './penalty-book.js'

/** Options of {@link MemoryRateLimitStore}. */
export interface MemoryRateLimitStoreOptions {
  /** Most keys of one kind that are counted at once. @defaultValue 100,000 */
  maxKeys?: number
  /** Most memory that the counts of one kind of key may take; the smaller of the two bounds holds. @defaultValue 64 MB */
  maxBytes?: Size
  /** Where time comes from; only its monotonic time is used. @defaultValue the system's */
  clock?: Clock
}

interface Group {
  readonly table: EntryTable
  readonly penalties: PenaltyBook
  readonly windows: number
}

/** Passes over a key that was refused more often than over one that was only used. */
const usedMark = 1
const refusedMark = 3

/**
 * Counts in the memory of this process: synchronous, bounded, without a timer. Time is monotonic, so a correction of the
 * system's time neither frees nor locks anybody.
 */
export class MemoryRateLimitStore implements RateLimitStore {
  readonly #maxKeys: number
  readonly #maxBytes: number
  readonly #clock: Clock
  #groups: readonly Group[] = []
  readonly #states: WindowState[] = []
  readonly #entries: number[] = []

  /** @throws ConfigError `ERR_CONFIG_INVALID` */
  constructor(options: MemoryRateLimitStoreOptions = {}) {
    rejectUnknownOptions('MemoryRateLimitStore', options, ['maxKeys', 'maxBytes', 'clock'])
    const { maxKeys = 100_000, maxBytes = '64mb', clock = systemClock } = options
    this.#maxKeys = integerOption('MemoryRateLimitStore', 'maxKeys', maxKeys, { min: 1, max: 2 ** 26 })
    this.#maxBytes = sizeOption('MemoryRateLimitStore', 'maxBytes', maxBytes, 1024)
    this.#clock = clock
  }

  init({ groups, penalty }: StoreSetup): void {
    this.#groups = groups.map(({ quotas }) => {
      const windows = quotas.length
      const max = Math.max(1, Math.min(this.#maxKeys, Math.floor(this.#maxBytes / EntryTable.bytesOf(windows))))
      const penalties = new PenaltyBook(penalty, Math.min(this.#maxKeys, 50_000))
      return { table: new EntryTable(windows, max), penalties, windows }
    })
  }

  /** How many keys are counted. */
  get size(): number {
    return this.#groups.reduce((sum, { table }) => sum + table.size, 0)
  }

  /** Bytes that the counts take. */
  get bytes(): number {
    return this.#groups.reduce((sum, { table }) => sum + table.bytes, 0)
  }

  take(claims: readonly Claim[], verdict: Verdict): void {
    const now = this.#clock.monotonic()
    verdict.clear()
    verdict.at = now
    const { waitMs } = verdict
    const states = this.#states
    let at = 0
    for (let index = 0; index < claims.length; index++) {
      const { group: place, key, quotas, costs } = claims[index] as Claim
      const group = this.#groups[place] as Group
      const { table, penalties } = group
      if (penalties.size > 0) this.#checkBlock(group, key, index, now, verdict)
      const entry = this.#open(group, key, now)
      this.#entries[index] = entry
      for (let slot = 0; slot < quotas.length; slot++, at++) {
        const quota = quotas[slot] as Quota
        const { counts } = quota
        const state = (states[at] ??= newState())
        table.load(entry, quota.slot, state)
        counts.advance(state, quota, now)
        const wait = counts.wait(state, quota, now, costs[slot] as number)
        waitMs[at] = wait
        if (wait > 0 && quota.isEnforced) verdict.allowed = false
      }
    }
    if (verdict.blockedMs > 0) verdict.allowed = false
    this.#commit(claims, verdict, now)
  }

  adjust(claim: Claim, at: number): void {
    const now = this.#clock.monotonic()
    const group = this.#groups[claim.group] as Group
    const entry = group.table.find(claim.key)
    if (entry === -1) return
    claim.quotas.forEach((quota, slot) => {
      const state = this.#load(group, entry, quota, now)
      const cost = claim.costs[slot] as number
      if (cost > 0) quota.counts.consume(state, quota, now, cost)
      else if (cost < 0) quota.counts.refund(state, quota, now, -cost, at)
      group.table.save(entry, quota.slot, state)
    })
  }

  strike({ group, key }: KeyRef, count: number): number {
    const now = this.#clock.monotonic()
    const { penalties } = this.#groups[group] as Group
    penalties.strike(key, now, count)
    return penalties.blockedMs(key, now)
  }

  inspect({ group: at, key }: KeyRef, quotas: readonly Quota[]): KeyStatus {
    const now = this.#clock.monotonic()
    const group = this.#groups[at] as Group
    const entry = group.table.find(key)
    const penalty = group.penalties.get(key)
    return {
      blockedMs: group.penalties.blockedMs(key, now),
      strikes: penalty?.strikes ?? 0,
      level: penalty?.level ?? 0,
      windows: quotas.map((quota) => {
        const state = { start: now, current: 0, previous: 0 }
        if (entry !== -1) group.table.load(entry, quota.slot, state)
        quota.counts.advance(state, quota, now)
        const remaining = quota.counts.remaining(state, quota, now)
        return { name: quota.name, remaining, resetMs: quota.counts.reset(state, quota, now) }
      }),
    }
  }

  block({ group, key }: KeyRef, ms: number): void {
    ;(this.#groups[group] as Group).penalties.block(key, this.#clock.monotonic(), ms)
  }

  unblock({ group, key }: KeyRef): void {
    ;(this.#groups[group] as Group).penalties.forget(key)
  }

  reset({ group: at, key }: KeyRef): void {
    const group = this.#groups[at] as Group
    group.penalties.forget(key)
    const entry = group.table.find(key)
    if (entry !== -1) group.table.remove(entry)
  }

  #checkBlock({ penalties }: Group, key: string, claim: number, now: number, verdict: Verdict): void {
    const penalty = penalties.get(key)
    if (penalty === undefined) return
    const blockedMs = penalty.blockedUntil - now
    if (blockedMs <= verdict.blockedMs) return
    verdict.blockedMs = blockedMs
    verdict.blockedClaim = claim
  }

  #open(group: Group, key: string, now: number): number {
    const found = group.table.find(key)
    if (found !== -1) return found
    const entry = group.table.add()
    fresh.start = now
    for (let window = 0; window < group.windows; window++) group.table.save(entry, window, fresh)
    return entry
  }

  #load(group: Group, entry: number, quota: Quota, now: number): WindowState {
    const state = (this.#states[0] ??= newState())
    group.table.load(entry, quota.slot, state)
    quota.counts.advance(state, quota, now)
    return state
  }

  #commit(claims: readonly Claim[], verdict: Verdict, now: number): void {
    const { allowed, waitMs, remaining, resetMs } = verdict
    const isBlocked = verdict.blockedMs > 0
    const states = this.#states
    let at = 0
    for (let index = 0; index < claims.length; index++) {
      const { group: place, key, quotas, costs } = claims[index] as Claim
      const group = this.#groups[place] as Group
      const { table } = group
      const entry = this.#entries[index] as number
      let isRefused = false
      for (let slot = 0; slot < quotas.length; slot++, at++) {
        const quota = quotas[slot] as Quota
        const { counts } = quota
        const state = states[at] as WindowState
        const fits = waitMs[at] === 0
        const isCounted = allowed ? fits : quota.countsRefused && !isBlocked
        if (isCounted) counts.consume(state, quota, now, costs[slot] as number)
        if (!fits && quota.isEnforced) isRefused = true
        table.save(entry, quota.slot, state)
        remaining[at] = counts.remaining(state, quota, now)
        resetMs[at] = counts.reset(state, quota, now)
        if (!fits && isCounted) waitMs[at] = counts.wait(state, quota, now, costs[slot] as number)
      }
      table.touch(entry, allowed ? usedMark : refusedMark)
      if (isRefused && !isBlocked) this.#strike(group, key, index, now, verdict)
    }
  }

  #strike({ penalties }: Group, key: string, claim: number, now: number, verdict: Verdict): void {
    const penalty = penalties.strike(key, now, 1)
    if (penalty === undefined) return
    const blockedMs = penalty.blockedUntil - now
    if (blockedMs <= verdict.blockedMs) return
    verdict.blockedMs = blockedMs
    verdict.blockedClaim = claim
  }
}

/** Times have fractions: V8 shall not take them for whole numbers at first. */
function newState(): WindowState {
  return { start: 0.5, current: 0, previous: 0 }
}

const fresh = newState()
