import type { ExportedData, ExportedValue } from '../exposition/family.js'

/** What happens to a metric's values of several processes: as in prom-client. */
type Aggregator = 'sum' | 'first' | 'min' | 'max' | 'average' | 'omit'

/** One metric of several processes. */
export function mergeFamilies(processes: readonly (readonly ExportedData[])[]): ExportedData[] {
  const merged = new Map<string, Merging>()
  for (const families of processes) {
    for (const family of families) {
      const aggregator = (family.aggregator ?? 'sum') as Aggregator
      if (aggregator === 'omit') continue
      let merging = merged.get(family.name)
      if (merging === undefined) merged.set(family.name, (merging = { family, aggregator, values: new Map() }))
      for (const value of family.values) mergeValue(merging, value)
    }
  }
  return Array.from(merged.values(), ({ family, aggregator, values }) => ({
    ...family,
    values: Array.from(values.values(), ({ value, sum, count }) => ({
      ...value,
      value: aggregator === 'average' ? sum / count : sum,
    })),
  }))
}

interface Merging {
  readonly family: ExportedData
  readonly aggregator: Aggregator
  readonly values: Map<string, { value: ExportedValue; sum: number; count: number }>
}

function mergeValue({ aggregator, values }: Merging, value: ExportedValue): void {
  // What is no number comes through JSON as null.
  const number = value.value ?? NaN
  const { labels } = value
  const names = Object.keys(labels).sort()
  const key = JSON.stringify([value.metricName, ...names.map((name) => [name, labels[name]])])
  const known = values.get(key)
  if (known === undefined) {
    values.set(key, { value: { ...value, value: number }, sum: number, count: 1 })
    return
  }
  known.count += 1
  if (aggregator === 'sum' || aggregator === 'average') known.sum += number
  else if (aggregator === 'min') known.sum = Math.min(known.sum, number)
  else if (aggregator === 'max') known.sum = Math.max(known.sum, number)
  const later = value.exemplar
  if (later && later.timestamp > (known.value.exemplar?.timestamp ?? 0)) known.value = { ...value }
}

/** What of a process must stay when it ends: counters never go back, gauges were of the process alone. */
export function lasting(families: readonly ExportedData[]): ExportedData[] {
  return families.filter(({ type, aggregator = 'sum' }) => {
    return aggregator === 'sum' && (type === 'counter' || type === 'histogram')
  })
}
