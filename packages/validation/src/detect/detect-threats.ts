import { channels, middleware, type Exchange, type StepMiddleware } from '@hardening/core'
import { InspectionLimitError, ThreatError } from './errors.js'
import { noteThreats, type ThreatFinding } from './finding.js'
import { Inspection } from './inspection.js'
import { resolveDetectThreatsOptions, type DetectThreatsOptions, type ResolvedDetectThreatsOptions } from './options.js'
import { RequestLine } from './request-line.js'

/**
 * Looks for attacks in path, query and headers. Mount it before the body is parsed, and {@link detectBodyThreats} with the
 * same options after that. Reports by default: findings go to the channel `hardening:threat:found` and to
 * {@link threatsOf}; nothing is changed or refused.
 *
 * In `block` mode a request whose findings reach the threshold is refused with {@link ThreatError}
 * (`ERR_VALIDATION_THREAT`, 403), and one that was too large to be looked at in full with {@link InspectionLimitError}
 * (`ERR_VALIDATION_INSPECTION_LIMIT`, 413).
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 * @example
 * app.use(detectThreats({ mode: 'block' }), express.json(), detectBodyThreats({ mode: 'block' }))
 */
export function detectThreats(options?: DetectThreatsOptions): StepMiddleware {
  const resolved = resolveDetectThreatsOptions('detectThreats', options)
  const inspection = new Inspection(resolved.rules)
  const line = new RequestLine(resolved.headers)
  return middleware({
    name: 'detectThreats',
    request(exchange) {
      line.inspect(inspection, exchange)
      const findings = inspection.end()
      if (findings.length > 0) conclude(exchange, findings, resolved)
    },
  })
}

/**
 * Looks for attacks in the parsed body: every key and text of `req.body`, whatever parser made it. See
 * {@link detectThreats}; scores of both add up.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 */
export function detectBodyThreats(options?: DetectThreatsOptions): StepMiddleware {
  const resolved = resolveDetectThreatsOptions('detectBodyThreats', options)
  const inspection = new Inspection(resolved.rules)
  return middleware({
    name: 'detectBodyThreats',
    request(exchange) {
      const { body } = exchange.req as { body?: unknown }
      if (body === undefined || body === null) return
      inspection.data(body, 'body')
      const findings = inspection.end()
      if (findings.length > 0) conclude(exchange, findings, resolved)
    },
  })
}

function conclude(exchange: Exchange, all: readonly ThreatFinding[], options: ResolvedDetectThreatsOptions): void {
  const { excluded } = options
  const findings = excluded === undefined ? all : all.filter((finding) => !excluded(exchange.path, finding))
  if (findings.length === 0) return
  const { blockingScore } = noteThreats(exchange, findings, options.blockingLevel)
  const threatens = blockingScore >= options.threshold
  const limited = options.refuseAtLimit && findings.some(({ kind }) => kind === 'inspection-limit')
  const blocked = options.block && (threatens || limited)
  options.report?.add(exchange.path, findings)
  const published = channels.threat.hasSubscribers
  for (const finding of findings) {
    if (published) {
      const { kind, rule, score, field } = finding
      channels.threat.publish({ exchange, kind, rule, score, field, blocked })
    }
    options.onFinding?.(finding, exchange)
  }
  if (blocked) exchange.refuse(threatens ? new ThreatError() : new InspectionLimitError())
}
