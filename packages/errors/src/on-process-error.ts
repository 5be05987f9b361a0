import { writeSync } from 'node:fs'
import {
  durationOption,
  functionOption,
  rejectUnknownOptions,
  ConfigError,
  systemClock,
  type Clock,
  type Duration,
} from '@hardening/core'

/** Which of the two it was. */
export type ProcessErrorOrigin = 'uncaughtException' | 'unhandledRejection'

/** Where the error is logged: any logger whose `error` takes a message and fields, such as winston's. */
export interface ProcessErrorLogger {
  error(message: string, fields?: Readonly<Record<string, unknown>>): unknown
}

/** Options of {@link onProcessError}. */
export interface OnProcessErrorOptions {
  /** Logs the error, as `{ error, origin }`. @defaultValue the stack on stderr, written at once */
  logger?: ProcessErrorLogger
  /** Sends out what is logged: ends the logger, flushes Sentry. Gets half of the deadline. @defaultValue nothing */
  flush?: () => unknown
  /** Lets requests in flight finish and closes what is open: the graceful shutdown. @defaultValue nothing */
  drain?: () => unknown
  /** Time that `flush` and `drain` have together before the process ends regardless. @defaultValue `'10s'` */
  deadline?: Duration
  /** Where time comes from. @defaultValue the system's */
  clock?: Clock
}

/** What {@link onProcessError} gives back. */
export interface ProcessErrorHandle {
  /** Stops listening. */
  close(): void
}

const factory = 'onProcessError'

/**
 * Ends the process in good order where something has gone wrong that nobody caught: after an uncaught exception or an
 * unhandled rejection its state is unknown, and going on would spread the damage. The error is logged and flushed, what
 * is in flight is drained, and the process exits with 1, once, within the deadline. Errors that come meanwhile are logged
 * too. To be called once a process.
 *
 * @example
 * onProcessError({ logger, flush: () => sentry.flush(2000), drain: () => shutdown.close(), deadline: '10s' })
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 */
export function onProcessError(options: OnProcessErrorOptions = {}): ProcessErrorHandle {
  rejectUnknownOptions(factory, options, ['logger', 'flush', 'drain', 'deadline', 'clock'])
  const { logger, flush = nothing, drain = nothing, deadline = '10s', clock = systemClock } = options
  if (logger !== undefined && typeof (logger as Partial<ProcessErrorLogger> | null)?.error !== 'function') {
    throw new ConfigError(factory, 'logger', 'a logger with the method `error`', logger)
  }
  functionOption(factory, 'flush', flush)
  functionOption(factory, 'drain', drain)
  const deadlineMs = durationOption(factory, 'deadline', deadline, { min: 1 })
  let ending = false

  function log(error: unknown, origin: ProcessErrorOrigin): void {
    try {
      if (logger === undefined) writeStack(error, origin)
      else logger.error(messageOf(origin), { error, origin })
    } catch (failure) {
      // The last thing that can be done for an error whose logger is broken.
      writeStack(error, origin)
      writeStack(failure, 'uncaughtException')
    }
  }

  /** Waits for one part of the end, but no longer than `ms`; says so where it failed or ran out of time. */
  async function within(name: string, run: () => unknown, ms: number): Promise<void> {
    let timer: unknown
    const late = new Promise<'late'>((resolve) => {
      timer = clock.setTimeout(() => resolve('late'), ms)
    })
    try {
      if ((await Promise.race([Promise.resolve().then(run), late])) === 'late')
        write(`${factory}: ${name} took too long`)
    } catch (failure) {
      log(failure, 'unhandledRejection')
    } finally {
      clock.clearTimeout(timer)
    }
  }

  async function end(): Promise<void> {
    const start = clock.monotonic()
    await within('flush', flush, deadlineMs / 2)
    await within('drain', drain, Math.max(0, deadlineMs - (clock.monotonic() - start)))
    process.exit(1)
  }

  function onError(error: unknown, origin: ProcessErrorOrigin): void {
    log(error, origin)
    if (ending) return
    ending = true
    // Holds also where nothing keeps the process alive until the end is reached.
    process.exitCode = 1
    void end()
  }

  const onException = (error: unknown): void => onError(error, 'uncaughtException')
  const onRejection = (reason: unknown): void => onError(reason, 'unhandledRejection')
  process.on('uncaughtException', onException)
  process.on('unhandledRejection', onRejection)
  return {
    close() {
      process.off('uncaughtException', onException)
      process.off('unhandledRejection', onRejection)
    },
  }
}

function nothing(): void {}

function messageOf(origin: ProcessErrorOrigin): string {
  return origin === 'uncaughtException' ? 'Uncaught exception' : 'Unhandled rejection'
}

function writeStack(error: unknown, origin: ProcessErrorOrigin): void {
  let text: string
  try {
    text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  } catch {
    text = 'an unreadable value'
  }
  write(`${messageOf(origin)}: ${text}`)
}

/** Written at once: what waits in a stream is lost when the process exits. */
function write(text: string): void {
  try {
    writeSync(process.stderr.fd, `${text}\n`)
  } catch {
    // Nobody reads it.
  }
}
