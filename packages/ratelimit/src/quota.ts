import { algorithms, type RateLimitAlgorithm } from './algorithms/index.js'
import type { Algorithm, WindowRule } from './algorithms/algorithm.js'

/** A policy as a store counts it. */
export interface Quota extends WindowRule {
  /** Name of the policy. */
  readonly name: string
  /** Tells the windows of one key apart; the same in every process that has the same policy. */
  readonly id: number
  /** Place among all policies of the same key. */
  readonly slot: number
  readonly algorithm: RateLimitAlgorithm
  readonly counts: Algorithm
  /** Whether it refuses; a dry run only counts. */
  readonly isEnforced: boolean
  /** Whether a refused request counts too. */
  readonly countsRefused: boolean
}

/** A quota as a function of its parts. */
export function createQuota(parts: Omit<Quota, 'counts' | 'id'>): Quota {
  return { ...parts, counts: algorithms[parts.algorithm], id: fnv1a(`${parts.name}\n${parts.algorithm}`) }
}

/** What one request takes from one key. */
export interface Claim {
  /** Which kind of key: place among the key functions of the limiter. */
  readonly group: number
  /** Identity within the group, such as an address. */
  readonly key: string
  readonly quotas: readonly Quota[]
  /** What to take from each quota: whole numbers. */
  readonly costs: readonly number[]
}

/** FNV-1a, 32 bits: short, and the same everywhere. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash >>> 0
}
