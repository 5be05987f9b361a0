import { Registry } from 'prom-client'
import {
  booleanOption,
  functionOption,
  integerOption,
  middleware,
  rejectUnknownOptions,
  type Exchange,
  type NoteKey,
  type StepMiddleware,
} from '@hardening/core'
import type { Distribution } from './exposition/distribution.js'
import { registerFamily, type Family, type Series } from './exposition/family.js'
import { noLabels } from './exposition/label-set.js'
import { durationBounds, HttpCells, type HttpCell } from './http-cells.js'
import { collectNodeMetrics } from './node-metrics.js'
import { boundsOption, prefixOption, registryOption } from './options.js'

/** Options of {@link httpMetrics}. */
export interface HttpMetricsOptions {
  /** Where the metrics are registered. @defaultValue a registry of its own */
  registry?: Registry
  /** Start of the metrics' names. @defaultValue none */
  prefix?: string
  /** Routes that get a label of their own; the others share `other`. @defaultValue 500 */
  maxRoutes?: number
  /** Bounds of the duration histogram, seconds, ascending. @defaultValue those of OpenTelemetry: 5 ms to 10 s */
  buckets?: readonly number[]
  /** Whether Node's own metrics are collected too. @defaultValue `true` where the registry is its own */
  defaultMetrics?: boolean
  /** Whether durations keep the trace id of a request that its caller samples. @defaultValue `true` */
  exemplars?: boolean
  /** Requests that are not counted, asked at their end. They count as in flight all the same. @defaultValue none */
  skip?: (exchange: Exchange) => boolean
}

/** Middleware with the registry that it counts into. */
export type HttpMetrics = StepMiddleware & { readonly registry: Registry }

const known = ['registry', 'prefix', 'maxRoutes', 'buckets', 'defaultMetrics', 'exemplars', 'skip']

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
  rejectUnknownOptions('httpMetrics', options, known)
  const { registry = new Registry(), prefix = '', maxRoutes = 500, buckets = durationBounds } = options
  const { defaultMetrics = options.registry === undefined, exemplars = true, skip } = options
  registryOption('httpMetrics', registry)
  prefixOption('httpMetrics', prefix)
  integerOption('httpMetrics', 'maxRoutes', maxRoutes, { min: 1, max: 100_000 })
  booleanOption('httpMetrics', 'exemplars', exemplars)
  if (skip !== undefined) functionOption('httpMetrics', 'skip', skip)
  const collectNode = booleanOption('httpMetrics', 'defaultMetrics', defaultMetrics)

  const cells = new HttpCells(maxRoutes, boundsOption('httpMetrics', 'buckets', buckets))
  // Noted at `request`: an earlier step of the pass may refuse, and then only `end` comes. `false` once it has ended:
  // mounted twice, this hears of both.
  const isInFlight: NoteKey<boolean> = { name: 'metrics-in-flight' }
  let inFlight = 0
  for (const family of families(prefix, cells, () => inFlight)) registerFamily('httpMetrics', registry, family)
  if (collectNode) collectNodeMetrics(registry, prefix)

  const step = middleware({
    name: 'httpMetrics',
    request(x) {
      if (x.note(isInFlight) === true) return
      x.setNote(isInFlight, true)
      inFlight += 1
    },
    end(x) {
      const wasInFlight = x.note(isInFlight)
      if (wasInFlight === false) return
      if (wasInFlight === true) inFlight -= 1
      x.setNote(isInFlight, false)
      if (skip?.(x)) return
      const cell = cells.cell(x.method, x.route, x.status)
      const seconds = x.durationMs / 1000
      cell.durations.observe(seconds)
      cell.sizes.observe(x.bytes)
      if (x.aborted) cell.aborted += 1
      if (exemplars && x.headers['traceparent'] !== undefined) exemplify(cell.durations, seconds, x)
    },
  })
  return Object.assign(step, { registry })
}

/** Only a trace that is recorded somewhere is worth pointing at: the caller's sampled flag says so. */
function exemplify(durations: Distribution, value: number, x: Exchange): void {
  const { trace, startedAt } = x.context
  if ((trace.flags & 1) === 0) return
  const timestamp = Math.round(startedAt + x.durationMs) / 1000
  durations.exemplify({ labels: { trace_id: trace.traceId, span_id: trace.spanId }, value, timestamp })
}

function families(prefix: string, cells: HttpCells, inFlight: () => number): Family[] {
  const reset = (): void => cells.clear()
  const each = (value: (cell: HttpCell) => Series['value'], wanted?: (cell: HttpCell) => boolean) =>
    function* (): Generator<Series> {
      for (const cell of cells.all()) if (wanted?.(cell) !== false) yield { labels: cell.labels, value: value(cell) }
    }
  const family = (name: string, help: string, type: Family['type'], series: Family['series']): Family => ({
    name: prefix + name,
    help,
    type,
    series,
    reset,
  })
  const single = (value: () => number) => () => [{ labels: noLabels, value: value() }]
  return [
    family(
      'http_requests_total',
      'Requests that have ended.',
      'counter',
      each((cell) => cell.durations.count),
    ),
    family(
      'http_requests_aborted_total',
      'Requests that the client gave up.',
      'counter',
      each(
        (cell) => cell.aborted,
        (cell) => cell.aborted > 0,
      ),
    ),
    family(
      'http_request_duration_seconds',
      'Time from the request to the end of its response.',
      'histogram',
      each((cell) => cell.durations),
    ),
    family(
      'http_response_size_bytes',
      'Size of response bodies.',
      'histogram',
      each((cell) => cell.sizes),
    ),
    family('http_requests_in_flight', 'Requests that are being served.', 'gauge', single(inFlight)),
    family(
      'http_metrics_routes_dropped_total',
      'Requests of routes beyond the limit of labels.',
      'counter',
      single(() => cells.dropped),
    ),
  ]
}
