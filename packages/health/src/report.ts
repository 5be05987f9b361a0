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

/** `application/health+json` (which has no charset: JSON is UTF-8) for the draft's words, plain JSON for the others. */
export function contentType(format: HealthFormat): string {
  return format === 'health+json' ? 'application/health+json' : 'application/json; charset=utf-8'
}

/** The body of a report; with `details`, what each check has found. */
export function reportBody(
  report: HealthReport,
  format: HealthFormat,
  details: boolean,
  service: ServiceDescription,
  at: number,
): string {
  const status = format === 'actuator' && report.outOfService === true ? 'OUT_OF_SERVICE' : words[format][report.status]
  if (!details) return JSON.stringify({ status })
  const { version, serviceId, description } = service
  const body: Record<string, unknown> = { status, timestamp: new Date(at).toISOString() }
  if (version !== undefined) Object.assign(body, { version: version.split('.')[0], releaseId: version })
  if (serviceId !== undefined) body['serviceId'] = serviceId
  if (description !== undefined) body['description'] = description
  if (report.output !== undefined) body['output'] = report.output
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

/** What is told of a check: what it has measured, else how long it took. */
function measurement({ observedValue, observedUnit }: CheckState): string {
  if (observedValue === undefined) return 'responseTime'
  return observedUnit === 'bytes' || observedUnit === 'percent' ? 'utilization' : 'measurement'
}

function draftCheck(check: CheckState, format: HealthFormat): Record<string, unknown> {
  const { observedValue, observedUnit, output } = check
  return {
    componentType: check.type,
    status: words[format][check.status],
    ...(observedValue === undefined
      ? { observedValue: Math.round(check.durationMs * 100) / 100, observedUnit: 'ms' }
      : { observedValue, ...(observedUnit !== undefined && { observedUnit }) }),
    time: new Date(check.at).toISOString(),
    critical: check.critical,
    ...(output !== undefined && { output }),
  }
}

function actuatorComponent(check: CheckState): Record<string, unknown> {
  const { observedValue, observedUnit, output } = check
  return {
    status: words.actuator[check.status],
    details: {
      ...(observedValue !== undefined && { value: observedValue }),
      ...(observedUnit !== undefined && { unit: observedUnit }),
      ...(output !== undefined && { error: output }),
      durationMs: Math.round(check.durationMs),
    },
  }
}
