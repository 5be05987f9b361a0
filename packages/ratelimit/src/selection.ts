import type { Exchange } from '@hardening/core'
import { RateLimitValueError } from './errors.js'
import { policyItem } from './headers/writers.js'
import { quoted } from './headers/format.js'
import { ItemTexts } from './headers/item-texts.js'
import { capacity, costFor, type Policy } from './policy.js'
import type { Claim, Quota } from './quota.js'
import { isThenable } from './thenable.js'

/** Policies of one kind of key, side by side. */
interface Part {
  readonly group: number
  readonly policies: readonly Policy[]
  readonly quotas: readonly Quota[]
  readonly costs: readonly number[]
}

/** The policies that one request is counted by. */
export interface Selection {
  readonly policies: readonly Policy[]
  readonly quotas: readonly Quota[]
  readonly parts: readonly Part[]
  /** Whether quotas and costs are the same for every request. */
  readonly isFixed: boolean
  /** Whether something is corrected once the response has ended. */
  readonly isCorrected: boolean
  /** Value of `RateLimit-Policy` as of draft 8; dry runs are not told. */
  readonly policyHeader: string
  /** Beginnings of the items of `RateLimit`; empty for a dry run. */
  readonly itemStarts: readonly string[]
  /** Puts the items together, where there will be many requests of the same policies. */
  readonly items: ItemTexts | undefined
}

/** Puts policies side by side, those of one kind of key next to one another. */
function createSelection(
  policies: readonly Policy[],
  quotas: readonly Quota[] = policies.map(({ quota }) => quota),
  isKept = true,
): Selection {
  const enforced = quotas.filter(({ isEnforced }) => isEnforced)
  const groups = [...new Set(policies.map(({ group }) => group))]
  const isFixed = policies.every(({ quotaOf, costOf }) => quotaOf === undefined && costOf === undefined)
  const itemStarts = quotas.map(({ name, isEnforced }) => (isEnforced ? `${quoted(name)};r=` : ''))
  return {
    policies,
    quotas,
    parts: groups.map((group) => {
      const own = policies.flatMap((policy, at) => (policy.group === group ? [at] : []))
      return {
        group,
        policies: own.map((at) => policies[at] as Policy),
        quotas: own.map((at) => quotas[at] as Quota),
        costs: own.map((at) => (policies[at] as Policy).cost),
      }
    }),
    isFixed,
    isCorrected: policies.some(({ finalCost }) => finalCost !== undefined),
    policyHeader: enforced.map(policyItem).join(', '),
    itemStarts,
    items: isFixed && isKept ? new ItemTexts(itemStarts) : undefined,
  }
}

/** Sets of policies that keep texts of their headers, which take some kilobytes a policy. */
const mostWithTexts = 16

/** Sets of policies remembered: with many patterns the paths of clients could choose very many. */
const mostSelections = 1024

/** Picks the policies that are for a request. */
export class Selector {
  readonly #limiter: string
  readonly #policies: readonly Policy[]
  readonly #all: Selection
  readonly #isFiltered: boolean
  readonly #plan: ((exchange: Exchange) => string | undefined) | undefined
  readonly #byMask = new Map<number, Selection>()

  /** @param policies - sorted by their kind of key */
  constructor(
    limiter: string,
    policies: readonly Policy[],
    plan: ((exchange: Exchange) => string | undefined) | undefined,
  ) {
    this.#limiter = limiter
    this.#policies = policies
    this.#all = createSelection(policies)
    this.#isFiltered = policies.some(({ paths, methods }) => paths !== undefined || methods !== undefined)
    this.#plan = plan
  }

  /** What counts for a request; without policies where nothing does. */
  select(exchange: Exchange): Selection {
    const selection = this.#isFiltered ? this.#filtered(exchange) : this.#all
    return selection.isFixed ? selection : this.#resolved(selection, exchange)
  }

  #filtered(exchange: Exchange): Selection {
    const { method, path } = exchange
    let mask = 0
    for (let at = 0; at < this.#policies.length; at++) {
      const { paths, methods } = this.#policies[at] as Policy
      if ((methods === undefined || methods.has(method)) && (paths === undefined || paths(path))) mask |= 1 << at
    }
    let selection = this.#byMask.get(mask)
    if (selection === undefined) {
      const policies = this.#policies.filter((_policy, at) => (mask & (1 << at)) !== 0)
      selection = createSelection(policies, undefined, this.#byMask.size < mostWithTexts)
      if (this.#byMask.size >= mostSelections) this.#byMask.clear()
      this.#byMask.set(mask, selection)
    }
    return selection
  }

  #resolved(selection: Selection, exchange: Exchange): Selection {
    const plan = this.#plan?.(exchange)
    if (isThenable(plan)) throw new RateLimitValueError(this.#limiter, 'plan', 'a text or undefined at once', plan)
    const policies: Policy[] = []
    const quotas: Quota[] = []
    for (const policy of selection.policies) {
      const quota = policy.quotaOf === undefined ? policy.quota : policy.quotaOf(exchange, plan)
      if (quota === undefined) continue
      policies.push(policy)
      quotas.push(quota)
    }
    return createSelection(policies, quotas, false)
  }
}

/** What a request takes of one part of a selection. @throws RateLimitValueError */
export function claimOf(selection: Selection, part: Part, key: string, exchange: Exchange): Claim {
  const { group, quotas } = part
  const costs = selection.isFixed
    ? part.costs
    : part.policies.map((policy, at) => costFor(policy, quotas[at] as Quota, exchange))
  return { group, key, quotas, costs }
}

/** The claims while each instance counts for itself: its share of every limit, for the policies that ask for it. */
export function ownClaims(
  selection: Selection,
  claims: readonly Claim[],
  instances: number,
): { selection: Selection; claims: Claim[] } {
  const policies: Policy[] = []
  const quotas: Quota[] = []
  const own: Claim[] = []
  selection.parts.forEach((part, index) => {
    const claim = claims[index] as Claim
    const kept = part.policies.flatMap(({ onStoreFailure }, at) => (onStoreFailure === 'memory' ? [at] : []))
    if (kept.length === 0) return
    const shares = kept.map((at) => shareOf(part.quotas[at] as Quota, instances))
    policies.push(...kept.map((at) => part.policies[at] as Policy))
    quotas.push(...shares)
    // A share may be smaller than the cost of one request, which has to fit all the same.
    const costs = kept.map((at, slot) => Math.min(claim.costs[at] as number, capacity(shares[slot] as Quota)))
    own.push({ group: claim.group, key: claim.key, quotas: shares, costs })
  })
  return { selection: createSelection(policies, quotas, false), claims: own }
}

function shareOf(quota: Quota, instances: number): Quota {
  if (instances === 1) return quota
  const share = (units: number): number => Math.max(1, Math.floor(units / instances))
  return { ...quota, limit: share(quota.limit), burst: share(quota.burst) }
}
