import { collectDefaultMetrics, type Registry } from 'prom-client'

/**
 * Gauges of prom-client whose names end in `_total`, which Prometheus keeps for counters: `promtool check metrics`
 * complains. Nothing is lost, since the gauges of the same names without it have the same values by type.
 */
const misnamed = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total']

/** Lets a registry hold Node's own metrics, unless it does already. */
export function collectNodeMetrics(registry: Registry, prefix: string): void {
  if (registry.getSingleMetric(`${prefix}process_cpu_user_seconds_total`) !== undefined) return
  collectDefaultMetrics({ register: registry, prefix })
  for (const name of misnamed) registry.removeSingleMetric(prefix + name)
}
