import type { Claim, Quota } from '../quota.js'
import type { KeyStatus } from '../store.js'
import type { Verdict } from '../verdict.js'

/** Writes the arguments of one call. */
export interface BatchWriter {
  /** The place of a key among KEYS. */
  key(key: string): number
  /** The place of a quota among the windows. */
  window(quota: Quota): number
}

/** Reads the reply of one call from front to end. */
export interface BatchReader {
  readonly now: number
  next(): number
}

/** One thing that is asked for. */
export interface Unit {
  /** Redis keys; on a cluster all of one slot. */
  readonly keys: readonly string[]
  /** Its numbers, as the script expects them. */
  write(writer: BatchWriter, numbers: number[]): void
  /** Takes its answer. */
  read(reader: BatchReader): void
  resolve(): void
  reject(error: unknown): void
}

/** Claims that pass all together or not at all. */
export function writeTake(claims: readonly Claim[], keys: readonly string[], writer: BatchWriter, out: number[]): void {
  out.push(1, claims.length)
  claims.forEach(({ quotas, costs }, index) => {
    out.push(writer.key(keys[index] as string), quotas.length)
    for (let slot = 0; slot < quotas.length; slot++) {
      out.push(writer.window(quotas[slot] as Quota), costs[slot] as number)
    }
  })
}

/** Fills a verdict from `at`, the first quota of the claims, on. Gives whether it was allowed. */
export function readTake(
  claims: readonly Claim[],
  firstClaim: number,
  at: number,
  verdict: Verdict,
  reader: BatchReader,
): boolean {
  const outcome = reader.next()
  const { now } = reader
  verdict.at = now
  claims.forEach(({ quotas, costs }, index) => {
    const blockedMs = outcome === 1 ? 0 : reader.next()
    if (blockedMs > verdict.blockedMs) {
      verdict.blockedMs = blockedMs
      verdict.blockedClaim = firstClaim + index
    }
    for (let slot = 0; slot < quotas.length; slot++, at++) {
      const quota = quotas[slot] as Quota
      const fits = outcome === 1 || reader.next() === 1
      const state = { start: reader.next(), current: reader.next(), previous: reader.next() }
      verdict.waitMs[at] = fits ? 0 : Math.max(1, quota.counts.wait(state, quota, now, costs[slot] as number))
      verdict.remaining[at] = quota.counts.remaining(state, quota, now)
      verdict.resetMs[at] = quota.counts.reset(state, quota, now)
    }
  })
  return outcome !== 0
}

/** What an `inspect` unit found. */
export function readStatus(quotas: readonly Quota[], reader: BatchReader): KeyStatus {
  const [blockedMs, strikes, level] = [reader.next(), reader.next(), reader.next()]
  const windows = quotas.map((quota) => {
    const state = { start: reader.next(), current: reader.next(), previous: reader.next() }
    const remaining = quota.counts.remaining(state, quota, reader.now)
    return { name: quota.name, remaining, resetMs: quota.counts.reset(state, quota, reader.now) }
  })
  return { blockedMs, strikes, level, windows }
}

/** The one number that a unit answers with. */
export function readNumber(reader: BatchReader): number {
  return reader.next()
}
