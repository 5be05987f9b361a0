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
  if (format === 'ecs') return (record) => JSON.stringify(ecsLine(record, source))
  if (format === 'otel') return (record) => JSON.stringify(otelLine(record, source))
  if (format === 'pretty') return prettyLine
  return (record) => JSON.stringify(jsonLine(record, source))
}

function jsonLine({ time, level, message, details, requestId, traceId, user }: LogRecord, source: LogSource): object {
  return {
    timestamp: new Date(time).toISOString(),
    level,
    message,
    requestId,
    traceId,
    user,
    service: source.service,
    version: source.version,
    environment: source.environment,
    ...details,
  }
}

/** @see https://www.elastic.co/guide/en/ecs/current/ecs-reference.html */
function ecsLine(record: LogRecord, source: LogSource): object {
  const { error, ...details } = record.details
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
    ...(isObject(error) && {
      'error.type': error['name'],
      'error.message': error['message'],
      'error.stack_trace': error['stack'],
    }),
    ...(Object.keys(details).length > 0 && { labels: details }),
  }
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
  return {
    timestamp: new Date(record.time).toISOString(),
    severity_text: record.level.toUpperCase(),
    severity_number: severityNumbers[record.level],
    body: record.message,
    trace_id: record.traceId,
    span_id: record.spanId,
    attributes: {
      'http.request.id': record.requestId,
      'enduser.id': record.user,
      ...(isObject(error) && {
        'exception.type': error['name'],
        'exception.message': error['message'],
        'exception.stacktrace': error['stack'],
      }),
      ...details,
    },
    resource: {
      'service.name': source.service,
      'service.version': source.version,
      'deployment.environment': source.environment,
    },
  }
}

function prettyLine({ time, level, message, details, requestId }: LogRecord): string {
  const { error, ...rest } = details
  const more = Object.entries(rest).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  const stack = isObject(error) ? `\n${String(error['stack'] ?? error['message'])}` : ''
  const id = requestId === undefined ? '' : ` (${requestId.slice(0, 8)})`
  const head = `${new Date(time).toISOString().slice(11, 23)} ${level.toUpperCase().padEnd(7)} ${visible(message)}`
  return `${head}${more.length > 0 ? `  ${visible(more.join(' '))}` : ''}${id}${visible(stack, true)}`
}

/** Text that cannot forge a line or move the cursor: control characters are spelled out. */
function visible(text: string, keepNewlines = false): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (character) =>
    keepNewlines && character === '\n' ? '\n    ' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
