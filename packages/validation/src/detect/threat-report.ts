import { ConfigError, rejectUnknownOptions } from '@hardening/core'
import type { ThreatExclusion } from './exclusions.js'
import type { ThreatFinding } from './finding.js'

/** Findings of one rule in one field of one path, counted. */
export interface ThreatReportEntry {
  readonly path: string
  readonly field: string
  readonly kind: string
  readonly rule: string
  readonly level: number
  readonly count: number
  /** Shapes that were found, the first ones. */
  readonly fingerprints: readonly string[]
}

/** A proposal to exclude what looks like a false alarm, and why. */
export interface ProposedExclusion {
  readonly exclusion: ThreatExclusion
  readonly count: number
  /** Requests to this path that were found, of all found. */
  readonly reason: string
}

/** Options of {@link createThreatReport}. */
export interface ThreatReportOptions {
  /** Combinations of path, field and rule that are counted; further ones are only counted together. @defaultValue 1000 */
  maxEntries?: number
}

/** Gathers findings while detection runs in `report` mode, and proposes what to exclude before blocking is switched on. */
export interface ThreatReport {
  /** Counts findings on a path. */
  add(path: string, findings: readonly ThreatFinding[]): void
  /** What was found, most frequent first. Holds no value of any request. */
  entries(): readonly ThreatReportEntry[]
  /** Findings that were not counted by themselves, for want of room. */
  readonly overflow: number
  /**
   * Exclusions for what was found at least `minimum` times. What is found that often in one field is more likely to be how
   * the application is used than an attack; a person has to judge that.
   */
  proposals(minimum?: number): readonly ProposedExclusion[]
  clear(): void
}

interface MutableEntry {
  path: string
  field: string
  kind: string
  rule: string
  level: number
  count: number
  fingerprints: string[]
}

/**
 * Makes a {@link ThreatReport}, to be given to the detectors as `report`. Bounded; keeps no values.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 */
export function createThreatReport(options: ThreatReportOptions = {}): ThreatReport {
  rejectUnknownOptions('createThreatReport', options, ['maxEntries'])
  const { maxEntries = 1000 } = options
  if (!Number.isSafeInteger(maxEntries) || maxEntries < 1)
    throw new ConfigError('createThreatReport', 'maxEntries', 'an integer of at least 1', maxEntries)
  const byKey = new Map<string, MutableEntry>()
  let overflow = 0

  function add(path: string, findings: readonly ThreatFinding[]): void {
    const place = placeOf(path)
    for (const { field, kind, rule, level, fingerprint } of findings) {
      const key = `${place} ${field} ${rule}`
      let entry = byKey.get(key)
      if (entry === undefined) {
        if (byKey.size >= maxEntries) {
          overflow++
          continue
        }
        entry = { path: place, field, kind, rule, level, count: 0, fingerprints: [] }
        byKey.set(key, entry)
      }
      entry.count++
      if (entry.fingerprints.length < 5 && !entry.fingerprints.includes(fingerprint))
        entry.fingerprints.push(fingerprint)
    }
  }

  const entries = (): readonly ThreatReportEntry[] =>
    [...byKey.values()]
      .sort((left, right) => right.count - left.count)
      .map((entry) => ({ ...entry, fingerprints: [...entry.fingerprints] }))

  return {
    add,
    entries,
    get overflow() {
      return overflow
    },
    proposals: (minimum = 10) =>
      entries()
        .filter(({ count }) => count >= minimum)
        .map(({ path, field, rule, count }) => ({
          exclusion: { path, field, rule },
          count,
          reason: `${rule} was found ${count} times in ${field} of ${path}`,
        })),
    clear() {
      byKey.clear()
      overflow = 0
    },
  }
}

/** A path with what looks like an identifier replaced, so that one route is one entry; odd parts are not shown. */
function placeOf(path: string): string {
  return path
    .slice(0, 512)
    .split('/')
    .slice(0, 12)
    .map((part) =>
      part === '' || (/^[a-z][\w.-]{0,40}$/i.test(part) && !/\d{4,}|^[0-9a-f-]{16,}$/i.test(part)) ? part : '*',
    )
    .join('/')
}
