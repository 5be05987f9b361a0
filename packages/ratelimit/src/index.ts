export type { RateLimitKeyKind, RateLimitKeyStatus } from './administration.js'
export type { RateLimitAlgorithm } from './algorithms/index.js'
export {
  RateLimitBlockedError,
  RateLimitDeniedError,
  RateLimitExceededError,
  RateLimitStoreError,
  RateLimitUnavailableError,
  RateLimitUnsupportedError,
  RateLimitValueError,
} from './errors.js'
export type { RefusalDetails } from './errors.js'
export type { ExternalStore, ExternalStorePolicy } from './external/external-store.js'
export type { HeaderList, PolicyStanding, RateLimitHeaderFormat, RateLimitHeaderWriter } from './headers/format.js'
export type { RateLimitKey, RateLimitKeyFunction } from './keys/key-source.js'
export { MemoryRateLimitStore } from './memory/memory-store.js'
export type { MemoryRateLimitStoreOptions } from './memory/memory-store.js'
export { defaultPolicies, defaultSkipPaths } from './options.js'
export type {
  PerRequest,
  RateLimitBlockOptions,
  RateLimitConcurrencyOptions,
  RateLimitOptions,
  RateLimitPolicyOptions,
  StoreFailureMode,
} from './options.js'
export { presets } from './presets.js'
export type { LoginPresetOptions } from './presets.js'
export { rateLimit } from './rate-limit.js'
export type { RateLimiter, RateLimitMiddleware } from './rate-limit.js'
export { RedisRateLimitStore } from './redis/redis-store.js'
export type { RedisRateLimitStoreOptions } from './redis/redis-store.js'
export type { PrecomputedRefusal } from './refusal-gate.js'
export type { Claim, Quota } from './quota.js'
export type { PenaltyRules } from './penalty.js'
export type { WindowRule } from './algorithms/algorithm.js'
export type { KeyRef, KeyStatus, RateLimitStore, StoreSetup } from './store.js'
export type { Verdict } from './verdict.js'
export type { RateLimitWarning } from './warnings.js'
