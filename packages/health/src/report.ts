import type { CheckStatus } from './check.js'
import type { CheckState } from './check-runner.js'
import type { HealthReport } from './health-registry.js'

/**
 * The words of a report: those of draft-inadarei-api-health-check-06, plain ones, or those of Spring Boot's Actuator.
 */
export type HealthFormat = 'health+json' | 'plain' | 'actuator'

const words: Record<HealthFormat, Record<CheckStatus, string>> = {
  'health+json': { pass: 'pass', warn: 'warn', fail: 'fail' },
  plain: { pass: 'healthy', warn: 'degraded', fail: 'unhealthy' },
  actuator: { pass: 'UP', warn: 'UP', fail: 'DOWN' },
}

/** What a report says of the application itself. */
export interface ServiceDescription {
  readonly version?: string | undefined
  readonly serviceId?: string | undefined
  readonly description?: string | undefined
}

/** `application/health+json` for the draft's words, plain JSON for the others. */
export function contentType(format: HealthFormat): string {
  return format === 'health+json' ? 'application/health+json; charset=utf-8' : 'application/json; charset=utf-8'
}

/** The body of a report; with `details`, what each check has found. */
export function reportBody(
  report: HealthReport,
  format: HealthFormat,
  details: boolean,
  service: ServiceDescription,
  at: number,
): string {
  const status = words[format][report.status]
  if (!details) return JSON.stringify({ status })
  const { version, serviceId, description } = service
  const body: Record<string, unknown> = { status, timestamp: new Date(at).toISOString() }
  if (version !== undefined) Object.assign(body, { version: version.split('.')[0], releaseId: version })
  if (serviceId !== undefined) body['serviceId'] = serviceId
  if (description !== undefined) body['description'] = description
  if (format === 'actuator') {
    body['components'] = Object.fromEntries(report.checks.map((check) => [check.name, actuatorComponent(check)]))
    body['groups'] = ['liveness', 'readiness']
  } else {
    body['checks'] = Object.fromEntries(
      report.checks.map((check) => [`${check.name}:${measurement(check)}`, [draftCheck(check, format)]]),
    )
  }
  return JSON.stringify(body)
}

function measurement({ observedUnit }: CheckState): string {
  return observedUnit === undefined
    ? 'responseTime'
    : observedUnit === 'bytes' || observedUnit === 'percent'
      ? 'utilization'
      : 'measurement'
}

function draftCheck(check: CheckState, format: HealthFormat): Record<string, unknown> {
  const { observedValue = Math.round(check.durationMs * 100) / 100, observedUnit = 'ms' } = check
  return {
    componentType: check.type,
    status: words[format][check.status],
    observedValue,
    observedUnit,
    time: new Date(check.at).toISOString(),
    critical: check.critical,
    ...(check.output !== undefined && { output: check.output }),
  }
}

function actuatorComponent(check: CheckState): Record<string, unknown> {
  const { observedValue, observedUnit, output } = check
  return {
    status: words.actuator[check.status],
    details: {
      ...(observedValue !== undefined && { value: observedValue, unit: observedUnit }),
      ...(output !== undefined && { error: output }),
      durationMs: Math.round(check.durationMs),
    },
  }
}
