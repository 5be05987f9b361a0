import type { Registry } from 'prom-client'
import { ConfigError } from '@hardening/core'
import type { Distribution } from './distribution.js'
import { type Exemplar } from './distribution.js'
import type { LabelSet, Labels } from './label-set.js'

/** One series of a metric at one moment. */
export interface Series {
  readonly labels: LabelSet
  readonly value: number | Distribution
}

/** A metric whose values are kept here and gathered when a registry is asked, not when they change. */
export interface Family {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  series(): Iterable<Series>
  reset(): void
}

/** One value as prom-client's registries render it. */
export interface ExportedValue {
  readonly value: number
  readonly labels: Labels
  readonly metricName?: string
  readonly exemplar?: { readonly labelSet: Labels; readonly value: number; readonly timestamp: number } | null
}

/** A metric's values at one moment, as prom-client's `get` gives them. */
export interface ExportedData {
  readonly name: string
  readonly help: string
  readonly type: string
  readonly aggregator?: string
  readonly values: readonly ExportedValue[]
}

/** Anything that a registry holds: a metric of prom-client, or a {@link Family}. */
export interface ExportedMetric {
  readonly name: string
  get(): ExportedData | Promise<ExportedData>
  /** The family, where it is one of ours. */
  readonly family?: Family
}

/**
 * Lets a registry of prom-client hold a family.
 *
 * @throws ConfigError where the registry holds another metric of that name.
 */
export function registerFamily(factory: string, registry: Registry, family: Family): void {
  const { name, help, type } = family
  if (registry.getSingleMetric(name) !== undefined) {
    throw new ConfigError(factory, 'registry', `one that does not hold ${name} already: use a prefix, or another`, name)
  }
  let isHeld = false
  const metric = {
    // prom-client cuts `_total` off counters when it renders OpenMetrics, for good; here it comes back.
    get name(): string {
      const isCut = isHeld && type === 'counter' && registry.contentType.startsWith('application/openmetrics-text')
      return isCut ? name.replace(/_total$/, '') : name
    },
    set name(_ignored: string) {},
    help,
    type,
    aggregator: 'sum',
    family,
    get: () => Promise.resolve({ name: metric.name, help, type, aggregator: 'sum', values: exportedValues(family) }),
    reset: () => family.reset(),
  }
  registry.registerMetric(metric as never)
  isHeld = true
}

/** The values of a family in prom-client's shape. */
export function exportedValues(family: Family): ExportedValue[] {
  const values: ExportedValue[] = []
  for (const { labels, value } of family.series()) {
    if (typeof value === 'number') values.push({ value, labels: labels.labels })
    else values.push(...histogramValues(family.name, value, labels.labels))
  }
  return values
}

function histogramValues(name: string, distribution: Distribution, labels: Labels): ExportedValue[] {
  const { bounds, sum, count } = distribution
  const metricName = `${name}_bucket`
  const bucket = (value: number, le: number | '+Inf', at: number): ExportedValue => {
    const exemplar = distribution.exemplar(at)
    const exported = { value, labels: { ...labels, le }, metricName }
    return exemplar === undefined ? exported : { ...exported, exemplar: exportedExemplar(exemplar) }
  }
  return [
    ...distribution.cumulative().map((value, at) => bucket(value, bounds[at] as number, at)),
    bucket(count, '+Inf', bounds.length),
    { value: sum, labels, metricName: `${name}_sum` },
    { value: count, labels, metricName: `${name}_count` },
  ]
}

function exportedExemplar({ labels, value, timestamp }: Exemplar): NonNullable<ExportedValue['exemplar']> {
  return { labelSet: labels, value, timestamp }
}
