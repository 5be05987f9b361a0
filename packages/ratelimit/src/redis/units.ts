import type { Claim, Quota } from '../quota.js'
import type { KeyStatus } from '../store.js'
import type { Verdict } from '../verdict.js'
import type { Reply } from './reply.js'

/** Writes the units of one call. */
export interface BatchWriter {
  readonly numbers: number[]
  /** The place of a key among KEYS. */
  key(key: string): number
  /** The place of a quota among the windows. */
  window(quota: Quota): number
}

/** One thing that is asked for. */
export interface Unit {
  /** Redis keys; on a cluster all of one slot. */
  readonly keys: readonly string[]
  /** What is taken, where it is nothing but that, and from one key. */
  readonly single: Claim | undefined
  /** Its numbers, as the script expects them. */
  write(writer: BatchWriter): void
  /** Takes its answer. */
  read(reply: Reply): void
  resolve(): void
  reject(error: unknown): void
}

/** Claims that pass all together or not at all, which nearly every unit is. */
export class TakeUnit implements Unit {
  readonly keys: readonly string[]
  readonly single: Claim | undefined
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
  readonly #claims: readonly Claim[]
  readonly #verdict: Verdict

  constructor(
    claims: readonly Claim[],
    keys: readonly string[],
    verdict: Verdict,
    resolve: () => void,
    reject: (error: unknown) => void,
  ) {
    this.keys = keys
    this.single = claims.length === 1 ? claims[0] : undefined
    this.resolve = resolve
    this.reject = reject
    this.#claims = claims
    this.#verdict = verdict
  }

  write(writer: BatchWriter): void {
    writeTake(this.#claims, this.keys, writer)
  }

  read(reply: Reply): void {
    this.#verdict.allowed = readTake(this.#claims, 0, 0, this.#verdict, reply)
  }
}

/** Writes claims that pass all together or not at all. */
export function writeTake(claims: readonly Claim[], keys: readonly string[], writer: BatchWriter): void {
  writer.numbers.push(1, claims.length)
  for (let index = 0; index < claims.length; index++) {
    const { quotas, costs } = claims[index] as Claim
    writer.numbers.push(writer.key(keys[index] as string), quotas.length)
    for (let slot = 0; slot < quotas.length; slot++) {
      writer.numbers.push(writer.window(quotas[slot] as Quota), costs[slot] as number)
    }
  }
}

/** Fills a verdict from `at`, the first quota of the claims, on. Gives whether it was allowed. */
export function readTake(
  claims: readonly Claim[],
  firstClaim: number,
  at: number,
  verdict: Verdict,
  reply: Reply,
): boolean {
  const outcome = reply.byte()
  const isPlain = outcome === 1
  const { now } = reply
  verdict.at = now
  for (let index = 0; index < claims.length; index++) {
    const { quotas, costs } = claims[index] as Claim
    const blockedMs = isPlain ? 0 : reply.double()
    if (blockedMs > verdict.blockedMs) {
      verdict.blockedMs = blockedMs
      verdict.blockedClaim = firstClaim + index
    }
    for (let slot = 0; slot < quotas.length; slot++, at++) {
      const quota = quotas[slot] as Quota
      const fits = isPlain || reply.byte() === 1
      const state = reply.window()
      verdict.waitMs[at] = fits ? 0 : Math.max(1, quota.counts.wait(state, quota, now, costs[slot] as number))
      verdict.remaining[at] = quota.counts.remaining(state, quota, now)
      verdict.resetMs[at] = quota.counts.reset(state, quota, now)
    }
  }
  return outcome !== 0
}

/** What an `inspect` unit found. */
export function readStatus(quotas: readonly Quota[], reply: Reply): KeyStatus {
  const [blockedMs, strikes, level] = [reply.double(), reply.double(), reply.double()]
  const windows = quotas.map((quota) => {
    const state = reply.window()
    const remaining = quota.counts.remaining(state, quota, reply.now)
    return { name: quota.name, remaining, resetMs: quota.counts.reset(state, quota, reply.now) }
  })
  return { blockedMs, strikes, level, windows }
}
