import { ConfigError, durationOption, numberOption, rejectUnknownOptions, type Duration } from '@hardening/core'

/** How the values of a window become the one that is compared. */
export type AlertAggregate =
  'rate' | 'increase' | 'ratio' | 'p50' | 'p90' | 'p95' | 'p99' | 'sum' | 'max' | 'min' | 'avg'

/** Labels that a series must have: equal to the text, or wholly matched by the expression. */
export type LabelMatch = Readonly<Record<string, string | RegExp>>

/** One comparison over a window. */
export interface AlertCondition {
  /** Name of the metric as it is scraped; a histogram's `_count` and `_sum` may be named too. */
  metric: string
  /** Which of its series. @defaultValue all */
  match?: LabelMatch
  /** For `ratio`: which series of the same metric are the whole. @defaultValue all */
  of?: LabelMatch
  /**
   * `rate` and `increase` of counters, `ratio` of two rates, `p50` to `p99` of histograms, all series summed;
   * `sum` of gauges now; `max`, `min` and `avg` of gauges over window and series.
   */
  aggregate: AlertAggregate
  /** @defaultValue `'5m'` */
  window?: Duration
  op: '>' | '>=' | '<' | '<='
  threshold: number
  /** Events that the window must have for `ratio` and percentiles to say anything. @defaultValue 0 */
  minimum?: number
}

/** A rule: what is wrong, for how long, and how it is told. */
export interface AlertRule extends AlertCondition {
  /** Unique; letters, digits and `_`: `HighErrorRate`. */
  name: string
  /** Further conditions that must hold as well. @defaultValue none */
  and?: readonly AlertCondition[]
  /** How long it must hold before it fires. @defaultValue 0 */
  for?: Duration
  /** How long it fires on when it no longer holds. @defaultValue 0 */
  keepFiringFor?: Duration
  /** Least time between two notifications that it fires. @defaultValue `'5m'` */
  cooldown?: Duration
  /** @defaultValue `'warning'` */
  severity?: 'info' | 'warning' | 'critical'
  /** Further labels of its notifications. @defaultValue none */
  labels?: Readonly<Record<string, string>>
  /** One sentence: what is wrong. */
  summary: string
  /** What to do. @defaultValue none */
  description?: string
}

/** {@link AlertCondition} that holds, in milliseconds. */
export interface ResolvedCondition extends Required<Omit<AlertCondition, 'window'>> {
  readonly windowMs: number
}

/** {@link AlertRule} that holds, in milliseconds. */
export interface ResolvedRule {
  readonly name: string
  readonly conditions: readonly ResolvedCondition[]
  readonly forMs: number
  readonly keepFiringMs: number
  readonly cooldownMs: number
  readonly severity: 'info' | 'warning' | 'critical'
  readonly labels: Readonly<Record<string, string>>
  readonly summary: string
  readonly description: string
}

const conditionNames = ['metric', 'match', 'of', 'aggregate', 'window', 'op', 'threshold', 'minimum']
const ruleNames = ['name', 'and', 'for', 'keepFiringFor', 'cooldown', 'severity', 'labels', 'summary', 'description']
const aggregates = ['rate', 'increase', 'ratio', 'p50', 'p90', 'p95', 'p99', 'sum', 'max', 'min', 'avg']
const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const labelName = /^[a-zA-Z_][a-zA-Z0-9_]*$/

/** @throws ConfigError */
export function resolveRules(factory: string, rules: readonly AlertRule[]): ResolvedRule[] {
  if (!Array.isArray(rules)) throw new ConfigError(factory, 'rules', 'a list of rules', rules)
  const resolved = rules.map((rule: AlertRule, at) => resolveRule(factory, `rules[${at}]`, rule))
  const names = new Set<string>()
  resolved.forEach(({ name }, at) => {
    if (names.has(name)) throw new ConfigError(factory, `rules[${at}].name`, 'the name of one rule alone', name)
    names.add(name)
  })
  return resolved
}

function resolveRule(factory: string, at: string, rule: AlertRule): ResolvedRule {
  rejectUnknownOptions(factory, rule, [...ruleNames, ...conditionNames], at)
  const { name, and = [], severity = 'warning', labels = {}, summary, description = '', cooldown = '5m' } = rule
  const fail = (option: string, expected: string, got: unknown): never => {
    throw new ConfigError(factory, `${at}.${option}`, expected, got)
  }
  if (typeof name !== 'string' || !/^[a-zA-Z]\w{0,99}$/.test(name))
    fail('name', 'a name of letters, digits and _', name)
  if (!['info', 'warning', 'critical'].includes(severity)) fail('severity', "'info', 'warning' or 'critical'", severity)
  if (typeof summary !== 'string' || summary === '') fail('summary', 'one sentence that says what is wrong', summary)
  if (!Object.keys(labels).every((label) => labelName.test(label))) fail('labels', 'named as labels are', labels)
  const { name: _, and: _and, for: _for, keepFiringFor, cooldown: _c, severity: _s, labels: _l, ...own } = rule
  const { summary: _summary, description: _description, ...first } = own
  const conditions = [
    resolveCondition(factory, at, first),
    ...and.map((other, index) => resolveCondition(factory, `${at}.and[${index}]`, other)),
  ]
  const day = { max: 86_400_000 }
  return {
    name,
    conditions,
    forMs: durationOption(factory, `${at}.for`, rule.for ?? 0, day),
    keepFiringMs: durationOption(factory, `${at}.keepFiringFor`, keepFiringFor ?? 0, day),
    cooldownMs: durationOption(factory, `${at}.cooldown`, cooldown, { max: 7 * 86_400_000 }),
    severity,
    labels,
    summary,
    description,
  }
}

function resolveCondition(factory: string, at: string, condition: AlertCondition): ResolvedCondition {
  rejectUnknownOptions(factory, condition, conditionNames, at)
  const { metric, match = {}, of = {}, aggregate, window = '5m', op, threshold, minimum = 0 } = condition
  const fail = (option: string, expected: string, got: unknown): never => {
    throw new ConfigError(factory, `${at}.${option}`, expected, got)
  }
  if (typeof metric !== 'string' || !metricName.test(metric)) fail('metric', 'the name of a metric', metric)
  if (!aggregates.includes(aggregate)) fail('aggregate', `one of ${aggregates.join(', ')}`, aggregate)
  if (!['>', '>=', '<', '<='].includes(op)) fail('op', "'>', '>=', '<' or '<='", op)
  for (const [option, labels] of Object.entries({ match, of })) {
    for (const [label, value] of Object.entries(labels)) {
      const isMatcher = typeof value === 'string' || value instanceof RegExp
      if (!labelName.test(label) || !isMatcher) fail(`${option}.${label}`, 'a text or a regular expression', value)
    }
  }
  return {
    metric,
    match,
    of,
    aggregate,
    op,
    threshold: numberOption(factory, `${at}.threshold`, threshold),
    minimum: numberOption(factory, `${at}.minimum`, minimum, { min: 0 }),
    windowMs: durationOption(factory, `${at}.window`, window, { min: 1_000, max: 31 * 86_400_000 }),
  }
}
