/** The formats that Prometheus reads: its own text format 0.0.4, and OpenMetrics 1.0.0. */
export type MetricsFormat = 'text' | 'openmetrics'

/** What each format calls itself. */
export const contentTypes: Readonly<Record<MetricsFormat, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
}

/** A value as both formats write it. What is no number comes from another process as null. */
export function numberText(value: number | null): string {
  if (value === null) return 'NaN'
  if (value === Infinity) return '+Inf'
  if (value === -Infinity) return '-Inf'
  return String(value)
}

/** A bound of a bucket. OpenMetrics wants floating point numbers to look like ones: `1.0` (section "Canonical Numbers"). */
export function boundText(bound: number | string, format: MetricsFormat): string {
  const text = typeof bound === 'number' ? numberText(bound) : bound
  return format === 'openmetrics' && /^-?\d+$/.test(text) ? `${text}.0` : text
}

/** The two lines before the samples of a metric. */
export function headText(name: string, help: string, type: string, format: MetricsFormat): string {
  const escaped = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
  return format === 'text'
    ? `# HELP ${name} ${escaped}\n# TYPE ${name} ${type}\n`
    : `# HELP ${name} ${escaped.replaceAll('"', '\\"')}\n# TYPE ${name} ${type}\n`
}

/**
 * What a counter is called: its family in OpenMetrics has no `_total`, its samples always do; in the text format both
 * bear the name as it is.
 */
export function counterNames(name: string, format: MetricsFormat): readonly [family: string, sample: string] {
  if (format === 'text') return [name, name]
  const base = name.replace(/_total$/, '')
  return [base, `${base}_total`]
}
