import type { Exchange, RequestContext } from '@hardening/core'

/** Levels, the most severe first: winston's own. */
export type LogLevel = 'error' | 'warn' | 'info' | 'http' | 'verbose' | 'debug' | 'silly'

/** The levels in order; a logger writes its own level and those before it. */
export const logLevels: readonly LogLevel[] = ['error', 'warn', 'info', 'http', 'verbose', 'debug', 'silly']

/** What goes into a line beside its message. `error` may be anything that was thrown. */
export type LogDetails = Readonly<Record<string, unknown>>

/** Writes lines. Ids of the request are added at the call, so that they are right however slow the destination is. */
export interface Logger {
  error(message: string, details?: LogDetails): void
  warn(message: string, details?: LogDetails): void
  info(message: string, details?: LogDetails): void
  http(message: string, details?: LogDetails): void
  verbose(message: string, details?: LogDetails): void
  debug(message: string, details?: LogDetails): void
  silly(message: string, details?: LogDetails): void
  log(level: LogLevel, message: string, details?: LogDetails): void
  /** A logger whose lines all carry `details`; it shares level and destination. */
  child(details: LogDetails): Logger
  /** Least severe level that is written; can be changed while the process runs. */
  level: LogLevel
  /** Whether a line of this level would be written or held: ask before working out what is expensive. */
  isLevelEnabled(level: LogLevel): boolean
  /** Resolves when all that was logged before has reached the destination, or failed to. */
  flush(): Promise<void>
  /** Flushes and lets go of the destination. */
  close(): Promise<void>
}

/** What a logger of the toolkit does for the access log beside taking lines. */
export interface AccessSink {
  /** Writes the line of a request, where the level allows it: held lines are for what the application says of one. */
  write(x: Exchange, level: LogLevel, slow: boolean): void
  /** From now on lines of requests that are below the level are held until the access log says what becomes of them. */
  hold(): void
  /** Writes what was held for a request. */
  release(context: RequestContext): void
}

/** A logger of the toolkit, which has a way of its own for the access log. Other loggers get a plain line. */
export interface AccessLogger extends Logger {
  readonly access: AccessSink
}
