import type { Distribution } from './distribution.js'
import type { ExportedData, ExportedMetric, ExportedValue, Family } from './family.js'
import { boundText, counterNames, headText, numberText, type MetricsFormat } from './format.js'
import { labelText, type LabelSet, type Labels } from './label-set.js'

/** How a rendering spreads its work, so that requests are served meanwhile. */
export interface Pace {
  /** Samples after which the event loop gets its turn. */
  readonly samplesPerSlice: number
  /** Resolves after that turn. */
  pause(): Promise<void>
  /** The values of a metric, or `undefined` where it fails or takes too long. */
  collect(metric: ExportedMetric): Promise<ExportedData | undefined>
}

/** Renders metrics in slices of bounded work. */
export async function renderMetrics(
  metrics: readonly ExportedMetric[],
  format: MetricsFormat,
  pace: Pace,
  defaults: Labels = {},
): Promise<Buffer> {
  const out = new SliceWriter(format, pace)
  for (const metric of metrics) {
    if (metric.family !== undefined) await renderFamily(out, metric.family, defaults)
    else {
      const data = await pace.collect(metric)
      if (data !== undefined) await renderData(out, data, defaults)
    }
  }
  if (format === 'openmetrics') out.write('# EOF\n', 0)
  return out.end()
}

async function renderFamily(out: SliceWriter, family: Family, defaults: Labels): Promise<void> {
  const { format } = out
  const [name, sample] = family.type === 'counter' ? counterNames(family.name, format) : [family.name, family.name]
  out.write(headText(name, family.help, family.type, format), 0)
  let before: string | undefined
  let histogram: HistogramText | undefined
  for (const { labels, value } of family.series()) {
    before ??= defaultText(defaults, labels)
    const text = joinLabels(before, labels.text)
    if (typeof value === 'number') out.write(`${sample}${text === '' ? '' : `{${text}}`} ${numberText(value)}\n`, 1)
    else {
      histogram ??= new HistogramText(name, value.bounds, format)
      out.write(histogram.of(value, text), value.bounds.length + 3)
    }
    if (out.isFull) await out.turn()
  }
}

/** What is the same in all series of a histogram, put together once. */
class HistogramText {
  readonly #name: string
  readonly #bounds: readonly string[]
  readonly #withExemplars: boolean

  constructor(name: string, bounds: readonly number[], format: MetricsFormat) {
    this.#name = name
    this.#bounds = [...bounds.map((bound) => boundText(bound, format)), '+Inf'].map((le) => `le="${le}"} `)
    this.#withExemplars = format === 'openmetrics'
  }

  of(distribution: Distribution, labels: string): string {
    const start = labels === '' ? `${this.#name}_bucket{` : `${this.#name}_bucket{${labels},`
    const last = this.#bounds.length - 1
    let text = ''
    let sum = 0
    for (let at = 0; at <= last; at++) {
      sum = at === last ? distribution.count : sum + distribution.bucket(at)
      text += start + this.#bounds[at] + sum
      const exemplar = this.#withExemplars ? distribution.exemplar(at) : undefined
      text += exemplar === undefined ? '\n' : `${exemplarText(exemplar.labels, exemplar.value, exemplar.timestamp)}\n`
    }
    const own = labels === '' ? ' ' : `{${labels}} `
    return `${text}${this.#name}_sum${own}${distribution.sum}\n${this.#name}_count${own}${distribution.count}\n`
  }
}

async function renderData(out: SliceWriter, data: ExportedData, defaults: Labels): Promise<void> {
  const { format } = out
  const isCounter = data.type === 'counter'
  const [name, sample] = isCounter ? counterNames(data.name, format) : [data.name, data.name]
  out.write(headText(name, data.help, data.type, format), 0)
  for (const value of data.values) {
    out.write(valueText(isCounter ? sample : (value.metricName ?? sample), value, defaults, format), 1)
    if (out.isFull) await out.turn()
  }
}

function valueText(name: string, value: ExportedValue, defaults: Labels, format: MetricsFormat): string {
  const { le } = value.labels
  const labels = { ...defaults, ...value.labels, ...(le === undefined ? {} : { le: boundText(le, format) }) }
  const text = labelText(labels)
  const { exemplar } = value
  const line = `${name}${text === '' ? '' : `{${text}}`} ${numberText(value.value)}`
  if (format === 'text' || !exemplar) return `${line}\n`
  return `${line}${exemplarText(exemplar.labelSet, exemplar.value, exemplar.timestamp)}\n`
}

function exemplarText(labels: Labels, value: number, timestamp: number): string {
  return ` # {${labelText(labels)}} ${numberText(value)} ${timestamp}`
}

/** The registry's default labels, but for those that the series has itself. */
function defaultText(defaults: Labels, { labels }: LabelSet): string {
  return labelText(Object.fromEntries(Object.entries(defaults).filter(([name]) => !(name in labels))))
}

function joinLabels(before: string, own: string): string {
  return before === '' || own === '' ? before + own : `${before},${own}`
}

/** Collects text; what a slice has written is encoded within the slice. */
class SliceWriter {
  readonly format: MetricsFormat
  readonly #pace: Pace
  readonly #done: Buffer[] = []
  #text = ''
  #samples = 0

  constructor(format: MetricsFormat, pace: Pace) {
    this.format = format
    this.#pace = pace
  }

  get isFull(): boolean {
    return this.#samples >= this.#pace.samplesPerSlice
  }

  write(text: string, samples: number): void {
    this.#text += text
    this.#samples += samples
  }

  turn(): Promise<void> {
    this.#flush()
    return this.#pace.pause()
  }

  end(): Buffer {
    this.#flush()
    return Buffer.concat(this.#done)
  }

  #flush(): void {
    this.#done.push(Buffer.from(this.#text))
    this.#text = ''
    this.#samples = 0
  }
}
