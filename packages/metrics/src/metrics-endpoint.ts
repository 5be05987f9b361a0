import type { Registry } from 'prom-client'
import {
  ConfigError,
  durationOption,
  functionOption,
  HttpError,
  middleware,
  rejectUnknownOptions,
  systemClock,
  type Clock,
  type Duration,
  type Exchange,
  type StepMiddleware,
} from '@hardening/core'
import { contentTypes } from './exposition/format.js'
import { negotiateFormat } from './exposition/negotiate.js'
import { createScraper, type MetricsSource } from './exposition/scrape.js'
import { accessRule } from './metrics-access.js'

/** Options of {@link metricsEndpoint}. */
export interface MetricsEndpointOptions {
  /** What is shown: a registry, or the `clusterMetrics` of all processes. */
  registry: Registry | MetricsSource
  /** Where. @defaultValue `'/metrics'` */
  path?: string
  /** Bearer token that may read; at least 16 characters. @defaultValue none */
  token?: string
  /** Addresses that may read without the token. @defaultValue loopback alone */
  allow?: readonly string[]
  /** How long metrics that gather their values at a scrape may take; what is late is left out. @defaultValue `'5s'` */
  timeout?: Duration
  /** Where time comes from. @defaultValue the system's */
  clock?: Clock
}

/** The caller may not read metrics: 401, `ERR_METRICS_ACCESS`. */
export class MetricsAccessError extends HttpError {
  constructor() {
    super(401, 'Metrics need a token', {
      code: 'ERR_METRICS_ACCESS',
      headers: { 'WWW-Authenticate': 'Bearer realm="metrics"', 'Cache-Control': 'no-store' },
    })
  }
}

/**
 * Shows metrics to Prometheus, in its text format or in OpenMetrics, whichever it asks for: to those with the token,
 * and to the addresses that are allowed. Renders in slices, so that a large scrape holds up no request.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`; to the client {@link MetricsAccessError} 401 `ERR_METRICS_ACCESS`
 *
 * @example
 * app.use(metricsEndpoint({ registry: metrics.registry, token: process.env.METRICS_TOKEN }))
 */
export function metricsEndpoint(options: MetricsEndpointOptions): StepMiddleware {
  rejectUnknownOptions('metricsEndpoint', options, ['registry', 'path', 'token', 'allow', 'timeout', 'clock'])
  const { registry, path = '/metrics', token, allow = ['127.0.0.0/8', '::1'] } = options
  const { timeout = '5s', clock = systemClock } = options
  functionOption('metricsEndpoint', 'registry.getMetricsAsArray', registry?.getMetricsAsArray as () => unknown)
  if (typeof path !== 'string' || !path.startsWith('/')) {
    throw new ConfigError('metricsEndpoint', 'path', 'a path that begins with /', path)
  }
  const mayRead = accessRule('metricsEndpoint', token, allow)
  const timeoutMs = durationOption('metricsEndpoint', 'timeout', timeout, { min: 1 })
  const scrape = createScraper(registry, timeoutMs, clock)

  async function show(x: Exchange): Promise<void> {
    const isOpenMetrics = registry.contentType?.startsWith('application/openmetrics-text')
    const format = negotiateFormat(x.headers.accept, isOpenMetrics ? 'openmetrics' : 'text')
    const body = await scrape(format)
    x.vary('Accept')
    x.answer(
      200,
      { 'Content-Type': contentTypes[format], 'Cache-Control': 'no-store', 'Content-Length': String(body.length) },
      body,
    )
  }

  return middleware({
    name: 'metricsEndpoint',
    request(x) {
      if (x.path !== path || (x.method !== 'GET' && x.method !== 'HEAD')) return undefined
      x.route = path
      if (!mayRead(x)) return x.refuse(new MetricsAccessError())
      return show(x)
    },
  })
}
