import type { Registry } from 'prom-client'
import { exportedValues, type ExportedMetric, type ExportedValue } from '../exposition/family.js'
import type { LabelMatch } from './rule.js'

/** Values of a histogram's buckets by bound, ascending, each the number at most that bound. */
export type Buckets = ReadonlyMap<number, number>

/** What a registry holds at one moment, read once for all rules. */
export class Reading {
  readonly #values = new Map<string, readonly ExportedValue[]>()

  static async of(registry: Registry, names: Iterable<string>): Promise<Reading> {
    const reading = new Reading()
    for (const name of names) {
      const base = [name, name.replace(/_(?:count|sum)$/, '')].find((each) => registry.getSingleMetric(each))
      if (base === undefined || reading.#values.has(base)) continue
      const metric = registry.getSingleMetric(base) as unknown as ExportedMetric
      reading.#values.set(base, metric.family ? exportedValues(metric.family) : (await metric.get()).values)
    }
    return reading
  }

  /** Values of the series that match; none where there is no such metric. */
  values(metric: string, match: LabelMatch): number[] {
    return this.#series(metric)
      .filter(({ labels }) => matches(labels, match))
      .map(({ value }) => value)
      .filter((value) => !Number.isNaN(value))
  }

  /** The buckets of the histogram's series that match, summed. */
  buckets(metric: string, match: LabelMatch): Buckets {
    const sums = new Map<number, number>()
    for (const { labels, metricName, value } of this.#values.get(metric) ?? []) {
      if (metricName !== `${metric}_bucket` || !matches(labels, match)) continue
      const bound = labels['le'] === '+Inf' ? Infinity : Number(labels['le'])
      sums.set(bound, (sums.get(bound) ?? 0) + value)
    }
    return new Map([...sums].sort(([a], [b]) => a - b))
  }

  #series(metric: string): readonly ExportedValue[] {
    const own = this.#values.get(metric)
    if (own !== undefined) return own.filter(({ metricName }) => metricName === undefined || metricName === metric)
    const base = this.#values.get(metric.replace(/_(?:count|sum)$/, '')) ?? []
    return base.filter(({ metricName }) => metricName === metric)
  }
}

function matches(labels: ExportedValue['labels'], match: LabelMatch): boolean {
  for (const name in match) {
    const wanted = match[name] as string | RegExp
    const value = String(labels[name] ?? '')
    if (typeof wanted === 'string' ? value !== wanted : !new RegExp(`^(?:${wanted.source})$`).test(value)) return false
  }
  return true
}
