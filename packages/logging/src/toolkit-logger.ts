import {
  choiceOption,
  currentContext,
  type Clock,
  type Exchange,
  type Redactor,
  type RequestContext,
} from '@hardening/core'
import { accessLogRecord, type AccessTemplate } from './access-line.js'
import type { HeldLines } from './held-lines.js'
import type { LogRecord } from './line.js'
import { logLevels, type AccessLogger, type AccessSink, type LogDetails, type Logger, type LogLevel } from './logger.js'
import type { LogSink } from './sink.js'
import type { Transports } from './transports.js'

/** What a logger and its children share. */
export interface Shared {
  /** Place of the least severe level that is written. */
  level: number
  readonly sink: LogSink
  readonly transports: Transports | undefined
  readonly toLine: (record: LogRecord) => string
  /** Where it is the quicker way. */
  readonly toAccessLine: AccessTemplate | undefined
  /** Takes what {@link toAccessLine} makes. */
  readonly writeAccessLine: (line: string) => void
  readonly held: HeldLines
  readonly redactor: Redactor
  readonly clock: Clock
}

const places = Object.fromEntries(logLevels.map((level, at) => [level, at])) as Record<LogLevel, number>
const INFO = places.info

/** {@link Logger} as `createLogger` makes it. */
export class ToolkitLogger implements AccessLogger {
  readonly #shared: Shared
  /** Details of every line, without secrets. */
  readonly #bound: LogDetails | undefined
  readonly access: AccessSink

  constructor(shared: Shared, bound?: LogDetails) {
    this.#shared = shared
    this.#bound = bound
    this.access = {
      write: (x, level, slow) => this.#writeAccess(x, level, slow),
      hold: () => {
        shared.held.active = true
      },
      release: (context) => this.#release(context),
    }
  }

  log(level: LogLevel, message: string, details?: LogDetails): void {
    const { level: least, held } = this.#shared
    const place = places[level]
    // A level that nobody knows must not cost a line, as it does in winston.
    if (place === undefined) return this.child({ unknownLevel: level }).info(message, details)
    const context = currentContext()
    if (place <= least) this.#write(this.#record(level, message, details, context))
    else if (held.holds(context)) held.add(context, this.#record(level, message, details, context))
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
    return new ToolkitLogger(this.#shared, this.#detailsOf(details))
  }

  get level(): LogLevel {
    return logLevels[this.#shared.level] as LogLevel
  }

  set level(level: LogLevel) {
    this.#shared.level = places[choiceOption('logger', 'level', level, logLevels)]
  }

  isLevelEnabled(level: LogLevel): boolean {
    return places[level] <= this.#shared.level || this.#shared.held.holds(currentContext())
  }

  flush(): Promise<void> {
    return this.#shared.sink.flush()
  }

  async close(): Promise<void> {
    await Promise.all([this.#shared.sink.close(), this.#shared.transports?.close()])
  }

  #record(level: LogLevel, message: string, details: LogDetails | undefined, context?: RequestContext): LogRecord {
    const { redactor, clock } = this.#shared
    return {
      time: clock.now(),
      level,
      message: redactor.redactText(typeof message === 'string' ? message : textOf(message)),
      details: this.#detailsOf(details),
      requestId: context?.requestId,
      traceId: context?.trace.traceId,
      spanId: context?.trace.spanId,
      traceFlags: context?.trace.flags,
      user: context?.user,
    }
  }

  /** What was given here and to the logger, without secrets. Nothing is read before the redactor does: reading may throw. */
  #detailsOf(details: LogDetails | undefined): LogDetails {
    const { redactor } = this.#shared
    const own =
      details === undefined ? undefined : asRecord(redactor.redact(isError(details) ? { error: details } : details))
    return this.#bound === undefined ? (own ?? {}) : { ...this.#bound, ...own }
  }

  #write(record: LogRecord): void {
    const { sink, toLine, transports } = this.#shared
    const line = toLine(record)
    sink.write(line)
    transports?.write(record, line)
  }

  #writeAccess(x: Exchange, level: LogLevel, slow: boolean): void {
    const { redactor, clock, toAccessLine, level: least } = this.#shared
    // Looking a place up by its name costs more than all else here.
    if ((level === 'info' ? INFO : places[level]) > least) return
    // Of all that is in this line, only the path can hold what somebody typed.
    const path = redactor.redactText(x.path)
    const time = clock.now()
    if (toAccessLine === undefined) this.#write(accessLogRecord(x, level, slow, path, time))
    else this.#shared.writeAccessLine(toAccessLine(x, level, slow, path, time))
  }

  #release(context: RequestContext): void {
    const held = this.#shared.held.take(context)
    if (held === undefined) return
    const [first] = held.records
    if (held.dropped > 0 && first !== undefined) {
      this.#write({ ...first, message: 'Earlier lines of this request were dropped', details: { lines: held.dropped } })
    }
    for (const record of held.records) this.#write(record)
  }
}

/** An error is often given in the place of details. */
function isError(value: unknown): boolean {
  try {
    return value instanceof Error
  } catch {
    return false
  }
}

function textOf(message: unknown): string {
  try {
    return String(message)
  } catch {
    return '[unreadable]'
  }
}

/** Plain data as details of a line. */
function asRecord(data: unknown): LogDetails {
  return typeof data === 'object' && data !== null && !Array.isArray(data) ? (data as LogDetails) : { details: data }
}
