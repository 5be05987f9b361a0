import { createHash, timingSafeEqual } from 'node:crypto'
import type { Registry } from 'prom-client'
import {
  addressSet,
  ConfigError,
  functionOption,
  HttpError,
  middleware,
  rejectUnknownOptions,
  type AddressSet,
  type Exchange,
  type StepMiddleware,
} from '@hardening/core'

/** Options of {@link metricsEndpoint}. */
export interface MetricsEndpointOptions {
  /** What is shown. */
  registry: Registry
  /** Where. @defaultValue `'/metrics'` */
  path?: string
  /** Bearer token that may read; at least 16 characters. @defaultValue none */
  token?: string
  /** Addresses that may read without the token. @defaultValue loopback alone */
  allow?: readonly string[]
}

/** The caller may not read metrics. */
export class MetricsAccessError extends HttpError {
  constructor() {
    super(401, 'Metrics need a token', {
      code: 'ERR_METRICS_ACCESS',
      headers: { 'WWW-Authenticate': 'Bearer realm="metrics"', 'Cache-Control': 'no-store' },
    })
  }
}

/**
 * Shows metrics to Prometheus: to those with the token, and to the addresses that are allowed.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`; to the client {@link MetricsAccessError} 401 `ERR_METRICS_ACCESS`
 */
export function metricsEndpoint(options: MetricsEndpointOptions): StepMiddleware {
  rejectUnknownOptions('metricsEndpoint', options, ['registry', 'path', 'token', 'allow'])
  const { registry, path = '/metrics', token, allow = ['127.0.0.0/8', '::1'] } = options
  functionOption('metricsEndpoint', 'registry.metrics', registry?.metrics)
  if (token !== undefined && (typeof token !== 'string' || token.length < 16)) {
    throw new ConfigError('metricsEndpoint', 'token', 'a text of at least 16 characters', 'another value (hidden)')
  }
  const addresses = addressSet('metricsEndpoint', 'allow', allow)
  const wanted = token === undefined ? undefined : digest(`Bearer ${token}`)

  return middleware({
    name: 'metricsEndpoint',
    request(x) {
      if (x.path !== path || (x.req.method !== 'GET' && x.req.method !== 'HEAD')) return undefined
      if (!mayRead(x, wanted, addresses)) return x.refuse(new MetricsAccessError())
      return show(x, registry)
    },
  })
}

function mayRead(x: Exchange, wanted: Buffer | undefined, addresses: AddressSet): boolean {
  const { authorization } = x.req.headers
  if (wanted !== undefined && authorization !== undefined) return timingSafeEqual(digest(authorization), wanted)
  // Behind a proxy that is not trusted every client looks like the proxy: then only the token counts.
  if (x.req.headers['x-forwarded-for'] !== undefined && x.ip === x.req.socket.remoteAddress) return false
  return x.ip !== undefined && addresses.has(x.ip)
}

async function show(x: Exchange, registry: Registry): Promise<void> {
  const text = await registry.metrics()
  x.answer(200, { 'Content-Type': registry.contentType, 'Cache-Control': 'no-store' }, text)
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
