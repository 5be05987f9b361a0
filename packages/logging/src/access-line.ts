import type { Exchange } from '@hardening/core'
import { inside, oneLine, quoted } from './escape.js'
import type { LogRecord, LogSource } from './line.js'
import type { LogLevel } from './logger.js'
import { millisecondsText, timestampText } from './number-text.js'

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

// Texts that come again and again are put together once; a string of few parts is also written in less time.
const MAX_KEPT = 1000

/**
 * Writes lines of the access log as plain JSON, the same as the other way would make them, by a template: most lines of
 * a service are these.
 */
export function accessTemplate({ service, version, environment }: LogSource): AccessTemplate {
  const source = oneLine(JSON.stringify({ service, version, environment })).slice(1, -1)
  const methods = new Texts((method: string) => `",${source},"method":${quoted(method)},"path":"`)
  const routes = new Texts((route: string) => `","route":${quoted(route)},"status":`)
  const statuses = new Texts((status: number) => `${status},"durationMs":`)
  const timestamp = timestampText()
  let startTime = NaN
  let startLevel: LogLevel | undefined
  let start = ''
  return (x, level, slow, path, time) => {
    if (time !== startTime || level !== startLevel) {
      start = `{"timestamp":"${timestamp(time)}","level":"${level}","message":"request","requestId":"`
      startTime = time
      startLevel = level
    }
    const { context, ip } = x
    const { user } = context
    return (
      start +
      inside(context.requestId) +
      '","traceId":"' +
      context.trace.traceId +
      (user === undefined ? '' : `","user":"${inside(user)}`) +
      methods.of(x.method) +
      inside(path) +
      routes.of(x.route) +
      statuses.of(x.status) +
      millisecondsText(x.durationMs) +
      (ip === undefined ? ',"bytes":' : `,"ip":"${inside(ip)}","bytes":`) +
      x.bytes +
      (x.aborted ? (slow ? ',"aborted":true,"slow":true}' : ',"aborted":true}') : slow ? ',"slow":true}' : '}')
    )
  }
}

/** Texts made of others, of which some are kept. */
class Texts<From> {
  readonly #make: (from: From) => string
  readonly #kept = new Map<From, string>()

  constructor(make: (from: From) => string) {
    this.#make = make
  }

  of(from: From): string {
    let text = this.#kept.get(from)
    if (text === undefined) {
      text = this.#make(from)
      if (this.#kept.size < MAX_KEPT) this.#kept.set(from, text)
    }
    return text
  }
}
