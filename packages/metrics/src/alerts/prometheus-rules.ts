import { rejectUnknownOptions, stringOption } from '@hardening/core'
import { defaultAlertRules } from './default-rules.js'
import { promDuration, ruleExpression } from './promql.js'
import { resolveRules, type AlertRule, type ResolvedRule } from './rule.js'

/** Options of {@link prometheusRules}. */
export interface PrometheusRulesOptions {
  /** @defaultValue `defaultAlertRules()` */
  rules?: readonly AlertRule[]
  /** Name of the group. @defaultValue `'hardening'` */
  group?: string
}

/**
 * The rules as a file for Prometheus' `rule_files`. Cool-downs are left out: they are Alertmanager's `repeat_interval`.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 *
 * @example
 * await writeFile('alerts.yml', prometheusRules())
 */
export function prometheusRules(options: PrometheusRulesOptions = {}): string {
  rejectUnknownOptions('prometheusRules', options, ['rules', 'group'])
  const { rules = defaultAlertRules(), group = 'hardening' } = options
  const name = stringOption('prometheusRules', 'group', group)
  const lines = resolveRules('prometheusRules', rules).map(ruleLines)
  return ['groups:', `  - name: ${text(name)}`, '    rules:', ...lines.flat(), ''].join('\n')
}

function ruleLines(rule: ResolvedRule): string[] {
  const { name, forMs, keepFiringMs, severity, labels, summary, description } = rule
  const map = (title: string, entries: Record<string, string>): string[] => [
    `        ${title}:`,
    ...Object.entries(entries).map(([key, value]) => `          ${key}: ${text(value)}`),
  ]
  return [
    `      - alert: ${name}`,
    `        expr: ${text(ruleExpression(rule))}`,
    ...(forMs === 0 ? [] : [`        for: ${promDuration(forMs)}`]),
    ...(keepFiringMs === 0 ? [] : [`        keep_firing_for: ${promDuration(keepFiringMs)}`]),
    ...map('labels', { ...labels, severity }),
    ...map('annotations', {
      summary: escapeTemplate(summary),
      ...(description && { description: escapeTemplate(description) }),
    }),
  ]
}

/** What JSON writes, YAML reads (YAML 1.2 section 1.3). */
function text(value: string): string {
  return JSON.stringify(value)
}

/** Prometheus reads annotations as templates: braces of ours must not become one. */
function escapeTemplate(value: string): string {
  return value.replaceAll('{{', '{{"{{"}}')
}
