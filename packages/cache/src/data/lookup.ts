import type { EntrySettings } from './settings.js'

/** What a loader is told, and may say. */
export interface LoaderContext {
  readonly key: string
  /** Fires when nobody waits for the value any more, or the cache is closed. */
  readonly signal: AbortSignal
  /** The outdated value, where there is one. */
  readonly stale: unknown
  /** Says how long this value is fresh, in milliseconds; 0 keeps it not at all. */
  setTtl(ms: number): void
  /** Adds tags to this value. */
  addTags(...tags: string[]): void
}

/** How one lookup is to be done. */
export interface Lookup {
  readonly settings: EntrySettings
  readonly tags: readonly string[]
  readonly signal: AbortSignal | undefined
  readonly forceFresh: boolean
}

/** Numbers of a cache since it was made. */
export interface CacheStats {
  hits: number
  misses: number
  staleServed: number
  negativeHits: number
  loads: number
  loadFailures: number
  /** Entries in memory. */
  entries: number
  /** Estimated bytes in memory. */
  bytes: number
  /** What waits to be written to Redis when it returns. */
  pending: number
}

/** A loader, whatever it gives. */
export type AnyLoader = (context: LoaderContext) => unknown
