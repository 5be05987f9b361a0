export type { CheckResult, CheckStatus, HealthCheck } from './check.js'
export type { CheckState } from './check-runner.js'
export { breakersCheck } from './checks/breakers-check.js'
export { diskCheck } from './checks/disk-check.js'
export type { DiskCheckOptions } from './checks/disk-check.js'
export { eventLoopCheck } from './checks/event-loop-check.js'
export type { EventLoopCheckOptions } from './checks/event-loop-check.js'
export { httpCheck } from './checks/http-check.js'
export type { HttpCheckOptions } from './checks/http-check.js'
export { memoryCheck, memoryLimit } from './checks/memory-check.js'
export type { MemoryCheckOptions } from './checks/memory-check.js'
export { postgresCheck } from './checks/postgres-check.js'
export type { QueryableLike } from './checks/postgres-check.js'
export { queueCheck } from './checks/queue-check.js'
export type { QueueCheckOptions } from './checks/queue-check.js'
export { redisCheck } from './checks/redis-check.js'
export type { PingableRedis } from './checks/redis-check.js'
export { tcpCheck } from './checks/tcp-check.js'
export type { TcpCheckOptions } from './checks/tcp-check.js'
export { gracefulShutdown } from './graceful-shutdown.js'
export type {
  GracefulShutdown,
  GracefulShutdownOptions,
  ShutdownHook,
  ShutdownLogger,
  ShutdownPhase,
} from './graceful-shutdown.js'
export { health } from './health.js'
export type { BreakerView, HealthDetails, HealthMiddleware, HealthOptions } from './health.js'
export { createHealthRegistry } from './health-registry.js'
export type { HealthRegistry, HealthRegistryOptions, HealthReport } from './health-registry.js'
export type { HealthFormat } from './report.js'
