import type { Registry } from 'prom-client'
import type { ExportedData, ExportedMetric } from '../exposition/family.js'
import { defaultLabelsOf, warnOnce } from '../exposition/scrape.js'

/** What a process adds to its cluster's metrics; one that fails is left out, so that it cannot take the others along. */
export function exporter(registry: Registry): () => Promise<ExportedData[]> {
  const warned = new Set<string>()
  return async function exportAll() {
    const defaults = defaultLabelsOf(registry)
    const metrics = registry.getMetricsAsArray() as unknown as readonly ExportedMetric[]
    const exported = metrics.map(async (metric): Promise<ExportedData[]> => {
      try {
        const { name, help, type, aggregator = 'sum', values } = await metric.get()
        const labelled = values.map((value) => ({ ...value, labels: { ...defaults, ...value.labels } }))
        return [{ name, help, type, aggregator, values: labelled }]
      } catch (error) {
        warnOnce(warned, metric.name, error)
        return []
      }
    })
    return (await Promise.all(exported)).flat()
  }
}
