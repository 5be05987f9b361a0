export {
  addressKey,
  addressSet,
  createAddressSet,
  isLoopbackAddress,
  isPrivateAddress,
  normalizeAddress,
  parseAddress,
  parseCidr,
} from './address/index.js'
export type { Address, AddressKeyOptions, AddressSet, Cidr } from './address/index.js'
export { channels } from './channels.js'
export type {
  AuditEntryMessage,
  BreakerStateMessage,
  CacheLookupMessage,
  HealthChangeMessage,
  JobMessage,
  JobQueueMessage,
  RateLimitDecisionMessage,
  RedisStateMessage,
  SlowOperationMessage,
  ThreatMessage,
  TypedChannel,
} from './channels.js'
export { systemClock } from './clock.js'
export type { Clock } from './clock.js'
export { charCodeAt } from './char-code-at.js'
export { inOnePiece } from './in-one-piece.js'
export { currentContext, outgoingHeaders, runInContext } from './context.js'
export type { RequestContext } from './context.js'
export { requestContext } from './request-context.js'
export type { RequestContextOptions } from './request-context.js'
export { Deadlines, Timed } from './deadlines.js'
export { durationOption, parseDuration } from './duration.js'
export type { Duration, DurationBounds } from './duration.js'
export { ConfigError, HardeningError, HttpError, describeValue, isHardeningError, isHttpError } from './errors.js'
export type { ConfigIssue, HttpErrorOptions } from './errors.js'
export { exchangeOf, openExchange, prepareApp } from './exchange-record.js'
export type { BodyFilter, BodySink, Exchange, NoteKey } from './exchange.js'
export { canEndInOne } from './head/one-write.js'
export { readyHeader, setReadyHeaders } from './head/ready-headers.js'
export type { ReadyHeader } from './head/ready-headers.js'
export { isUntouched, keepHeaders, keptHeaders } from './head/out-headers.js'
export type { KeptHeader } from './head/out-headers.js'
export { headerName } from './head/header-name.js'
export type { HeaderName } from './head/header-name.js'
export { compileHead } from './head/static-head.js'
export type { StaticHead } from './head/static-head.js'
export type { AppLike, ErrorMiddleware, Middleware, Next, RequestLike, ResponseLike } from './http.js'
export {
  booleanOption,
  choiceOption,
  functionOption,
  integerOption,
  numberOption,
  rejectUnknownOptions,
  stringOption,
} from './option.js'
export { parseSize, sizeOption } from './size.js'
export type { Size } from './size.js'
export { fuse, middleware, stepsOf } from './pass.js'
export type { FuseOptions, StepMiddleware } from './pass.js'
export { expressClasses } from './server/express-classes.js'
export type { ExpressClasses } from './server/express-classes.js'
export type { ContextMaker, Step } from './step.js'
export { createRandomIds, createRequestId, isValidRequestId, systemIds } from './random-ids.js'
export type { RandomIds } from './random-ids.js'
export { randomText } from './random-text.js'
export { unmatchedRoute } from './route/index.js'
export { continueTrace, createTraceContext, formatTraceparent, parseTraceparent } from './trace-context.js'
export type { TraceContext } from './trace-context.js'
export { parseTracestate } from './tracestate.js'
export { fromNodeRedis } from './redis/node-redis.js'
export type { NodeRedisLike } from './redis/node-redis.js'
export { isRedisReady } from './redis/client.js'
export type { RedisArgument, RedisLike, RedisListener } from './redis/client.js'
export type { RedisCommands } from './redis/commands.js'
export { RedisUnavailableError } from './redis/errors.js'
export type { RedisUnavailableReason } from './redis/errors.js'
export { createRedisGuard } from './redis/guard.js'
export type { RedisGuard } from './redis/redis-guard.js'
export type { RedisGuardEvent, RedisGuardListener } from './redis/announcer.js'
export type { RedisBreakerOptions, RedisGuardOptions } from './redis/guard-options.js'
export { redisKey, redisKeyspace } from './redis/key.js'
export type { RedisKeyParts, RedisKeyspace } from './redis/key.js'
export { defineScript } from './redis/script.js'
export type { RedisScript, RedisScriptDefinition } from './redis/script.js'
export { createRedactor, personalKeys } from './redact/index.js'
export type { Redactor, RedactorLimits, RedactorOptions } from './redact/index.js'
