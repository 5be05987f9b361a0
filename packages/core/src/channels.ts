import { channel } from 'node:diagnostics_channel'
import type { Exchange } from './exchange.js'

/** A rate limiter has decided on a request. Channel `hardening:ratelimit:decision`. */
export interface RateLimitDecisionMessage {
  /** The request, where the decision was made for one. */
  exchange?: Exchange
  /** Name of the limiter's instance. */
  limiter: string
  /** The policy that decided: the one that refused, or the one with the least left. */
  policy: string
  outcome: 'allowed' | 'limited' | 'blocked' | 'would_block' | 'failed_open' | 'failed_closed'
  /** Whether the shared store was out of reach, so that the decision is this process's own. */
  degraded: boolean
  /** How many decisions this message tells of; 1 where it is absent. */
  count?: number
}

/** A cache has been asked. Channel `hardening:cache:lookup`. */
export interface CacheLookupMessage {
  exchange?: Exchange
  /** Name of the cache. */
  cache: string
  outcome: 'hit' | 'miss' | 'stale' | 'bypass' | 'negative'
  /** Which level answered. */
  level: 'memory' | 'redis' | 'loader' | 'none'
  durationMs: number
}

/** A circuit breaker has changed its state. Channel `hardening:breaker:state`. */
export interface BreakerStateMessage {
  breaker: string
  from: 'closed' | 'open' | 'half-open' | 'isolated'
  to: 'closed' | 'open' | 'half-open' | 'isolated'
}

/** A Redis connection has been lost or found again. Channel `hardening:redis:state`. */
export interface RedisStateMessage {
  /** Name of the guard. */
  name: string
  state: 'up' | 'degraded'
  /** Why it is degraded: `not-ready`, `timeout`, `breaker-open` ... */
  reason?: string
}

/** Something that looks like an attack was found, or refused. Channel `hardening:threat:found`. */
export interface ThreatMessage {
  exchange?: Exchange
  /** `sql-injection`, `xss`, `host`, `csrf` ... */
  kind: string
  /** The rule that found it. */
  rule: string
  score: number
  /** Where in the request: `body.user.name`. Never the value. */
  field: string
  blocked: boolean
}

/** A health check has changed its state. Channel `hardening:health:change`. */
export interface HealthChangeMessage {
  check: string
  from: 'pass' | 'warn' | 'fail' | 'unknown'
  to: 'pass' | 'warn' | 'fail'
  critical: boolean
}

/** Something took longer than its threshold. Channel `hardening:operation:slow`. */
export interface SlowOperationMessage {
  kind: string
  name: string
  durationMs: number
  thresholdMs: number
  requestId?: string
}

/** An audit entry has been written. Channel `hardening:audit:entry`. */
export interface AuditEntryMessage {
  sequence: number
  action: string
}

/** A background job has changed its state. Channel `hardening:job:event`. */
export interface JobMessage {
  queue: string
  id: string
  event: 'enqueued' | 'started' | 'completed' | 'failed' | 'retrying' | 'dead' | 'progress'
  durationMs?: number
  waitMs?: number
}

/** How many jobs of a queue are in each state, told every few seconds. Channel `hardening:job:queue`. */
export interface JobQueueMessage {
  queue: string
  waiting: number
  delayed: number
  active: number
  completed: number
  dead: number
}

/** A channel that knows the type of its messages. Ask `hasSubscribers` before making a message. */
export interface TypedChannel<Message> {
  readonly name: string | symbol
  readonly hasSubscribers: boolean
  publish(message: Message): void
  subscribe(listener: (message: Message, name: string | symbol) => void): void
  unsubscribe(listener: (message: Message, name: string | symbol) => void): void
}

/**
 * What packages have to tell one another without importing one another. A message is made and published only where
 * somebody listens: `if (channels.redisState.hasSubscribers) channels.redisState.publish({ ... })`.
 */
export const channels: {
  readonly rateLimitDecision: TypedChannel<RateLimitDecisionMessage>
  readonly cacheLookup: TypedChannel<CacheLookupMessage>
  readonly breakerState: TypedChannel<BreakerStateMessage>
  readonly redisState: TypedChannel<RedisStateMessage>
  readonly threat: TypedChannel<ThreatMessage>
  readonly healthChange: TypedChannel<HealthChangeMessage>
  readonly slowOperation: TypedChannel<SlowOperationMessage>
  readonly auditEntry: TypedChannel<AuditEntryMessage>
  readonly job: TypedChannel<JobMessage>
  readonly jobQueue: TypedChannel<JobQueueMessage>
} = {
  rateLimitDecision: typed('hardening:ratelimit:decision'),
  cacheLookup: typed('hardening:cache:lookup'),
  breakerState: typed('hardening:breaker:state'),
  redisState: typed('hardening:redis:state'),
  threat: typed('hardening:threat:found'),
  healthChange: typed('hardening:health:change'),
  slowOperation: typed('hardening:operation:slow'),
  auditEntry: typed('hardening:audit:entry'),
  job: typed('hardening:job:event'),
  jobQueue: typed('hardening:job:queue'),
}

function typed<Message>(name: string): TypedChannel<Message> {
  return channel(name) as unknown as TypedChannel<Message>
}
