import winston from 'winston'
import TransportStream from 'winston-transport'
import {
  choiceOption,
  createRedactor,
  currentContext,
  rejectUnknownOptions,
  stringOption,
  systemClock,
  type Clock,
  type RedactorOptions,
} from '@hardening/core'
import { lineWriter, type LogFormat, type LogRecord } from './line.js'
import { logLevels, type LogDetails, type Logger, type LogLevel } from './logger.js'
import { FileSink, type LogSink } from './sink.js'

/** Options of {@link createLogger}. */
export interface CreateLoggerOptions {
  /** Name of the service on every line. @defaultValue `'app'` */
  service?: string
  /** Its version on every line. @defaultValue none */
  version?: string
  /** `production`, `staging` ... on every line. @defaultValue none */
  environment?: string
  /** Least severe level that is written. @defaultValue `'info'` */
  level?: LogLevel
  /** Shape of the lines. @defaultValue `'json'` */
  format?: LogFormat
  /** File that lines are appended to. @defaultValue standard output */
  file?: string
  /** Somewhere else for the lines to go. @defaultValue the file, or standard output */
  sink?: LogSink
  /** More transports of winston's, which get every line as `info[Symbol.for('message')]`. @defaultValue `[]` */
  transports?: readonly winston.transport[]
  /** What is hidden beside the defaults. */
  redact?: RedactorOptions
  /** @defaultValue the system's */
  clock?: Clock
}

const known = ['service', 'version', 'environment', 'level', 'format', 'file', 'sink', 'transports', 'redact', 'clock']
const messageSlot = Symbol.for('message')

/**
 * A logger on winston. Ids of the request are taken where a line is logged: a format would take them when the line is
 * written, which is another request's time as soon as the destination is slow (winstonjs/winston#1626).
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 *
 * @example
 * const logger = createLogger({ service: 'shop' })
 * logger.info('An order was placed', { order: order.id })
 */
export function createLogger(options: CreateLoggerOptions = {}): Logger {
  rejectUnknownOptions('createLogger', options, known)
  const { service = 'app', version, environment, level = 'info', format = 'json', file, clock = systemClock } = options
  choiceOption('createLogger', 'level', level, logLevels)
  choiceOption('createLogger', 'format', format, ['json', 'ecs', 'otel', 'pretty'])
  if (file !== undefined) stringOption('createLogger', 'file', file)
  stringOption('createLogger', 'service', service)
  const sink = options.sink ?? new FileSink(file ?? 1)
  const toLine = lineWriter(format, { service, version, environment })
  const logger = winston.createLogger({
    levels: Object.fromEntries(logLevels.map((name, at) => [name, at])),
    level,
    format: winston.format((info) => {
      info[messageSlot] ??= toLine(info['record'] as LogRecord)
      return info
    })(),
    transports: [new SinkTransport(sink), ...(options.transports ?? [])],
  })
  return new WinstonLogger({ winston: logger, sink, clock, redactor: createRedactor(options.redact) }, {})
}

/** Hands finished lines to a sink. */
class SinkTransport extends TransportStream {
  readonly #sink: LogSink

  constructor(sink: LogSink) {
    super()
    this.#sink = sink
  }

  override log(info: Record<symbol, unknown>, next: () => void): void {
    this.#sink.write(String(info[messageSlot]))
    next()
  }
}

interface Shared {
  readonly winston: winston.Logger
  readonly sink: LogSink
  readonly clock: Clock
  readonly redactor: ReturnType<typeof createRedactor>
}

class WinstonLogger implements Logger {
  readonly #shared: Shared
  readonly #bound: LogDetails

  constructor(shared: Shared, bound: LogDetails) {
    this.#shared = shared
    this.#bound = bound
  }

  log(level: LogLevel, message: string, details?: LogDetails): void {
    if (!this.isLevelEnabled(level)) return
    const { redactor, clock, winston: logger } = this.#shared
    const context = currentContext()
    const all = { ...this.#bound, ...details }
    const record: LogRecord = {
      time: clock.now(),
      level,
      message: redactor.redactText(String(message)),
      details: redactor.redact(all) as LogDetails,
      requestId: context?.requestId,
      traceId: context?.trace.traceId,
      spanId: context?.trace.spanId,
      user: context?.user,
    }
    logger.log({ level, message: record.message, record })
  }

  error(message: string, details?: LogDetails): void {
    this.log('error', message, details)
  }

  warn(message: string, details?: LogDetails): void {
    this.log('warn', message, details)
  }

  info(message: string, details?: LogDetails): void {
    this.log('info', message, details)
  }

  http(message: string, details?: LogDetails): void {
    this.log('http', message, details)
  }

  verbose(message: string, details?: LogDetails): void {
    this.log('verbose', message, details)
  }

  debug(message: string, details?: LogDetails): void {
    this.log('debug', message, details)
  }

  silly(message: string, details?: LogDetails): void {
    this.log('silly', message, details)
  }

  child(details: LogDetails): Logger {
    return new WinstonLogger(this.#shared, { ...this.#bound, ...details })
  }

  get level(): LogLevel {
    return this.#shared.winston.level as LogLevel
  }

  set level(level: LogLevel) {
    this.#shared.winston.level = choiceOption('logger', 'level', level, logLevels)
  }

  isLevelEnabled(level: LogLevel): boolean {
    return logLevels.indexOf(level) <= logLevels.indexOf(this.level)
  }

  flush(): Promise<void> {
    return this.#shared.sink.flush()
  }

  async close(): Promise<void> {
    this.#shared.winston.close()
    await this.#shared.sink.close()
  }
}
