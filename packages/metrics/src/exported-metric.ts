import type { Registry } from 'prom-client'

/** One value of a metric as prom-client's registries render it. */
export interface ExportedValue {
  readonly value: number
  readonly labels: Readonly<Record<string, string | number>>
  readonly metricName?: string
}

/** What a registry of prom-client asks of a metric: anything with `get` is one. */
export interface ExportedMetric {
  name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly aggregator: 'sum'
  get(): Promise<ExportedMetricData>
  reset(): void
}

/** The values of a metric at one moment. */
export interface ExportedMetricData {
  readonly name: string
  readonly help: string
  readonly type: string
  readonly values: readonly ExportedValue[]
  readonly aggregator: 'sum'
}

/** Lets a registry render values that are kept elsewhere: they are gathered when it is asked, not when they change. */
export function registerExported(
  registry: Registry,
  name: string,
  help: string,
  type: ExportedMetric['type'],
  values: () => readonly ExportedValue[],
  reset: () => void,
): void {
  const metric: ExportedMetric = {
    name,
    help,
    type,
    aggregator: 'sum',
    // The registry renames counters for OpenMetrics and back: the name is read when it asks.
    get: () => Promise.resolve({ name: metric.name, help, type, aggregator: 'sum', values: values() }),
    reset,
  }
  registry.registerMetric(metric as never)
}
