import type { Clock } from '@hardening/core'
import type { ExportedData, ExportedMetric } from './family.js'
import type { MetricsFormat } from './format.js'
import type { Labels } from './label-set.js'
import { renderMetrics, type Pace } from './render.js'

/** What can be scraped: a registry of prom-client, or the metrics of a cluster. */
export interface MetricsSource {
  getMetricsAsArray(): readonly object[] | Promise<readonly object[]>
  readonly contentType?: string
}

/** About 5 ms of work at a microsecond or so a sample: far below what a waiting request would notice. */
const samplesPerSlice = 4_000

/**
 * Renders a source on demand. Scrapes that come while one of the same format is under way share it, so that many
 * scrapers cost no more than one.
 */
export function createScraper(
  source: MetricsSource,
  timeoutMs: number,
  clock: Clock,
): (format: MetricsFormat) => Promise<Buffer> {
  const underWay = new Map<MetricsFormat, Promise<Buffer>>()
  const warned = new Set<string>()

  async function scrape(format: MetricsFormat): Promise<Buffer> {
    const deadline = new Deadline(clock, timeoutMs)
    try {
      const metrics = (await source.getMetricsAsArray()) as readonly ExportedMetric[]
      return await renderMetrics(metrics, format, paceOf(deadline, warned), defaultLabelsOf(source))
    } finally {
      deadline.clear()
    }
  }

  return function scrapeOnce(format) {
    let running = underWay.get(format)
    if (running === undefined) {
      running = scrape(format).finally(() => underWay.delete(format))
      underWay.set(format, running)
    }
    return running
  }
}

function paceOf(deadline: Deadline, warned: Set<string>): Pace {
  return {
    samplesPerSlice,
    pause: () => new Promise((resolve) => setImmediate(resolve)),
    collect: async (metric) => {
      try {
        return await deadline.race(metric.get())
      } catch (error) {
        warnOnce(warned, metric.name, error)
        return undefined
      }
    },
  }
}

/** One metric that fails must not hide the others, and must be heard of. */
export function warnOnce(warned: Set<string>, name: string, error: unknown): void {
  if (warned.has(name) || warned.size >= 100) return
  warned.add(name)
  const message = error instanceof Error ? error.message : String(error)
  process.emitWarning(`The metric ${name} is left out of scrapes: ${message}`, { code: 'HARDENING_METRIC_COLLECT' })
}

class Deadline {
  readonly #clock: Clock
  readonly #timer: unknown
  #reject: (error: Error) => void = () => undefined
  readonly #passed: Promise<never>

  constructor(clock: Clock, ms: number) {
    this.#clock = clock
    this.#passed = new Promise<never>((_, reject) => (this.#reject = reject))
    this.#passed.catch(() => undefined)
    this.#timer = clock.setTimeout(() => this.#reject(new Error(`no values within ${ms} ms`)), ms)
  }

  race(values: ExportedData | Promise<ExportedData>): Promise<ExportedData> {
    return Promise.race([values, this.#passed])
  }

  clear(): void {
    this.#clock.clearTimeout(this.#timer)
  }
}

/** prom-client has no public way to ask for what `setDefaultLabels` set. */
export function defaultLabelsOf(source: MetricsSource): Labels {
  return (source as { _defaultLabels?: Labels })._defaultLabels ?? {}
}
