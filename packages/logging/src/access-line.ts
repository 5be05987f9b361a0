import type { Exchange } from '@hardening/core'
import { inside, oneLine, quoted } from './escape.js'
import { KeptTexts, NumberTexts } from './kept-texts.js'
import type { LogRecord, LogSource } from './line.js'
import type { LogLevel } from './logger.js'
import { millisecondsText, timestampText } from './number-text.js'
import { RouteTexts } from './route-texts.js'

/** Writes the line of a request. `path` is without secrets, `slow` says that it took too long. */
export type AccessTemplate = (x: Exchange, level: LogLevel, slow: boolean, path: string, time: number) => string

/** Names and values of a line of the access log, for shapes that are not worth a template. */
export function accessDetails(x: Exchange, slow: boolean, path: string): Record<string, unknown> {
  const { route, status, durationMs, ip, bytes, aborted } = x
  return {
    method: x.method,
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
 * a service are these. Each part of a line costs when it is added and once more when the line is written, so what comes
 * again and again is kept in one piece with all that stands around it.
 *
 * @param end - what each line ends with
 */
export function accessTemplate({ service, version, environment }: LogSource, end = ''): AccessTemplate {
  const source = oneLine(JSON.stringify({ service, version, environment })).slice(1, -1)
  const methods = new KeptTexts((method) => `",${source},"method":${quoted(method)},"path":"`)
  const outcomes = new RouteTexts((route, status) => `","route":${quoted(route)},"status":${status},"durationMs":`)
  const addresses = new KeptTexts((ip) => `,"ip":"${inside(ip)}","bytes":`)
  const sizes = new NumberTexts(`}${end}`)
  const timestamp = timestampText()
  // Fields of an object: a number with a fraction, or a large one, that is kept in a variable is a new object each time.
  const kept = { time: NaN, level: '', start: '' }
  return (x, level, slow, path, time) => {
    if (time !== kept.time || level !== kept.level) {
      kept.start = `{"timestamp":"${timestamp(time)}","level":"${level}","message":"request","requestId":"`
      kept.time = time
      kept.level = level
    }
    const { context, ip, bytes } = x
    const { user } = context
    let line = kept.start + inside(context.requestId) + '","traceId":"' + context.trace.traceId
    if (user !== undefined) line += `","user":"${inside(user)}`
    line =
      line +
      methods.of(x.method) +
      inside(path) +
      outcomes.of(x.route, x.status) +
      millisecondsText(x.durationMs) +
      (ip === undefined ? ',"bytes":' : addresses.of(ip))
    if (!slow && !x.aborted) return line + sizes.of(bytes)
    return `${line}${bytes}${x.aborted ? ',"aborted":true' : ''}${slow ? ',"slow":true' : ''}}${end}`
  }
}
