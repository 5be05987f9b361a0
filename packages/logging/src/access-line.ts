import type { Exchange } from '@hardening/core'
import { quoted } from './escape.js'
import type { LogRecord, LogSource } from './line.js'
import { logLevels, type LogLevel } from './logger.js'
import { millisecondsText, timestampText } from './number-text.js'

/** Writes the line of a request. `path` is without secrets, `slow` says that it took too long. */
export type AccessTemplate = (x: Exchange, level: LogLevel, slow: boolean, path: string, time: number) => string

/** Names and values of a line of the access log, for shapes that are not worth a template. */
export function accessDetails(x: Exchange, slow: boolean, path: string): Record<string, unknown> {
  const { route, status, durationMs, ip, bytes, aborted } = x
  return {
    method: x.req.method ?? '',
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
export function accessLogRecord(x: Exchange, level: LogLevel, slow: boolean, path: string, time: number): LogRecord {
  const { requestId, user, trace } = x.context
  const { traceId, spanId, flags } = trace
  const details = accessDetails(x, slow, path)
  return { time, level, message: 'request', details, requestId, traceId, spanId, traceFlags: flags, user }
}

/**
 * Writes lines of the access log as plain JSON, the same as the other way would make them, by a template: most lines of
 * a service are these.
 */
export function accessTemplate({ service, version, environment }: LogSource): AccessTemplate {
  const source = `",${JSON.stringify({ service, version, environment }).slice(1, -1)},"method":`
  const levels = Object.fromEntries(
    logLevels.map((level) => [level, `","level":"${level}","message":"request","requestId":`]),
  ) as Record<LogLevel, string>
  const timestamp = timestampText()
  return (x, level, slow, path, time) => {
    const { context, ip } = x
    const { user } = context
    const from = user === undefined ? source : `","user":${quoted(user)}${source.slice(1)}`
    return (
      `{"timestamp":"${timestamp(time)}${levels[level]}${quoted(context.requestId)},"traceId":"${context.trace.traceId}` +
      `${from}${quoted(x.req.method ?? '')},"path":${quoted(path)},"route":${quoted(x.route)},"status":${x.status},` +
      `"durationMs":${millisecondsText(x.durationMs)}${ip === undefined ? '' : `,"ip":${quoted(ip)}`},"bytes":${x.bytes}` +
      (x.aborted ? (slow ? ',"aborted":true,"slow":true}' : ',"aborted":true}') : slow ? ',"slow":true}' : '}')
    )
  }
}
