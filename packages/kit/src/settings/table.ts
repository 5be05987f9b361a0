import {
  choice,
  duration,
  flag,
  integer,
  list,
  proxies,
  ratio,
  secret,
  size,
  text,
  url,
  type Setting,
} from './kinds.js'

/** Every setting of an application that the kit hardens. Durations are milliseconds, sizes bytes. */
export interface Settings {
  environment: 'development' | 'test' | 'production'
  serviceName: string
  serviceVersion: string
  port: number
  host: string
  workers: number
  trustProxy: false | number | readonly string[]
  allowedHosts: readonly string[]
  corsOrigins: readonly string[]
  corsCredentials: boolean
  httpsRedirect: boolean
  limitPerMinute: number
  limitPerHour: number
  bodyLimit: number
  requestTimeoutMs: number
  shutdownDelayMs: number
  shutdownTimeoutMs: number
  compression: boolean
  threatMode: 'report' | 'block' | 'off'
  databaseUrl: string | undefined
  databasePoolMax: number
  databasePoolMin: number
  databaseConnectTimeoutMs: number
  databaseStatementTimeoutMs: number
  databaseMaxAgeMs: number
  redisUrl: string | undefined
  redisBusUrl: string | undefined
  redisJobsUrl: string | undefined
  redisTokensUrl: string | undefined
  redisPrefix: string
  redisTimeoutMs: number
  retryAttempts: number
  retryBaseDelayMs: number
  retryMaxDelayMs: number
  cacheTtlMs: number
  cacheMaxBytes: number
  logLevel: 'error' | 'warn' | 'info' | 'http' | 'verbose' | 'debug'
  logFormat: 'json' | 'ecs' | 'otel' | 'pretty'
  logFile: string | undefined
  sentryDsn: string | undefined
  sentryTracesSampleRate: number
  metricsToken: string | undefined
  healthToken: string | undefined
  signingKey: string | undefined
  encryptionKey: string | undefined
}

/** The one list that reading, `.env.example` and the documents are made from. */
export const settingsTable: { readonly [Key in keyof Settings]: Setting<Settings[Key]> } = {
  environment: choice(
    { name: 'NODE_ENV', about: 'What the process runs as.', fallback: 'development' },
    'development',
    'test',
    'production',
  ),
  serviceName: text({ name: 'SERVICE_NAME', about: 'Name in logs, metrics and Sentry.', fallback: 'app' }),
  serviceVersion: text({ name: 'SERVICE_VERSION', about: 'Version in logs, health and Sentry.', fallback: '0.0.0' }),
  port: integer({ name: 'PORT', about: 'Port to listen on; 0 takes a free one.', fallback: 3000 }, 0, 65_535),
  host: text({ name: 'HOST', about: 'Address to listen on.', fallback: '0.0.0.0' }),
  workers: integer({ name: 'WORKERS', about: 'Processes that share the port.', fallback: 1 }, 1, 256),
  trustProxy: proxies({
    name: 'TRUST_PROXY',
    about: 'Proxies whose X-Forwarded headers are believed.',
    fallback: false,
  }),
  allowedHosts: list({ name: 'ALLOWED_HOSTS', about: 'Host names that are served; none means all.', fallback: [] }),
  corsOrigins: list({ name: 'CORS_ORIGINS', about: 'Origins that browsers may call from.', fallback: [] }),
  corsCredentials: flag({ name: 'CORS_CREDENTIALS', about: 'Whether they may send cookies.', fallback: false }),
  httpsRedirect: flag({ name: 'HTTPS_REDIRECT', about: 'Whether plain HTTP is sent on to HTTPS.', fallback: false }),
  limitPerMinute: integer({ name: 'RATE_LIMIT_PER_MINUTE', about: 'Requests a client has a minute.', fallback: 60 }, 1),
  limitPerHour: integer({ name: 'RATE_LIMIT_PER_HOUR', about: 'Requests a client has an hour.', fallback: 1000 }, 1),
  bodyLimit: size({ name: 'BODY_LIMIT', about: 'Largest JSON or form body.', fallback: 1_048_576 }),
  requestTimeoutMs: duration({ name: 'REQUEST_TIMEOUT', about: 'Time a request has.', fallback: 30_000 }),
  shutdownDelayMs: duration({
    name: 'SHUTDOWN_DELAY',
    about: 'Time between "not ready" and the end of listening, for load balancers to notice.',
    fallback: 0,
  }),
  shutdownTimeoutMs: duration({ name: 'SHUTDOWN_TIMEOUT', about: 'Longest graceful stop.', fallback: 25_000 }),
  compression: flag({ name: 'COMPRESSION', about: 'Whether answers are compressed.', fallback: true }),
  threatMode: choice(
    { name: 'THREAT_MODE', about: 'What happens to requests that look like attacks.', fallback: 'report' },
    'report',
    'block',
    'off',
  ),
  databaseUrl: url({ name: 'DATABASE_URL', about: 'Postgres.', fallback: undefined }, 'postgres:', 'postgresql:'),
  databasePoolMax: integer({ name: 'DATABASE_POOL_MAX', about: 'Most connections.', fallback: 10 }, 1, 1000),
  databasePoolMin: integer({ name: 'DATABASE_POOL_MIN', about: 'Connections kept open.', fallback: 0 }, 0, 1000),
  databaseConnectTimeoutMs: duration({
    name: 'DATABASE_CONNECT_TIMEOUT',
    about: 'Longest wait for a connection.',
    fallback: 5000,
  }),
  databaseStatementTimeoutMs: duration({
    name: 'DATABASE_STATEMENT_TIMEOUT',
    about: 'Longest statement.',
    fallback: 10_000,
  }),
  databaseMaxAgeMs: duration({
    name: 'DATABASE_MAX_AGE',
    about: 'Age at which a connection is replaced.',
    fallback: 1_800_000,
  }),
  redisUrl: url({ name: 'REDIS_URL', about: 'Redis for limits and cache.', fallback: undefined }, 'redis:', 'rediss:'),
  redisBusUrl: url(
    {
      name: 'REDIS_BUS_URL',
      about: 'Redis for messages between processes; REDIS_URL where unset.',
      fallback: undefined,
    },
    'redis:',
    'rediss:',
  ),
  redisJobsUrl: url(
    { name: 'REDIS_JOBS_URL', about: 'Redis for jobs, with maxmemory-policy noeviction.', fallback: undefined },
    'redis:',
    'rediss:',
  ),
  redisTokensUrl: url(
    { name: 'REDIS_TOKENS_URL', about: 'Redis for tokens, with maxmemory-policy noeviction.', fallback: undefined },
    'redis:',
    'rediss:',
  ),
  redisPrefix: text({ name: 'REDIS_PREFIX', about: 'First part of every key.', fallback: 'hd' }),
  redisTimeoutMs: duration({ name: 'REDIS_TIMEOUT', about: 'Longest wait for an answer.', fallback: 150 }),
  retryAttempts: integer({ name: 'RETRY_ATTEMPTS', about: 'Tries of a call to another service.', fallback: 3 }, 1, 20),
  retryBaseDelayMs: duration({ name: 'RETRY_BASE_DELAY', about: 'First wait between tries.', fallback: 100 }),
  retryMaxDelayMs: duration({ name: 'RETRY_MAX_DELAY', about: 'Longest wait between tries.', fallback: 10_000 }),
  cacheTtlMs: duration({ name: 'CACHE_TTL', about: 'Time that cached values hold.', fallback: 300_000 }),
  cacheMaxBytes: size({ name: 'CACHE_MAX_SIZE', about: 'Memory of the cache.', fallback: 67_108_864 }),
  logLevel: choice(
    { name: 'LOG_LEVEL', about: 'Least severe level that is written.', fallback: 'info' },
    'error',
    'warn',
    'info',
    'http',
    'verbose',
    'debug',
  ),
  logFormat: choice(
    { name: 'LOG_FORMAT', about: 'Shape of log lines.', fallback: 'json' },
    'json',
    'ecs',
    'otel',
    'pretty',
  ),
  logFile: text({ name: 'LOG_FILE', about: 'File for logs; standard output where unset.', fallback: undefined }),
  sentryDsn: url({ name: 'SENTRY_DSN', about: 'Sentry; off where unset.', fallback: undefined }, 'https:', 'http:'),
  sentryTracesSampleRate: ratio({
    name: 'SENTRY_TRACES_SAMPLE_RATE',
    about: 'Share of requests that Sentry traces.',
    fallback: 0,
  }),
  metricsToken: secret(
    { name: 'METRICS_TOKEN', about: 'Bearer token that may read metrics.', fallback: undefined },
    16,
  ),
  healthToken: secret(
    { name: 'HEALTH_TOKEN', about: 'Bearer token that sees health details.', fallback: undefined },
    16,
  ),
  signingKey: secret({ name: 'SIGNING_KEY', about: 'Key that signs tokens.', fallback: undefined }, 32),
  encryptionKey: secret({ name: 'ENCRYPTION_KEY', about: 'Key that encrypts fields.', fallback: undefined }, 32),
}
