import {
  booleanOption,
  choiceOption,
  ConfigError,
  durationOption,
  functionOption,
  integerOption,
  parseDuration,
  rejectUnknownOptions,
  type Duration,
  type Exchange,
} from '@hardening/core'
import { algorithms, type RateLimitAlgorithm } from './algorithms/index.js'
import { RateLimitValueError } from './errors.js'
import { policyOptionNames, type RateLimitPolicyOptions, type StoreFailureMode } from './options.js'
import { pathTest, type PathTest } from './path-pattern.js'
import { createQuota, type Quota } from './quota.js'

/** A policy, checked and ready. */
export interface Policy {
  readonly name: string
  readonly group: number
  /** What is counted where nothing depends on the request. */
  readonly quota: Quota
  /** Works the quota out for a request; `undefined` gives one that is not counted. Absent where `quota` always holds. */
  readonly quotaOf: ((exchange: Exchange, plan: string | undefined) => Quota | undefined) | undefined
  readonly cost: number
  readonly costOf: ((exchange: Exchange) => number) | undefined
  /** The units to be counted once the response has ended. Absent where the cost stands. */
  readonly finalCost: ((exchange: Exchange, cost: number) => number) | undefined
  readonly paths: PathTest | undefined
  readonly methods: ReadonlySet<string> | undefined
  readonly onStoreFailure: StoreFailureMode
}

/** Where a policy stands. */
export interface PolicyPlace {
  readonly index: number
  readonly group: number
  readonly slot: number
  readonly onStoreFailure: StoreFailureMode
  readonly hasPlan: boolean
  /** What is counted where no algorithm is named. */
  readonly algorithm: RateLimitAlgorithm
}

const factory = 'rateLimit'
const longestWindow = 366 * 86_400_000
const mostUnits = 1_000_000_000

/** @throws ConfigError `ERR_CONFIG_INVALID` */
export function resolvePolicy(options: RateLimitPolicyOptions, place: PolicyPlace): Policy {
  const at = `policies[${place.index}]`
  rejectUnknownOptions(factory, options, policyOptionNames, at)
  const { limit, window, algorithm = place.algorithm, burst, cost = 1, count = 'all', dryRun = false } = options
  const { countRefused = false, onStoreFailure = place.onStoreFailure, paths, methods } = options
  choiceOption(factory, `${at}.algorithm`, algorithm, Object.keys(algorithms) as RateLimitAlgorithm[])
  const fixedLimit = typeof limit === 'function' ? undefined : checkLimit(`${at}.limit`, limit, place.hasPlan)
  const fixedWindow =
    typeof window === 'function'
      ? undefined
      : durationOption(factory, `${at}.window`, window, { min: 1, max: longestWindow })
  const name = checkName(`${at}.name`, options.name ?? defaultName(limit, window, place.index))
  if (burst !== undefined && algorithm !== 'token-bucket') {
    throw new ConfigError(factory, `${at}.burst`, "left out: only the algorithm 'token-bucket' has a burst", burst)
  }
  if (burst !== undefined) integerOption(factory, `${at}.burst`, burst, { min: 1, max: mostUnits })
  const base = {
    name,
    slot: place.slot,
    algorithm,
    limit: fixedLimit ?? 1,
    windowMs: fixedWindow ?? 60_000,
    burst: burst ?? fixedLimit ?? 1,
    isEnforced: !booleanOption(factory, `${at}.dryRun`, dryRun),
    countsRefused: booleanOption(factory, `${at}.countRefused`, countRefused),
  }
  const quota = createQuota(base)
  const isFixed = typeof limit === 'number' && typeof window !== 'function'
  checkCost(`${at}.cost`, cost, isFixed ? capacity(quota) : Math.max(...limitsOf(limit)))
  return {
    name,
    group: place.group,
    quota,
    quotaOf: isFixed ? undefined : quotaMaker(quota, limit, window, burst),
    cost: typeof cost === 'number' ? cost : 1,
    costOf: typeof cost === 'function' ? cost : undefined,
    finalCost: finalCostOf(`${at}.count`, count),
    paths: paths === undefined ? undefined : pathTest(`${at}.paths`, paths),
    methods: methods === undefined ? undefined : checkMethods(`${at}.methods`, methods),
    onStoreFailure: choiceOption(factory, `${at}.onStoreFailure`, onStoreFailure, ['memory', 'open', 'closed']),
  }
}

/** Most units that can ever be taken at once. */
export function capacity(quota: Quota): number {
  return quota.algorithm === 'token-bucket' ? quota.burst : quota.limit
}

function limitsOf(limit: RateLimitPolicyOptions['limit']): number[] {
  if (typeof limit === 'number') return [limit]
  return typeof limit === 'function' ? [mostUnits] : Object.values(limit)
}

function checkLimit(option: string, limit: unknown, hasPlan: boolean): number {
  if (typeof limit === 'number') return integerOption(factory, option, limit, { min: 1, max: mostUnits })
  if (typeof limit !== 'object' || limit === null || !Object.hasOwn(limit, 'default')) {
    throw new ConfigError(
      factory,
      option,
      'a number, a function, or an object from plan to limit with a default',
      limit,
    )
  }
  if (!hasPlan) throw new ConfigError(factory, 'plan', `a function, since ${option} is by plan`, undefined)
  for (const [plan, value] of Object.entries(limit)) {
    if (value !== Infinity) integerOption(factory, `${option}.${plan}`, value, { min: 1, max: mostUnits })
  }
  const fallback = (limit as { default: number }).default
  return fallback === Infinity ? mostUnits : fallback
}

function checkName(option: string, name: unknown): string {
  if (typeof name === 'string' && /^[\w.-]{1,64}$/.test(name)) return name
  throw new ConfigError(factory, option, '1 to 64 letters, digits, `.`, `_` and `-`', name)
}

function defaultName(limit: unknown, window: unknown, index: number): string {
  if (typeof limit !== 'number' || typeof window === 'function') return `policy-${index + 1}`
  return `${limit}-in-${typeof window === 'number' ? `${window}ms` : String(window)}`
}

function checkCost(option: string, cost: unknown, most: number): void {
  if (typeof cost === 'function') return
  integerOption(factory, option, cost, { min: 0, max: Math.min(most, mostUnits) })
}

function checkMethods(option: string, methods: unknown): ReadonlySet<string> {
  const isList = Array.isArray(methods) && methods.length > 0
  if (isList && methods.every((method) => typeof method === 'string' && /^[A-Za-z-]+$/.test(method))) {
    const set = new Set(methods.map((method: string) => method.toUpperCase()))
    // Express answers HEAD by what is there for GET.
    return set.has('GET') ? set.add('HEAD') : set
  }
  throw new ConfigError(factory, option, 'a list of methods', methods)
}

function finalCostOf(option: string, count: NonNullable<RateLimitPolicyOptions['count']>): Policy['finalCost'] {
  if (count === 'all') return undefined
  if (count === 'failures') return (exchange, cost) => (hasFailed(exchange) ? cost : 0)
  if (count === 'successes') return (exchange, cost) => (hasFailed(exchange) ? 0 : cost)
  if (typeof count !== 'function') {
    throw new ConfigError(factory, option, "'all', 'failures', 'successes' or a function", count)
  }
  return functionOption(factory, option, count)
}

function hasFailed({ status, aborted }: Exchange): boolean {
  return status >= 400 || aborted
}

/** Quotas that were worked out, by limit and window: plans are few. */
const mostQuotas = 64

function quotaMaker(
  base: Quota,
  limit: RateLimitPolicyOptions['limit'],
  window: RateLimitPolicyOptions['window'],
  burst: number | undefined,
): NonNullable<Policy['quotaOf']> {
  const made = new Map<string, Quota>()
  return (exchange, plan) => {
    const units =
      typeof limit === 'function' ? limit(exchange) : typeof limit === 'number' ? limit : limitOfPlan(limit, plan)
    if (units === Infinity) return undefined
    if (!Number.isSafeInteger(units) || units < 1 || units > mostUnits) {
      throw new RateLimitValueError(base.name, 'limit', `a whole number from 1 to ${mostUnits}, or Infinity`, units)
    }
    const windowMs = typeof window === 'function' ? windowOf(base.name, window(exchange)) : base.windowMs
    const key = `${units}/${windowMs}`
    let quota = made.get(key)
    if (quota === undefined) {
      quota = { ...base, limit: units, windowMs, burst: burst ?? units }
      if (made.size >= mostQuotas) made.clear()
      made.set(key, quota)
    }
    return quota
  }
}

function limitOfPlan(limits: { readonly default: number; readonly [plan: string]: number }, plan?: string): number {
  return plan !== undefined && Object.hasOwn(limits, plan) ? (limits[plan] as number) : limits.default
}

function windowOf(name: string, window: Duration): number {
  const ms = parseDuration(window)
  if (ms !== undefined && ms >= 1 && ms <= longestWindow) return ms
  throw new RateLimitValueError(name, 'window', 'a duration from 1 ms to 366 days', window)
}

/** The cost of a request. @throws RateLimitValueError */
export function costFor(policy: Policy, quota: Quota, exchange: Exchange): number {
  if (policy.costOf === undefined && policy.quotaOf === undefined) return policy.cost
  const cost = policy.costOf === undefined ? policy.cost : policy.costOf(exchange)
  if (Number.isSafeInteger(cost) && cost >= 0 && cost <= capacity(quota)) return cost
  throw new RateLimitValueError(policy.name, 'cost', `a whole number from 0 to ${capacity(quota)}`, cost)
}
