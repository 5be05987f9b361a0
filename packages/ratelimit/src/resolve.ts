import {
  addressSet,
  booleanOption,
  choiceOption,
  ConfigError,
  durationOption,
  functionOption,
  integerOption,
  rejectUnknownOptions,
  stringOption,
  systemClock,
  type ConfigIssue,
} from '@hardening/core'
import { Concurrency } from './concurrency.js'
import { Decisions } from './decisions.js'
import { Denials } from './denials.js'
import { checkExternal, ExternalLimits } from './external/external-limits.js'
import type { ExternalStore } from './external/external-store.js'
import { GuardedStore } from './guarded-store.js'
import { verdictHeaders } from './headers/response-headers.js'
import { headerWriters } from './headers/writers.js'
import { ClientAddress } from './keys/client-address.js'
import { createKeySource, type KeySource, type RateLimitKey } from './keys/key-source.js'
import type { ResolvedLimiter } from './limiter.js'
import { MemoryRateLimitStore } from './memory/memory-store.js'
import {
  defaultPolicies,
  defaultSkipPaths,
  optionNames,
  type RateLimitBlockOptions,
  type RateLimitOptions,
} from './options.js'
import { pathTest } from './path-pattern.js'
import type { PenaltyRules } from './penalty.js'
import { resolvePolicy, type Policy } from './policy.js'
import { RedisRateLimitStore } from './redis/redis-store.js'
import { claimName } from './redis/names.js'
import { Selector } from './selection.js'
import type { RateLimitStore, StoreSetup } from './store.js'
import { Warnings } from './warnings.js'

const factory = 'rateLimit'

/** A bit each: what a request is counted by is looked up by the set of its policies. */
const mostPolicies = 30

/** Checks everything once and makes the parts of a limiter. @throws ConfigError `ERR_CONFIG_INVALID` */
export function resolveLimiter(options: RateLimitOptions): ResolvedLimiter {
  rejectUnknownOptions(factory, options, optionNames)
  const { name = 'default', key = 'ip', ipv6Subnet = 56, headers = 'draft-8', clock = systemClock } = options
  const { skipPaths = defaultSkipPaths, allow = [], deny = [], instances = 1, maxDenied = 10_000 } = options
  const warnings = new Warnings(checkName(name))
  const address = new ClientAddress(checkSubnet(ipv6Subnet), warnings)
  const keys = new KeySources(address)
  keys.add('key', key)
  const policies = resolvePolicies(options, keys)
  const concurrency =
    options.concurrency &&
    new Concurrency(options.concurrency, keys.add('concurrency.key', options.concurrency.key ?? key))
  if (typeof headers !== 'function' && headers !== false) {
    choiceOption(factory, 'headers', headers, Object.keys(headerWriters))
  }
  const penalty = resolvePenalty(options.block)
  const setup: StoreSetup = {
    name,
    penalty,
    groups: keys.sources.map((source, group) => ({
      name: source.name,
      quotas: policies.flatMap((policy) => (policy.group === group ? [policy.quota] : [])),
    })),
  }
  const memory = createMemory(options, setup)
  const store = createStore(options, setup, policies, memory, warnings)
  const decisions = new Decisions(name)
  return {
    name,
    keys: keys.sources,
    address,
    policies,
    selector: new Selector(name, policies, options.plan && functionOption(factory, 'plan', options.plan)),
    skip: options.skip && functionOption(factory, 'skip', options.skip),
    skipPath: Array.isArray(skipPaths) && skipPaths.length === 0 ? undefined : pathTest('skipPaths', skipPaths),
    allow: Array.isArray(allow) && allow.length === 0 ? undefined : addressSet(factory, 'allow', allow),
    deny: Array.isArray(deny) && deny.length === 0 ? undefined : addressSet(factory, 'deny', deny),
    concurrency,
    writeHeaders: verdictHeaders(headers, clock),
    store,
    ownStore: memory,
    instances: integerOption(factory, 'instances', instances, { min: 1, max: 100_000 }),
    denials: new Denials(
      keys.sources.length,
      integerOption(factory, 'maxDenied', maxDenied, { max: 10_000_000 }),
      store,
      penalty,
      clock,
      (entry) => decisions.tellRest(entry),
    ),
    clock,
  }
}

/** The kinds of key of a limiter, each once. */
class KeySources {
  readonly sources: KeySource[] = []
  readonly #places = new Map<unknown, number>()
  readonly #address: ClientAddress

  constructor(address: ClientAddress) {
    this.#address = address
  }

  add(option: string, key: RateLimitKey): KeySource {
    return this.sources[this.placeOf(option, key)] as KeySource
  }

  placeOf(option: string, key: RateLimitKey): number {
    const known = this.#places.get(key)
    if (known !== undefined) return known
    const source = createKeySource(option, key, this.#address)
    const same = this.sources.filter(({ name }) => name === source.name || name.startsWith(`${source.name}-`)).length
    // Two functions of one name are two kinds all the same.
    this.sources.push(same === 0 ? source : { ...source, name: `${source.name}-${same + 1}` })
    this.#places.set(key, this.sources.length - 1)
    return this.sources.length - 1
  }
}

function resolvePolicies(options: RateLimitOptions, keys: KeySources): Policy[] {
  const { policies = defaultPolicies, key = 'ip', onStoreFailure = 'memory' } = options
  if (!Array.isArray(policies) || policies.length === 0 || policies.length > mostPolicies) {
    throw new ConfigError(factory, 'policies', `a list of 1 to ${mostPolicies} policies`, policies)
  }
  choiceOption(factory, 'onStoreFailure', onStoreFailure, ['memory', 'open', 'closed'])
  const slots: number[] = []
  const resolved = policies.map((policy, index) => {
    const group = keys.placeOf(`policies[${index}].key`, policy?.key ?? key)
    const slot = slots[group] ?? 0
    slots[group] = slot + 1
    const hasPlan = options.plan !== undefined
    const algorithm = isExternal(options.store) ? 'fixed-window' : 'sliding-window'
    return resolvePolicy(policy, { index, group, slot, onStoreFailure, hasPlan, algorithm })
  })
  const names = resolved.map(({ name }) => name)
  const issues = names.flatMap((name, index): ConfigIssue[] =>
    names.indexOf(name) < index
      ? [{ option: `policies[${index}].name`, expected: 'a name that no other policy has', got: name }]
      : [],
  )
  if (issues.length > 0) throw new ConfigError(factory, issues)
  return resolved.sort((a, b) => a.group - b.group)
}

function resolvePenalty(block: RateLimitOptions['block'] = false): PenaltyRules | undefined {
  if (block === false) return undefined
  const options: RateLimitBlockOptions = block === true ? {} : block
  if (typeof options !== 'object') booleanOption(factory, 'block', options)
  rejectUnknownOptions(factory, options, ['after', 'within', 'for', 'decay'], 'block')
  const { after = 10, within = '10m', for: steps = ['1m', '5m', '30m'], decay = '1h' } = options
  if (!Array.isArray(steps) || steps.length === 0 || steps.length > 20) {
    throw new ConfigError(factory, 'block.for', "1 to 20 durations such as ['1m', '5m', '30m']", steps)
  }
  return {
    after: integerOption(factory, 'block.after', after, { min: 1, max: 1_000_000 }),
    withinMs: durationOption(factory, 'block.within', within, { min: 1 }),
    forMs: steps.map((step: unknown, at) => Math.ceil(durationOption(factory, `block.for[${at}]`, step, { min: 1 }))),
    decayMs: durationOption(factory, 'block.decay', decay, { min: 1 }),
  }
}

/** Counts where there is no other store, or while it is out of reach. */
function createMemory({ memory = {}, clock = systemClock }: RateLimitOptions, setup: StoreSetup): RateLimitStore {
  rejectUnknownOptions(factory, memory, ['maxKeys', 'maxBytes'], 'memory')
  const store = new MemoryRateLimitStore({ ...memory, clock })
  store.init(setup)
  return store
}

function createStore(
  options: RateLimitOptions,
  setup: StoreSetup,
  policies: readonly Policy[],
  memory: RateLimitStore,
  warnings: Warnings,
): RateLimitStore {
  const { redis, store, prefix, timeout, clock = systemClock, block = false } = options
  if (redis !== undefined && store !== undefined) {
    throw new ConfigError(factory, 'store', 'left out where `redis` is given', 'both')
  }
  if (redis !== undefined) {
    const made = new RedisRateLimitStore({
      redis,
      clock,
      ...(prefix !== undefined && { prefix }),
      ...(timeout !== undefined && { timeout }),
    })
    made.init(setup)
    if (!claimName(redis, `${prefix ?? ''}\n${setup.name}`)) warnings.give('HARDENING_RATELIMIT_SHARED_NAME')
    return made
  }
  if (store === undefined) return memory
  if (!isExternal(store)) {
    if (typeof (store as Partial<RateLimitStore>).take !== 'function') {
      throw new ConfigError(factory, 'store', 'a RateLimitStore, or a store of express-rate-limit', 'another object')
    }
    store.init?.(setup)
    // Ours need no guard: one does not wait, the other has its own.
    if (store instanceof MemoryRateLimitStore || store instanceof RedisRateLimitStore) return store
    return new GuardedStore(store, durationOption(factory, 'timeout', timeout ?? 150, { min: 1 }), clock)
  }
  checkExternal(policies, store, block !== false)
  const timeoutMs = durationOption(factory, 'timeout', timeout ?? 150, { min: 1 })
  const made = new ExternalLimits(store, timeoutMs, clock)
  made.init(setup)
  return made
}

function isExternal(store: RateLimitOptions['store']): store is ExternalStore {
  if (typeof store === 'function') return true
  return typeof (store as { increment?: unknown } | undefined)?.increment === 'function'
}

function checkName(name: unknown): string {
  if (/^[\w.-]{1,64}$/.test(stringOption(factory, 'name', name))) return name as string
  throw new ConfigError(factory, 'name', '1 to 64 letters, digits, `.`, `_` and `-`', name)
}

function checkSubnet(subnet: unknown): number | false {
  return subnet === false ? false : integerOption(factory, 'ipv6Subnet', subnet, { min: 32, max: 64 })
}
