/** One line of values, as a parser that knows nothing of the renderer understands it. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
  readonly exemplar?: { labels: Record<string, string>; value: number; timestamp: number | undefined }
}

export interface ParsedFamily {
  readonly name: string
  type: string
  help: string
  readonly samples: Sample[]
}

export interface Exposition {
  readonly families: ReadonlyMap<string, ParsedFamily>
  readonly samples: readonly Sample[]
  /** The one sample of that name whose labels include these. */
  value(name: string, labels?: Record<string, string>): number | undefined
  /** All samples of that name whose labels include these. */
  all(name: string, labels?: Record<string, string>): Sample[]
}

const suffixes: Record<string, string[]> = {
  counter: ['_total', '_created'],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count', '_created'],
  summary: ['', '_sum', '_count', '_created'],
}

/**
 * Parses the text format 0.0.4 or OpenMetrics 1.0.0 strictly: families in one piece with their type first, samples that
 * fit the type, no series twice, cumulative buckets that end in +Inf, exemplars within 128 characters, `# EOF`.
 */
export function parseExposition(text: string, openMetrics = false): Exposition {
  if (!text.endsWith('\n')) throw new Error('the last line does not end')
  const lines = text.slice(0, -1).split('\n')
  if (openMetrics && lines.pop() !== '# EOF') throw new Error('no # EOF')
  const families = new Map<string, ParsedFamily>()
  const seen = new Set<string>()
  let family: ParsedFamily | undefined
  for (const line of lines) {
    const meta = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/s.exec(line)
    if (meta !== null) {
      const [, what, name = '', rest = ''] = meta
      if (family?.name !== name) {
        if (families.has(name)) throw new Error(`${name} comes twice`)
        families.set(name, (family = { name, type: '', help: '', samples: [] }))
      }
      if (family.samples.length > 0) throw new Error(`${what} after samples: ${line}`)
      if (what === 'TYPE') family.type = rest
      else family.help = rest
      if (openMetrics && family.type === 'counter' && name.endsWith('_total')) throw new Error(`_total: ${line}`)
      continue
    }
    if (line === '' && !openMetrics) continue
    if (line.startsWith('#') || family === undefined) throw new Error(`unknown line: ${line}`)
    const sample = new Reader(line).sample(openMetrics)
    checkName(family, sample.name, openMetrics)
    const key = JSON.stringify([
      sample.name,
      Object.keys(sample.labels)
        .sort()
        .map((label) => [label, sample.labels[label]]),
    ])
    if (seen.has(key)) throw new Error(`series twice: ${line}`)
    seen.add(key)
    family.samples.push(sample)
  }
  for (const each of families.values()) if (each.type === 'histogram') checkHistogram(each, openMetrics)
  const samples = [...families.values()].flatMap((each) => each.samples)
  const all = (name: string, labels: Record<string, string> = {}): Sample[] =>
    samples.filter(
      (sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
    )
  return { families, samples, all, value: (name, labels) => all(name, labels)[0]?.value }
}

function checkName(family: ParsedFamily, name: string, openMetrics: boolean): void {
  const allowed = !openMetrics && family.type === 'counter' ? [''] : suffixes[family.type]
  if (!allowed?.some((suffix) => name === family.name + suffix)) {
    throw new Error(`${name} does not belong to the ${family.type} ${family.name}`)
  }
}

function checkHistogram(family: ParsedFamily, openMetrics: boolean): void {
  const groups = new Map<string, Sample[]>()
  for (const sample of family.samples) {
    const { le: _le, ...labels } = sample.labels
    const key = JSON.stringify(labels)
    groups.set(key, [...(groups.get(key) ?? []), sample])
  }
  for (const [key, samples] of groups) {
    const buckets = samples.filter(({ name }) => name.endsWith('_bucket'))
    const bounds = buckets.map(({ labels }) => numberOf(labels['le'] as string))
    if (bounds.some((bound, at) => at > 0 && bound <= (bounds[at - 1] as number))) throw new Error(`bounds: ${key}`)
    if (buckets.some(({ value }, at) => at > 0 && value < (buckets[at - 1]?.value as number)))
      throw new Error(`not cumulative: ${key}`)
    if (bounds.at(-1) !== Infinity) throw new Error(`no +Inf: ${key}`)
    const count = samples.find(({ name }) => name.endsWith('_count'))?.value
    if (count !== buckets.at(-1)?.value) throw new Error(`count differs from +Inf: ${key}`)
    if (!samples.some(({ name }) => name.endsWith('_sum'))) throw new Error(`no sum: ${key}`)
    if (openMetrics && buckets.some(({ labels }) => /^\d+$/.test(labels['le'] as string)))
      throw new Error(`le is no floating point number: ${key}`)
  }
}

class Reader {
  readonly #line: string
  #at = 0

  constructor(line: string) {
    this.#line = line
  }

  sample(openMetrics: boolean): Sample {
    const name = this.#take(/[a-zA-Z_:][a-zA-Z0-9_:]*/y)
    const labels = this.#line[this.#at] === '{' ? this.#labels() : {}
    this.#take(/ /y)
    const value = numberOf(this.#take(/[^ ]+/y))
    if (this.#at === this.#line.length) return { name, labels, value }
    if (!openMetrics || !(name.endsWith('_bucket') || name.endsWith('_total'))) throw new Error(`rest: ${this.#line}`)
    this.#take(/ # /y)
    const exemplar = this.#labels()
    if (Object.entries(exemplar).join('').length > 128) throw new Error(`long exemplar: ${this.#line}`)
    this.#take(/ /y)
    const exampleValue = numberOf(this.#take(/[^ ]+/y))
    const timestamp = this.#at < this.#line.length ? Number(this.#take(/ \d+(?:\.\d+)?$/y)) : undefined
    return { name, labels, value, exemplar: { labels: exemplar, value: exampleValue, timestamp } }
  }

  #labels(): Record<string, string> {
    const labels: Record<string, string> = {}
    this.#take(/\{/y)
    while (this.#line[this.#at] !== '}') {
      const name = this.#take(/[a-zA-Z_][a-zA-Z0-9_]*/y)
      if (name in labels) throw new Error(`label twice: ${this.#line}`)
      this.#take(/="/y)
      const raw = this.#take(/(?:[^"\\]|\\["\\n])*/y)
      labels[name] = raw.replace(/\\(["\\n])/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))
      this.#take(/"/y)
      if (this.#line[this.#at] === ',') this.#at += 1
    }
    this.#at += 1
    return labels
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#line)
    if (found === null) throw new Error(`expected ${pattern.source} at ${this.#at} of ${this.#line}`)
    this.#at = pattern.lastIndex
    return found[0]
  }
}

function numberOf(text: string): number {
  if (text === '+Inf') return Infinity
  if (text === '-Inf') return -Infinity
  if (text === 'NaN') return NaN
  if (!/^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(text)) throw new Error(`no number: ${text}`)
  return Number(text)
}
