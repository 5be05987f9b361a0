import { createLogger, type Logger as WinstonLogger } from 'winston'
import type TransportStream from 'winston-transport'
import type { LogRecord } from './line.js'
import { logLevels } from './logger.js'

const messageSlot = Symbol.for('message')
const levelSlot = Symbol.for('level')

// Lines that may wait for a slow transport; winston itself would keep them all.
const MAX_WAITING = 10_000

/** Transports of winston's beside the destination. Slow or broken ones hold up nobody. */
export class Transports {
  readonly #winston: WinstonLogger
  readonly #transports: readonly TransportStream[]
  /** Lines that were dropped because a transport did not take them. */
  dropped = 0

  constructor(transports: readonly TransportStream[]) {
    this.#transports = transports
    this.#winston = createLogger({
      levels: Object.fromEntries(logLevels.map((name, at) => [name, at])),
      level: 'silly',
      transports: [...transports],
    })
    // A transport that fails must not end the process.
    this.#winston.on('error', ignore)
    for (const transport of transports) transport.on('error', ignore)
  }

  write(record: LogRecord, line: string): void {
    if (this.#winston.writableLength >= MAX_WAITING) {
      this.dropped += 1
      return
    }
    const { level, message, details, requestId, traceId, user } = record
    const info = { ...details, level, message, requestId, traceId, user }
    this.#winston.write({ ...info, [levelSlot]: level, [messageSlot]: line })
  }

  /** Ends the transports; resolves when they have written what they were given, or after two seconds. */
  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, 2_000)
    })
    const finished = this.#transports.map((transport) => new Promise((resolve) => transport.once('finish', resolve)))
    this.#winston.end()
    await Promise.race([Promise.all(finished), late])
    clearTimeout(timer)
    this.#winston.close()
  }
}

function ignore(): void {}
