import { oneLine, visible } from './escape.js'
import type { LogDetails, LogLevel } from './logger.js'

/** Shapes of a line: plain JSON, the Elastic Common Schema, OpenTelemetry's log model, or text for a terminal. */
export type LogFormat = 'json' | 'ecs' | 'otel' | 'pretty'

/** Everything that a line says, before it has a shape. Details are redacted plain data. */
export interface LogRecord {
  readonly time: number
  readonly level: LogLevel
  readonly message: string
  readonly details: LogDetails
  readonly requestId?: string | undefined
  readonly traceId?: string | undefined
  readonly spanId?: string | undefined
  readonly traceFlags?: number | undefined
  readonly user?: string | undefined
}

/** What every line of a logger says of where it comes from. */
export interface LogSource {
  readonly service: string
  readonly version?: string | undefined
  readonly environment?: string | undefined
}

/** Makes lines of one shape. */
export function lineWriter(format: LogFormat, source: LogSource): (record: LogRecord) => string {
  if (format === 'pretty') return prettyLine
  const shape = { ecs: ecsLine, otel: otelLine, json: jsonLine }[format]
  return (record) => oneLine(JSON.stringify(shape(record, source)))
}

function jsonLine({ time, level, message, details, requestId, traceId, user }: LogRecord, source: LogSource): object {
  const own = {
    timestamp: new Date(time).toISOString(),
    level,
    message,
    requestId,
    traceId,
    user,
    service: source.service,
    version: source.version,
    environment: source.environment,
  }
  return { ...own, ...besides(own, details) }
}

/** Details whose names a line uses itself move aside, so that they cannot pass for what the logger says. */
function besides(own: Readonly<Record<string, unknown>>, details: LogDetails): LogDetails {
  let taken = false
  for (const name in details) if (Object.hasOwn(own, name)) taken = true
  if (!taken) return details
  return Object.fromEntries(
    Object.entries(details).map(([name, v]) => [Object.hasOwn(own, name) ? `${name}_` : name, v]),
  )
}

/** @see https://www.elastic.co/guide/en/ecs/current/ecs-reference.html */
function ecsLine(record: LogRecord, source: LogSource): object {
  const { error, ...details } = record.details
  const { http, labels } = split(details, ecsNames)
  return {
    '@timestamp': new Date(record.time).toISOString(),
    'log.level': record.level,
    message: record.message,
    'ecs.version': '8.11.0',
    'service.name': source.service,
    'service.version': source.version,
    'service.environment': source.environment,
    'trace.id': record.traceId,
    'span.id': record.spanId,
    'http.request.id': record.requestId,
    'user.id': record.user,
    ...http,
    ...(typeof details['durationMs'] === 'number' && { 'event.duration': Math.round(details['durationMs'] * 1e6) }),
    ...(typeof details['status'] === 'number' && {
      'event.outcome': details['status'] < 500 && details['aborted'] !== true ? 'success' : 'failure',
    }),
    ...(isObject(error) && {
      'error.type': error['name'],
      'error.message': error['message'],
      'error.stack_trace': stackOf(error),
    }),
    ...(error !== undefined && !isObject(error) && { 'error.message': tell(error) }),
    ...(labels !== undefined && { labels }),
  }
}

const ecsNames: Readonly<Record<string, string>> = {
  method: 'http.request.method',
  status: 'http.response.status_code',
  path: 'url.path',
  ip: 'client.ip',
  bytes: 'http.response.body.bytes',
  userAgent: 'user_agent.original',
}

const otelNames: Readonly<Record<string, string>> = {
  method: 'http.request.method',
  route: 'http.route',
  status: 'http.response.status_code',
  path: 'url.path',
  ip: 'client.address',
  bytes: 'http.response.body.size',
  userAgent: 'user_agent.original',
}

/** The details that a schema has names for, and the others. Only lines of the access log have them. */
function split(
  details: LogDetails,
  names: Readonly<Record<string, string>>,
): { http: Record<string, unknown>; labels: Record<string, unknown> | undefined } {
  const http: Record<string, unknown> = {}
  let labels: Record<string, unknown> | undefined
  const ofRequest = 'method' in details && 'status' in details
  for (const [name, value] of Object.entries(details)) {
    const known = ofRequest && Object.hasOwn(names, name) ? names[name] : undefined
    if (known !== undefined) http[known] = value
    else (labels ??= {})[name] = value
  }
  return { http, labels }
}

const severityNumbers: Record<LogLevel, number> = {
  error: 17,
  warn: 13,
  info: 9,
  http: 9,
  verbose: 6,
  debug: 5,
  silly: 1,
}

/** @see https://opentelemetry.io/docs/specs/otel/logs/data-model/ */
function otelLine(record: LogRecord, source: LogSource): object {
  const { error, ...details } = record.details
  const { http, labels } = split(details, otelNames)
  return {
    timestamp: new Date(record.time).toISOString(),
    severity_text: record.level.toUpperCase(),
    severity_number: severityNumbers[record.level],
    body: record.message,
    trace_id: record.traceId,
    span_id: record.spanId,
    trace_flags: record.traceFlags,
    attributes: {
      ...labels,
      ...http,
      'http.request.id': record.requestId,
      'enduser.id': record.user,
      ...(isObject(error) && {
        'exception.type': error['name'],
        'exception.message': error['message'],
        'exception.stacktrace': stackOf(error),
      }),
      ...(error !== undefined && !isObject(error) && { 'exception.message': tell(error) }),
    },
    resource: {
      'service.name': source.service,
      'service.version': source.version,
      'deployment.environment.name': source.environment,
    },
  }
}

function prettyLine({ time, level, message, details, requestId }: LogRecord): string {
  const { error, ...rest } = details
  const more = Object.entries(rest)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  const id = requestId === undefined ? '' : ` (${requestId.slice(0, 8)})`
  const head = `${new Date(time).toISOString().slice(11, 23)} ${level.toUpperCase().padEnd(7)} ${message}`
  const line = visible(`${head}${more.length > 0 ? `  ${more.join(' ')}` : ''}${id}`)
  if (error === undefined) return line
  // What comes from an error is indented, so that a line break in a message cannot pass for a line of its own.
  const told = tell(error)
  return [line, ...told.split(/\r\n|[\n\r]/).map((part) => `    ${visible(part)}`)].join('\n')
}

/** The stack of an error and those of its causes and parts, as Node prints them. */
function stackOf(error: Readonly<Record<string, unknown>>, depth = 0): string {
  const { stack, name = 'Error', message = '' } = error
  const text = typeof stack === 'string' ? stack : `${tell(name, depth)}: ${tell(message, depth)}`
  if (depth === 5) return text
  const { cause, errors } = error
  const parts = Array.isArray(errors) ? errors : []
  return [
    text,
    ...(cause === undefined || cause === null ? [] : [`caused by: ${tell(cause, depth)}`]),
    ...parts.slice(0, 10).map((part, at) => `[${at}]: ${tell(part, depth)}`),
  ].join('\n')
}

function tell(value: unknown, depth = 0): string {
  if (isObject(value)) return depth > 5 ? '' : stackOf(value, depth + 1)
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
