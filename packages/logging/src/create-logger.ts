import type TransportStream from 'winston-transport'
import {
  choiceOption,
  createRedactor,
  functionOption,
  integerOption,
  rejectUnknownOptions,
  stringOption,
  systemClock,
  type Clock,
  type RedactorOptions,
} from '@hardening/core'
import { accessTemplate } from './access-line.js'
import { HeldLines } from './held-lines.js'
import { lineWriter, type LogFormat } from './line.js'
import { logLevels, type Logger, type LogLevel } from './logger.js'
import type { RotationOptions } from './rotation.js'
import { FileSink, type LogSink } from './sink.js'
import { ToolkitLogger, type Shared } from './toolkit-logger.js'
import { Transports } from './transports.js'

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
  /** When the file is put aside, and how many of those are kept: 10 MB and 10 of them unless said otherwise. */
  rotation?: RotationOptions
  /** Somewhere else for the lines to go. @defaultValue the file, or standard output */
  sink?: LogSink
  /** More transports of winston's, which get every line as `info[Symbol.for('message')]`; level and message too. @defaultValue `[]` */
  transports?: readonly TransportStream[]
  /**
   * Lines below the level that one request may have waiting; they are written if it fails or is slow. 0 holds none.
   * Needs {@link accessLog}, which knows how requests end.
   *
   * @defaultValue 100
   */
  holdLines?: number
  /** What is hidden beside the defaults. */
  redact?: RedactorOptions
  /** @defaultValue the system's */
  clock?: Clock
}

const FACTORY = 'createLogger'
const OPTIONS: readonly (keyof CreateLoggerOptions)[] = [
  'service',
  'version',
  'environment',
  'level',
  'format',
  'file',
  'rotation',
  'sink',
  'transports',
  'holdLines',
  'redact',
  'clock',
]

/**
 * A logger with the levels and transports of winston. Ids of the request are taken and secrets hidden where a line is
 * logged: a format of winston's would take them when the line is written, which is another request's time as soon as a
 * transport is slow. The lines go to the destination directly, past winston's streams, which a slow transport holds up
 * and which lose what they hold when the process exits (winstonjs/winston#1504).
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 *
 * @example
 * const logger = createLogger({ service: 'shop' })
 * logger.info('An order was placed', { order: order.id })
 */
export function createLogger(options: CreateLoggerOptions = {}): Logger {
  rejectUnknownOptions(FACTORY, options, OPTIONS)
  const { service = 'app', version, environment, level = 'info', format = 'json', clock = systemClock } = options
  const { file, rotation, holdLines = 100, transports = [] } = options
  choiceOption(FACTORY, 'level', level, logLevels)
  choiceOption(FACTORY, 'format', format, ['json', 'ecs', 'otel', 'pretty'])
  integerOption(FACTORY, 'holdLines', holdLines, { max: 100_000 })
  for (const [name, text] of Object.entries({ service, version, environment, file })) {
    if (text !== undefined) stringOption(FACTORY, name, text)
  }
  for (const [at, transport] of transports.entries()) {
    for (const method of ['on', 'write', 'log'] as const) {
      functionOption(FACTORY, `transports[${at}].${method}`, transport?.[method])
    }
  }
  if (options.sink !== undefined) functionOption(FACTORY, 'sink.write', options.sink.write)
  const source = { service, version, environment }
  const ownSink = options.sink === undefined ? new FileSink(file ?? 1, { rotation }) : undefined
  const sink = ownSink ?? (options.sink as LogSink)
  const hasTransports = transports.length > 0
  const shared: Shared = {
    level: logLevels.indexOf(level),
    sink,
    transports: hasTransports ? new Transports(transports) : undefined,
    toLine: lineWriter(format, source),
    toAccessLine: format === 'json' && !hasTransports ? accessTemplate(source, ownSink ? '\n' : '') : undefined,
    writeAccessLine: ownSink ? (line) => ownSink.writeEnded(line) : (line) => sink.write(line),
    held: new HeldLines(holdLines),
    redactor: createRedactor(options.redact),
    clock,
  }
  return new ToolkitLogger(shared)
}
