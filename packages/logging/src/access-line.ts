import { quoted } from './escape.js'
import type { LogRecord, LogSource } from './line.js'
import type { AccessRecord } from './logger.js'

/** Names and values of a line of the access log, for shapes that are not worth a template. */
export function accessDetails(record: AccessRecord, path: string): Record<string, unknown> {
  const { method, route, status, durationMs, ip, bytes, aborted, slow } = record
  return {
    method,
    path,
    route,
    status,
    durationMs: Math.round(durationMs * 1000) / 1000,
    ip,
    bytes,
    ...(aborted && { aborted }),
    ...(slow && { slow }),
  }
}

/** The record of a line of the access log. */
export function accessLogRecord(record: AccessRecord, path: string, time: number): LogRecord {
  const { context, level } = record
  const { traceId, spanId, flags } = context.trace
  const { requestId, user } = context
  const details = accessDetails(record, path)
  return { time, level, message: 'request', details, requestId, traceId, spanId, traceFlags: flags, user }
}

/**
 * Writes lines of the access log as plain JSON, the same as the other way would make them, by a template: most lines of
 * a service are these.
 */
export function accessTemplate({ service, version, environment }: LogSource) {
  const source = JSON.stringify({ service, version, environment }).slice(1, -1)
  return (record: AccessRecord, path: string, time: number): string => {
    const { level, context, method, route, status, durationMs, ip, bytes, aborted, slow } = record
    const user = context.user === undefined ? '' : `"user":${quoted(context.user)},`
    const address = ip === undefined ? '' : `"ip":${quoted(ip)},`
    return (
      `{"timestamp":"${new Date(time).toISOString()}","level":"${level}","message":"request",` +
      `"requestId":${quoted(context.requestId)},"traceId":"${context.trace.traceId}",${user}${source},` +
      `"method":"${method}","path":${quoted(path)},"route":${quoted(route)},"status":${status},` +
      `"durationMs":${Math.round(durationMs * 1000) / 1000},${address}"bytes":${bytes}` +
      `${aborted ? ',"aborted":true' : ''}${slow ? ',"slow":true' : ''}}`
    )
  }
}
