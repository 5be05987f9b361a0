import { collectDefaultMetrics, Registry } from 'prom-client'
import {
  booleanOption,
  ConfigError,
  integerOption,
  middleware,
  rejectUnknownOptions,
  type Exchange,
  type StepMiddleware,
} from '@hardening/core'
import { registerExported, type ExportedValue } from './exported-metric.js'
import { HttpCells, type Distribution, type HttpCell } from './http-cells.js'

/** Options of {@link httpMetrics}. */
export interface HttpMetricsOptions {
  /** Where the metrics are registered. @defaultValue a registry of its own */
  registry?: Registry
  /** Start of the metrics' names. @defaultValue none */
  prefix?: string
  /** Routes that get a label of their own; the others share `other`. @defaultValue 500 */
  maxRoutes?: number
  /** Whether Node's own metrics are collected too. @defaultValue `true` where the registry is its own */
  defaultMetrics?: boolean
  /** Requests that are not counted. @defaultValue none */
  skip?: (exchange: Exchange) => boolean
}

/** Middleware with the registry that it counts into. */
export type HttpMetrics = StepMiddleware & { readonly registry: Registry }

/**
 * Counts requests, durations and sizes by method, route template and status. Labels are bounded: paths that match no
 * route are `unmatched`, however many a client invents.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 *
 * @example
 * const metrics = httpMetrics()
 * app.use(metrics, metricsEndpoint({ registry: metrics.registry }))
 */
export function httpMetrics(options: HttpMetricsOptions = {}): HttpMetrics {
  rejectUnknownOptions('httpMetrics', options, ['registry', 'prefix', 'maxRoutes', 'defaultMetrics', 'skip'])
  const { registry = new Registry(), prefix = '', maxRoutes = 500, skip } = options
  const { defaultMetrics = options.registry === undefined } = options
  if (!/^(?:[a-zA-Z_:][a-zA-Z0-9_:]*)?$/.test(prefix)) {
    throw new ConfigError('httpMetrics', 'prefix', 'the start of a metric name: letters, digits, _ and :', prefix)
  }
  integerOption('httpMetrics', 'maxRoutes', maxRoutes, { min: 1 })
  if (booleanOption('httpMetrics', 'defaultMetrics', defaultMetrics))
    collectDefaultMetrics({ register: registry, prefix })
  const cells = new HttpCells(maxRoutes)
  let inFlight = 0
  register(registry, prefix, cells, () => inFlight)

  const step = middleware({
    name: 'httpMetrics',
    request() {
      inFlight += 1
    },
    end(x) {
      inFlight -= 1
      if (skip?.(x)) return
      const cell = cells.cell(x.req.method ?? 'GET', x.route, x.status)
      cell.durations.observe(x.durationMs / 1000)
      cell.sizes.observe(x.bytes)
      if (x.aborted) cell.aborted += 1
    },
  })
  return Object.assign(step, { registry })
}

function register(registry: Registry, prefix: string, cells: HttpCells, inFlight: () => number): void {
  const clear = (): void => cells.clear()
  const each = (
    name: string,
    help: string,
    type: 'counter' | 'histogram',
    values: (cell: HttpCell) => ExportedValue[],
  ): void => registerExported(registry, prefix + name, help, type, () => [...cells.all()].flatMap(values), clear)

  each('http_requests_total', 'Requests that have ended.', 'counter', (cell) => [
    { value: cell.durations.count, labels: labelsOf(cell) },
  ])
  each('http_requests_aborted_total', 'Requests that the client gave up.', 'counter', (cell) =>
    cell.aborted === 0 ? [] : [{ value: cell.aborted, labels: labelsOf(cell) }],
  )
  each('http_request_duration_seconds', 'Time from the request to the end of its response.', 'histogram', (cell) =>
    histogramValues(`${prefix}http_request_duration_seconds`, cell.durations, labelsOf(cell)),
  )
  each('http_response_size_bytes', 'Size of response bodies.', 'histogram', (cell) =>
    histogramValues(`${prefix}http_response_size_bytes`, cell.sizes, labelsOf(cell)),
  )
  const total = `${prefix}http_requests_in_flight`
  registerExported(
    registry,
    total,
    'Requests that are being served.',
    'gauge',
    () => [{ value: inFlight(), labels: {} }],
    clear,
  )
  const dropped = `${prefix}http_metrics_routes_dropped_total`
  registerExported(
    registry,
    dropped,
    'Requests of routes beyond the limit of labels.',
    'counter',
    () => [{ value: cells.dropped, labels: {} }],
    clear,
  )
}

type Labels = Readonly<Record<string, string | number>>

function labelsOf({ method, route, status }: HttpCell): Labels {
  return { method, route, status }
}

function histogramValues(name: string, distribution: Distribution, labels: Labels): ExportedValue[] {
  const { bounds, sum, count } = distribution
  const values: ExportedValue[] = distribution.cumulative().map((value, at) => ({
    value,
    labels: { ...labels, le: bounds[at] as number },
    metricName: `${name}_bucket`,
  }))
  values.push({ value: count, labels: { ...labels, le: '+Inf' }, metricName: `${name}_bucket` })
  values.push({ value: sum, labels, metricName: `${name}_sum` }, { value: count, labels, metricName: `${name}_count` })
  return values
}
