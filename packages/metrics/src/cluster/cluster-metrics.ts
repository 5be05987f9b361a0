import cluster from 'node:cluster'
import type { Registry } from 'prom-client'
import {
  durationOption,
  functionOption,
  HardeningError,
  rejectUnknownOptions,
  systemClock,
  type Clock,
  type Duration,
} from '@hardening/core'
import type { ExportedData } from '../exposition/family.js'
import type { MetricsSource } from '../exposition/scrape.js'
import { exporter } from './export.js'
import { isMetricsMessage, type MetricsMessage } from './messages.js'
import { ClusterPrimary } from './primary.js'

/** Options of {@link clusterMetrics}. */
export interface ClusterMetricsOptions {
  /** What this process adds. */
  registry: Registry
  /** How long processes may take to answer. Of those that are late the last known counters are shown. @defaultValue `'2s'` */
  timeout?: Duration
  /** Where time comes from. @defaultValue the system's */
  clock?: Clock
}

/** The metrics of all processes of a cluster, for `metricsEndpoint({ registry })`. */
export interface ClusterMetrics extends MetricsSource {
  getMetricsAsArray(): Promise<readonly object[]>
  /** Stops answering and listening. */
  close(): void
}

/** The primary process did not answer: `clusterMetrics` has to be called there too. `ERR_METRICS_CLUSTER`. */
export class MetricsClusterError extends HardeningError {
  override readonly code: string = 'ERR_METRICS_CLUSTER'

  constructor(ms: number) {
    super(`The primary process has not sent the cluster's metrics within ${ms} ms: does it call clusterMetrics()?`)
  }
}

/**
 * Puts the metrics of a cluster's processes together, whichever of them is asked. To be called in the primary and in
 * every worker. Counters of workers that have ended stay counted as of the last scrape.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`; at a scrape {@link MetricsClusterError} `ERR_METRICS_CLUSTER`
 *
 * @example
 * const all = clusterMetrics({ registry: metrics.registry })
 * app.use(metricsEndpoint({ registry: all }))
 */
export function clusterMetrics(options: ClusterMetricsOptions): ClusterMetrics {
  rejectUnknownOptions('clusterMetrics', options, ['registry', 'timeout', 'clock'])
  const { registry, timeout = '2s', clock = systemClock } = options
  functionOption('clusterMetrics', 'registry.getMetricsAsArray', registry?.getMetricsAsArray as () => unknown)
  const timeoutMs = durationOption('clusterMetrics', 'timeout', timeout, { min: 1 })
  const own = exporter(registry)
  const side = cluster.isPrimary
    ? new ClusterPrimary(cluster, own, timeoutMs, clock)
    : new ClusterWorker(own, timeoutMs, clock)
  return {
    getMetricsAsArray: async () => (await side.gather()).map((data) => ({ name: data.name, get: () => data })),
    get contentType() {
      return registry.contentType
    },
    close: () => side.close(),
  }
}

/** A worker's side: sends its own when asked, and asks the primary for all. */
class ClusterWorker {
  readonly #own: () => Promise<ExportedData[]>
  readonly #timeoutMs: number
  readonly #clock: Clock
  readonly #waiting = new Map<number, (families: ExportedData[]) => void>()
  #nextId = 0

  constructor(own: () => Promise<ExportedData[]>, timeoutMs: number, clock: Clock) {
    this.#own = own
    this.#timeoutMs = timeoutMs
    this.#clock = clock
    process.on('message', this.#onMessage)
  }

  close(): void {
    process.off('message', this.#onMessage)
  }

  gather(): Promise<ExportedData[]> {
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      // The primary itself waits as long for its workers.
      const ms = this.#timeoutMs * 2
      const timer = this.#clock.setTimeout(() => {
        this.#waiting.delete(id)
        reject(new MetricsClusterError(ms))
      }, ms)
      this.#waiting.set(id, (families) => {
        this.#clock.clearTimeout(timer)
        this.#waiting.delete(id)
        resolve(families)
      })
      send({ type: 'hardening:metrics:gather', id })
    })
  }

  readonly #onMessage = (message: unknown): void => {
    if (!isMetricsMessage(message)) return
    if (message.type === 'hardening:metrics:gathered') this.#waiting.get(message.id)?.(message.families)
    else if (message.type === 'hardening:metrics:send') {
      const { id } = message
      void this.#own().then((families) => send({ type: 'hardening:metrics:sent', id, families }))
    }
  }
}

function send(message: MetricsMessage): void {
  // Without somebody to hear of it, a message that does not arrive ends the process.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined)
}
