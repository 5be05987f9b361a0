import type { LabelMatch, ResolvedCondition, ResolvedRule } from './rule.js'

/** A rule as an expression of Prometheus, which says the same as the rule does here. */
export function ruleExpression({ conditions }: Pick<ResolvedRule, 'conditions'>): string {
  if (conditions.length === 1) return comparison(conditions[0] as ResolvedCondition)
  return conditions.map((condition) => `(${comparison(condition)})`).join(' and ')
}

function comparison(condition: ResolvedCondition): string {
  const { op, threshold, minimum } = condition
  const compared = `${expression(condition)} ${op} ${threshold}`
  const events = minimum > 0 ? eventsOf(condition) : undefined
  return events === undefined ? compared : `(${compared}) and (${events} >= ${minimum})`
}

function expression({ metric, match, of, aggregate, windowMs }: ResolvedCondition): string {
  const range = `[${promDuration(windowMs)}]`
  const series = metric + matchers(match)
  switch (aggregate) {
    case 'rate':
    case 'increase':
      return `sum(${aggregate}(${series}${range}))`
    case 'ratio':
      // Nothing that matches is a share of 0, not no share at all.
      return `(sum(rate(${series}${range})) or vector(0)) / sum(rate(${metric}${matchers(of)}${range}))`
    case 'sum':
      return `sum(${series})`
    case 'max':
    case 'min':
    case 'avg':
      return `${aggregate}(${aggregate}_over_time(${series}${range}))`
    default: {
      const buckets = `${metric}_bucket${matchers(match)}`
      return `histogram_quantile(0.${aggregate.slice(1)}, sum by (le) (rate(${buckets}${range})))`
    }
  }
}

function eventsOf({ metric, match, of, aggregate, windowMs }: ResolvedCondition): string | undefined {
  const range = `[${promDuration(windowMs)}]`
  if (aggregate === 'ratio') return `sum(increase(${metric}${matchers(of)}${range}))`
  if (aggregate.startsWith('p')) return `sum(increase(${metric}_count${matchers(match)}${range}))`
  return undefined
}

function matchers(match: LabelMatch): string {
  const parts = Object.entries(match).map(([label, value]) => {
    return typeof value === 'string' ? `${label}=${quote(value)}` : `${label}=~${quote(value.source)}`
  })
  return parts.length === 0 ? '' : `{${parts.join(',')}}`
}

function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`
}

/** A length of time as Prometheus writes it. */
export function promDuration(ms: number): string {
  for (const [unit, size] of units) if (ms >= size && ms % size === 0) return `${ms / size}${unit}`
  return `${Math.round(ms)}ms`
}

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const
